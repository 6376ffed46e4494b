import { openMemory } from '../support/stores.ts';
import { registerCreatingTests } from './creating.ts';

registerCreatingTests('memory', openMemory);
