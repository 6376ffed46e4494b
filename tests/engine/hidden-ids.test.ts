import { openMemory } from '../support/stores.ts';
import { registerHiddenIdTests } from './hidden-ids.ts';

registerHiddenIdTests('memory', openMemory);
