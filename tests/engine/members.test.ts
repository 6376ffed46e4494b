import { openMemory } from '../support/stores.ts';
import { registerMemberTests } from './members.ts';

registerMemberTests('memory', openMemory);
