/** A tenant with a history, made by an engine directly: for tests of what history tells. */
import { createHash, randomUUID } from 'node:crypto';
import { createRegistry, type RecordState } from '@ackord/core';
import { financeDomain, restoreChecksum, TYPE_NAMES, type TypeName } from '@ackord/finance';
import {
  type Actor,
  createEngine,
  type Engine,
  type RawChange,
  type Receipt,
  type Store,
} from '@ackord/server';
import { financeCheckpointForm } from '../../domains/finance/src/models/checkpoint-form.ts';
import type { Checkpoint, CheckpointTable } from '../../packages/server/src/engine/checkpoint-ports.ts';
import { type Checkpoints, createCheckpoints } from '../../packages/server/src/engine/checkpoints.ts';

export const registry = createRegistry([financeDomain]);

export interface Tenant {
  readonly engine: Engine;
  readonly checkpoints: Checkpoints;
  readonly tenantId: string;
  readonly scope: string;
  readonly actor: Actor;
  send(changes: readonly RawChange[], device?: string): Promise<readonly Receipt[]>;
  live(): Promise<readonly RecordState[]>;
}

/** Checkpoints in memory, where there is no database. */
export function checkpointsInMemory(): CheckpointTable {
  const kept: Checkpoint[] = [];
  return {
    add: async (checkpoint) => void kept.unshift(checkpoint),
    list: async (scope, limit) => kept.filter((one) => one.scope === scope).slice(0, limit),
    find: async (scope, id) => kept.find((one) => one.scope === scope && one.id === id) ?? null,
    async invalidate(scope, id, faults) {
      const at = kept.findIndex((one) => one.scope === scope && one.id === id);
      const found = kept[at];
      if (found) kept[at] = { ...found, isValid: false, faults };
    },
  };
}

export function tenantOn(store: Store, table: CheckpointTable, now: () => number = Date.now): Tenant {
  const engine = createEngine({ registry, store, now });
  const tenantId = randomUUID();
  const scope = `tenant:${tenantId}`;
  const actor = { userId: scope };
  return {
    engine,
    checkpoints: createCheckpoints({ engine, store, table, registry, form: financeCheckpointForm }),
    tenantId,
    scope,
    actor,
    async send(changes, device = 'one') {
      const batchId = randomUUID();
      const submission = {
        domain: 'finance',
        actor,
        device,
        batchId,
        origin: 'client',
        tenant: tenantId,
        changes,
      } as const;
      return (await engine.submit(submission)).receipts;
    },
    async live() {
      const records: RecordState[] = [];
      const onPage = (page: readonly RecordState[]) => void records.push(...page);
      const read = await engine.wholeScope({ actor, domain: 'finance', scope, onPage });
      if (!read.ok) throw new Error(read.message);
      return records.filter(({ tombstone }) => tombstone === null);
    },
  };
}

/** One text per type over all live records, made apart from the code under test. */
export function summary(records: readonly RecordState[]): Record<string, string> {
  return Object.fromEntries(
    TYPE_NAMES.map((name) => {
      const lines = records
        .filter(({ type }) => type === `finance.${name}`)
        .map(({ id, fields }) => restoreChecksum(name, id.slice(id.indexOf('/') + 1), fields))
        .sort();
      return [name, `${lines.length} ${createHash('sha256').update(lines.join()).digest('hex')}`];
    }),
  );
}

/** Stored fields of the least record of some types. */
export const FIELDS: { readonly [Type in TypeName]?: Record<string, unknown> } = {
  Account: {
    name: 'Giro',
    isActive: true,
    isOfflineBudget: false,
    accountGroupId: 'g',
    balance: '0',
    offset: '0',
  },
  AccountGroup: { name: 'Bank', sortOrder: 1 },
  Recipient: { name: 'Baker' },
  Tag: { name: 'Holiday' },
  Transaction: {
    accountId: 'a',
    date: '2025-01-02',
    valueDate: '2025-01-02',
    amount: '-12.34',
    type: 'EXPENSE',
    runningBalance: '100',
    tagIds: ['t1', 't2'],
  },
};

export const SOME_TYPES = Object.keys(FIELDS) as TypeName[];

/** A field of each of these types that edits change. */
export const editOf = (typeName: TypeName, value: string): Record<string, unknown> => {
  switch (typeName) {
    case 'Transaction':
      return { note: value, amount: `${value.length}.5` };
    case 'Account':
      return { note: value };
    default:
      return { name: value };
  }
};

export const createOf = (typeName: TypeName, id: string, more: Partial<RawChange> = {}): RawChange => ({
  entityType: typeName,
  id,
  operation: 'CREATE',
  base: null,
  changeId: randomUUID(),
  fields: FIELDS[typeName] ?? {},
  ...more,
});

export const updateOf = (
  typeName: TypeName,
  id: string,
  value: string,
  more: Partial<RawChange> = {},
): RawChange => ({
  entityType: typeName,
  id,
  operation: 'UPDATE',
  base: null,
  changeId: randomUUID(),
  fields: { ...FIELDS[typeName], ...editOf(typeName, value) },
  ...more,
});

export const deleteOf = (typeName: TypeName, id: string, more: Partial<RawChange> = {}): RawChange => ({
  entityType: typeName,
  id,
  operation: 'DELETE',
  base: null,
  changeId: randomUUID(),
  fields: {},
  ...more,
});
