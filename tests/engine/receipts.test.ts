import { openMemory } from '../support/stores.ts';
import { registerReceiptTests } from './receipts.ts';

registerReceiptTests('memory', openMemory);
