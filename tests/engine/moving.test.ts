import { openMemory } from '../support/stores.ts';
import { registerMoveTests } from './moving.ts';

registerMoveTests('memory', openMemory);
