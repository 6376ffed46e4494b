/** Files that were made to do harm, or came to it. */
import { LIMITS } from '@ackord/core';
import initSqlJs from 'sql.js';
import { expect, test } from 'vitest';
import { inThread } from '../../src/sqlite/in-thread.ts';
import { readFile } from '../../src/sqlite/read-file.ts';
import { TENANT_TABLES } from '../../src/sqlite/tables.ts';
import { readTenantDatabase } from '../../src/sqlite/tenant-file.ts';
import { fileBy, fileOf } from './support.ts';

const sql = await initSqlJs();
const small = { rowsMax: 100, tablesMax: 10, valueBytesMax: 1_000, problemsMax: 2 };
const look = (bytes: Uint8Array) => readFile(sql, bytes, TENANT_TABLES, small);

const accounts = 'CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT)';
const filled = (rows: number, size = 100) =>
  fileBy((database) => {
    database.run(accounts);
    for (let row = 0; row < rows; row += 1)
      database.run('INSERT INTO accounts VALUES (?, ?)', [`a${row}`, 'x'.repeat(size)]);
  });

test('what is no SQLite file is told as such', async () => {
  for (const bytes of [
    new Uint8Array(),
    new TextEncoder().encode('SQLite format 3\0'),
    new Uint8Array(5_000),
  ])
    expect(await readTenantDatabase(bytes)).toMatchObject({ ok: false, fault: 'not-sqlite' });
  const large = new Uint8Array(LIMITS.sqliteFileBytesMax + 1);
  large.set(filled(1));
  expect(await readTenantDatabase(large)).toMatchObject({ ok: false, fault: 'too-large' });
  expect(await readTenantDatabase(fileOf('CREATE TABLE other (id TEXT)'))).toMatchObject({
    ok: false,
    fault: 'not-a-tenant',
  });
});

test('a file that was cut off anywhere, or whose bytes are damaged, is an answer and never half of one', () => {
  const whole = filled(90, 300);
  expect(look(whole.slice())).toMatchObject({ ok: true });
  for (let length = 0; length < whole.length; length += 997)
    expect(look(whole.slice(0, length)).ok).toBe(false);
  for (let at = 16; at < whole.length; at += 97) {
    const damaged = whole.slice();
    damaged.fill(0xff, at, at + 8);
    expect(typeof look(damaged).ok).toBe('boolean');
  }
});

test('a file with a log beside it is read as it stands', () => {
  const bytes = filled(3);
  bytes.fill(2, 18, 20);
  expect(rowsIn(look(bytes))).toBe(3);
});

const endless = 'WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n';

test('views, virtual tables and computed columns are not asked', () => {
  const read = look(
    fileOf(
      `CREATE VIEW accounts AS ${endless}`,
      'CREATE VIRTUAL TABLE tags USING fts3(id)',
      'CREATE TABLE recipients (id TEXT, note TEXT)',
      `INSERT INTO recipients VALUES ('r', 'n')`,
      'ALTER TABLE recipients ADD COLUMN name TEXT AS (hex(zeroblob(400000000)))',
    ),
  );
  expect(read).toMatchObject({
    ok: true,
    problems: [
      { table: 'accounts', reason: 'It is no plain table: nothing of it is read.' },
      { table: 'tags', reason: 'It is no plain table: nothing of it is read.' },
    ],
  });
  expect(read.ok && read.tables.get('recipients')).toEqual([{ id: 'r', note: 'n' }]);
});

test('triggers, indexes over expressions and tables of a thousand columns do nothing', () => {
  const wide = Array.from({ length: 1_000 }, (_, index) => `c${index} TEXT`).join(', ');
  const read = look(
    fileOf(
      `CREATE TABLE accounts (id TEXT, ${wide}, name TEXT)`,
      `CREATE TABLE tags (id TEXT PRIMARY KEY, name TEXT CHECK (length(name) < 9)) WITHOUT ROWID`,
      `CREATE INDEX i ON tags (id, name, upper(name))`,
      `CREATE TRIGGER t AFTER INSERT ON accounts BEGIN INSERT INTO accounts (id) VALUES ('more'); END`,
      `INSERT INTO tags VALUES ('t', 'n')`,
      'PRAGMA recursive_triggers = OFF',
      `INSERT INTO accounts (id, name) VALUES ('a', 'n')`,
    ),
  );
  expect(read.ok && read.tables.get('accounts')).toEqual([
    { id: 'a', name: 'n' },
    { id: 'more', name: null },
  ]);
  expect(read.ok && read.tables.get('tags')).toEqual([{ id: 't', name: 'n' }]);
});

test('too many rows, tables and faults end at their limits', () => {
  expect(look(filled(small.rowsMax + 1, 1))).toEqual({ ok: false, fault: 'too-many-rows' });
  const tables = Array.from({ length: 11 }, (_, index) => `CREATE TABLE t${index} (id)`);
  expect(look(fileOf(...tables))).toEqual({ ok: false, fault: 'too-many-tables' });
  const crowded = fileBy((database) => {
    database.run('BEGIN');
    for (let index = 0; index < 2_000; index += 1) database.run(`CREATE TABLE t${index} (id)`);
    database.run('COMMIT');
  });
  expect(look(crowded)).toEqual({ ok: false, fault: 'too-many-tables' });
  const faulty = look(fileOf('CREATE TABLE tags (id)', `INSERT INTO tags VALUES (x'00'), (x'01'), (x'02')`));
  expect(faulty).toMatchObject({ problemCount: 3, problems: [{ id: '(row 1)' }, { id: '(row 2)' }] });
  const large = look(filled(2, 1_001));
  expect(large).toMatchObject({ ok: true, problemCount: 2 });
});

test('pages that stand for many rows neither hang it nor fill the memory', () => {
  // All children of the root of the table become the same page, again and again.
  const bytes = filled(90, 300);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const pageSize = view.getUint16(16);
  const root = pagesOf(bytes, pageSize).find((at) => bytes[at] === 5) ?? 0;
  const cells = view.getUint16(root + 3);
  const first = view.getUint32(root + view.getUint16(root + 12));
  for (let cell = 0; cell < cells; cell += 1)
    view.setUint32(root + view.getUint16(root + 12 + 2 * cell), first);
  expect(typeof look(bytes.slice()).ok).toBe('boolean');
  // The root as its own child: a ring.
  view.setUint32(root + view.getUint16(root + 12), root / pageSize + 1);
  expect(look(bytes)).toEqual({ ok: false, fault: 'broken' });
});

const pagesOf = (bytes: Uint8Array, size: number): number[] =>
  Array.from({ length: bytes.length / size - 1 }, (_, index) => (index + 1) * size);

const rowsIn = (read: ReturnType<typeof readFile>) => (read.ok ? read.tables.get('accounts')?.length : null);

test('a file that takes too long is given up, and the next one is read', async () => {
  const limits = { ...small, rowsMax: 1_000 };
  const job = { kind: 'read', bytes: filled(10), tables: TENANT_TABLES, limits } as const;
  const [given, next] = await Promise.all([inThread(job, 1), inThread(job)]);
  expect(given).toEqual({ ok: false, fault: 'slow' });
  expect(next).toMatchObject({ ok: true, answer: { ok: true } });
});
