import { openMemory } from '../support/stores.ts';
import { registerListTests } from './lists.ts';

registerListTests('memory', openMemory);
