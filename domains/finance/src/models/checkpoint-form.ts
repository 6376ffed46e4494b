/** What checkpoints of finance tenants need to know of their records. */
import type { CheckpointForm } from '@ackord/server';
import { restoreChecksum } from '../checksum/entity-checksum.ts';
import { typeNameOf } from '../wire/type-names.ts';

export const financeCheckpointForm: CheckpointForm = {
  domain: 'finance',
  checksum(name, id, fields) {
    const typeName = typeNameOf(name);
    if (typeName === null) throw new Error(`${name} is not synced`);
    return restoreChecksum(typeName, id, fields);
  },
  // Apps refuse to delete groups with accounts in them, accounts with transactions, and so on.
  order: [
    'AccountGroup',
    'CategoryGroup',
    'Category',
    'Tag',
    'Recipient',
    'Account',
    'AutomationRule',
    'PlanningTransaction',
    'Transaction',
  ],
};
