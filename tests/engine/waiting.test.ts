import { openMemory } from '../support/stores.ts';
import { registerWaitingTests } from './waiting.ts';

registerWaitingTests('memory', openMemory);
