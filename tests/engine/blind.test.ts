import { openMemory } from '../support/stores.ts';
import { registerBlindTests } from './blind.ts';

registerBlindTests('memory', openMemory);
