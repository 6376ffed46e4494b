import { openMemory } from '../support/stores.ts';
import { registerResolvingTests } from './resolving.ts';

registerResolvingTests('memory', openMemory);
