import { openMemory } from '../support/stores.ts';
import { registerMomentTests } from './moments.ts';

registerMomentTests('memory', openMemory);
