import { openMemory } from '../support/stores.ts';
import { registerMovedConflictTests } from './moved-conflicts.ts';

registerMovedConflictTests('memory', openMemory);
