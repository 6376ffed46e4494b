import { openMemory } from '../support/stores.ts';
import { registerAliasTests } from './aliases.ts';

registerAliasTests('memory', openMemory);
