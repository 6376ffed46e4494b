import { openMemory } from '../support/stores.ts';
import { registerTransactionTests } from './transactions.ts';

registerTransactionTests('memory', openMemory);
