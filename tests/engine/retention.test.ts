import { openMemory } from '../support/stores.ts';
import { registerRetentionTests } from './retention.ts';

registerRetentionTests('memory', openMemory);
