import { openPostgres } from '../support/stores.ts';
import { registerRetentionTests } from './retention.ts';

registerRetentionTests('PostgreSQL', openPostgres);
