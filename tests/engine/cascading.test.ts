import { openMemory } from '../support/stores.ts';
import { registerCascadeTests } from './cascading.ts';

registerCascadeTests('memory', openMemory);
