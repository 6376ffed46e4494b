import { openMemory } from '../support/stores.ts';
import { registerFailureTests } from './failures.ts';

registerFailureTests('memory', openMemory);
