import fc from 'fast-check';
import initSqlJs from 'sql.js';
import { expect, test } from 'vitest';
import { type Row, readFile } from '../../src/sqlite/read-file.ts';
import { type Column, type Table, tableOf } from '../../src/sqlite/tables.ts';
import { readTenantDatabase, writeTenantDatabase } from '../../src/sqlite/tenant-file.ts';
import { writeFile } from '../../src/sqlite/write-file.ts';
import { TYPE_NAMES, type TypeName } from '../../src/wire/type-names.ts';
import { ask, fileOf } from './support.ts';

const sql = await initSqlJs();

async function read(bytes: Uint8Array) {
  const file = await readTenantDatabase(bytes);
  if (!file.ok) throw new Error(file.reason);
  return file;
}

test('values of the original become values of the wire', async () => {
  const file = await read(
    fileOf(
      `CREATE TABLE accounts (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, "isActive" BOOLEAN, "isOfflineBudget" BOOLEAN,
        balance NUMERIC(10, 2), "creditLimit" NUMERIC(10, 2), "offset" INTEGER, logo_path VARCHAR, "createdAt" DATETIME, "updatedAt" DATETIME)`,
      `INSERT INTO accounts VALUES ('a1', 'Giro', 1, 0, '100.00', -0.01, 5, NULL, '2025-01-01 00:00:00', '2025-01-02 03:04:05.678901')`,
      `CREATE TABLE transactions (id VARCHAR PRIMARY KEY, "tagIds" JSON, "createdAt" DATETIME, "updatedAt" DATETIME, extra BLOB)`,
      `INSERT INTO transactions VALUES ('t1', '["x", "y"]', '2025-01-02 03:04:05', '2025-01-02T03:04:05+01:00', x'00')`,
    ),
  );
  expect(file.problems).toEqual([]);
  expect(file.missing).toHaveLength(7);
  expect(file.records).toEqual([
    {
      type: 'Account',
      id: 'a1',
      fields: {
        id: 'a1',
        name: 'Giro',
        isActive: true,
        isOfflineBudget: false,
        balance: 100,
        creditLimit: -0.01,
        offset: 5,
        logo_path: null,
        updated_at: '2025-01-02T03:04:05.678Z',
      },
    },
    {
      type: 'Transaction',
      id: 't1',
      fields: {
        id: 't1',
        tagIds: ['x', 'y'],
        createdAt: '2025-01-02T03:04:05.000Z',
        updated_at: '2025-01-02T02:04:05.000Z',
      },
    },
  ]);
});

test('names of tables and columns are found in any case, with or without underscores', async () => {
  const file = await read(
    fileOf(
      'CREATE TABLE PlanningTransactions (ID TEXT, recipient_id TEXT, TAG_IDS TEXT, is_active INT, updated_at TEXT)',
      `INSERT INTO PlanningTransactions VALUES ('p1', 'r1', '[]', 1, '2025-01-02')`,
    ),
  );
  expect(file.records.map(({ fields }) => fields)).toEqual([
    { id: 'p1', recipientId: 'r1', tagIds: [], isActive: true, updated_at: '2025-01-02T00:00:00.000Z' },
  ]);
});

test('a row that does not fit is named with the reason, and the others come', async () => {
  const file = await read(
    fileOf(
      'CREATE TABLE accounts (id TEXT, "isActive", balance, note)',
      `INSERT INTO accounts VALUES ('a', 2, 1, 'n'), ('b', 1, 'much', 'n'), (NULL, 1, 1, 'n'), ('d', 1, 1, x'ff'), ('e', 1, 1, 'n')`,
      `INSERT INTO accounts VALUES ('f', 1, 1, printf('%.*c', 1048577, 'x'))`,
      'CREATE TABLE tags (id TEXT, "updatedAt")',
      `INSERT INTO tags VALUES ('t', 'yesterday')`,
      'CREATE TABLE automation_rules (id TEXT, conditions)',
      `INSERT INTO automation_rules VALUES ('r', '{'), ('s', '{}'), ('u', 'null')`,
      'CREATE TABLE recipients (name TEXT)',
    ),
  );
  expect(file.records.map(({ id }) => id)).toEqual(['e', 'u']);
  expect(file.problems.map(({ table, id, reason }) => `${table} ${id}: ${reason}`)).toEqual([
    'accounts a: isActive is neither true nor false.',
    'accounts b: balance is no number.',
    'accounts (row 3): It has no id.',
    'accounts d: note holds bytes.',
    'accounts f: note is too large.',
    'recipients : It has no column id: nothing of it is read.',
    'tags t: updatedAt is no time.',
    'automation_rules r: conditions is no JSON.',
    'automation_rules s: conditions is no list.',
  ]);
});

test('what is written is read back exactly', () => {
  const limits = { rowsMax: 100, tablesMax: 10, valueBytesMax: 100_000, problemsMax: 10 };
  fc.assert(
    fc.property(fc.constantFrom(...TYPE_NAMES).chain(rowsOf), ({ table, rows }) => {
      const file = readFile(sql, writeFile(sql, [{ table, rows }]), [table], limits);
      expect(file).toMatchObject({ ok: true, problems: [], missing: [] });
      expect(file.ok && file.tables.get(table.name)).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

test('a record goes out and in, under the names of the original', async () => {
  const fields = {
    id: 'ä',
    name: 'Bär & Co',
    balance: 0.1,
    isActive: true,
    updated_at: '2025-01-02T03:04:05.678Z',
  };
  const bytes = (await writeTenantDatabase([{ type: 'Account', id: 'ä', fields }])) ?? new Uint8Array();
  expect(ask(bytes, 'SELECT id, balance, "isActive", "updatedAt", "createdAt" FROM accounts')).toEqual([
    ['ä', 0.1, 1, '2025-01-02 03:04:05.678000', null],
  ]);
  const { records, missing } = await read(bytes);
  expect([missing, records]).toMatchObject([[], [{ type: 'Account', id: 'ä', fields }]]);
});

const some = (of: fc.Arbitrary<unknown>) => fc.option(of, { nil: null });
const anAmount = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => cents / 100);
const aText = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));

function aValue({ kind, key }: Column): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'text':
      return key === 'id' ? fc.uuid() : some(aText);
    case 'integer':
      return some(fc.maxSafeInteger());
    case 'number':
      return some(anAmount.map((amount) => amount + 0));
    case 'flag':
      return some(fc.boolean());
    case 'list':
      return some(fc.array(fc.oneof(aText, fc.record({ type: aText, value: fc.oneof(aText, anAmount) }))));
    case 'time':
      return some(
        fc
          .date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString()),
      );
  }
}

function rowsOf(type: TypeName): fc.Arbitrary<{ table: Table; rows: Row[] }> {
  const table = tableOf(type);
  const columns = table.columns.flatMap((column) =>
    column.key === null ? [] : [[column.key, aValue(column)] as const],
  );
  return fc
    .uniqueArray(fc.record(Object.fromEntries(columns)), { maxLength: 20, selector: ({ id }) => id })
    .map((rows) => ({ table, rows }));
}
