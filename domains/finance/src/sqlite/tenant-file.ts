/**
 * The SQLite file of a tenant: bytes in, entities as the wire has them out, and the reverse. A file is never trusted
 * (read-file.ts), and what is wrong with it is an answer.
 */
import { LIMITS } from '@ackord/core';
import { TYPE_NAMES, type TypeName } from '../wire/type-names.ts';
import { inThread } from './in-thread.ts';
import { isSqlite } from './magic.ts';
import type { FileFault, RowProblem } from './read-file.ts';
import { type Table, TENANT_TABLES, tableOf } from './tables.ts';

export interface TenantRecord {
  readonly type: TypeName;
  readonly id: string;
  /** As on the wire, `id` and `updated_at` included. Columns that a file does not have are left out. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TenantFile {
  readonly ok: true;
  readonly records: readonly TenantRecord[];
  /** Tables that the file does not have, which reads as empty ones. */
  readonly missing: readonly string[];
  /** Rows that could not be taken. The first ones; `problemCount` are there in all. */
  readonly problems: readonly RowProblem[];
  readonly problemCount: number;
}

/** `busy` is the one that passes by itself. */
export type UnreadableFault =
  | FileFault
  | 'too-large'
  | 'not-a-tenant'
  | 'not-of-users'
  | 'slow'
  | 'busy'
  | 'no-access'
  | 'being-written';

export interface Unreadable {
  readonly ok: false;
  readonly fault: UnreadableFault;
  /** Sentences for people. */
  readonly reason: string;
}

export async function readTenantDatabase(bytes: Uint8Array): Promise<TenantFile | Unreadable> {
  const file = await readTables(bytes, TENANT_TABLES);
  if (!file.ok) return file;
  if (file.missing.length === TENANT_TABLES.length) return unreadable('not-a-tenant');
  const records = TYPE_NAMES.flatMap((type) =>
    (file.tables.get(tableOf(type).name) ?? []).map((fields) => ({ type, id: String(fields.id), fields })),
  );
  const { missing, problems, problemCount } = file;
  return { ok: true, records, missing, problems, problemCount };
}

/** Each entity as the wire has it. null: the server is busy with other files. */
export async function writeTenantDatabase(records: readonly TenantRecord[]): Promise<Uint8Array | null> {
  const rows = new Map(TYPE_NAMES.map((type) => [type, [] as TenantRecord['fields'][]]));
  for (const { type, fields } of records) rows.get(type)?.push(fields);
  const tables = TYPE_NAMES.map((type) => ({ table: tableOf(type), rows: rows.get(type) ?? [] }));
  const done = await inThread({ kind: 'write', tables });
  return done.ok ? done.answer : null;
}

/** What all files have in common. */
export async function readTables(bytes: Uint8Array, tables: readonly Table[]) {
  // Before a thread is made for it.
  if (!isSqlite(bytes)) return unreadable('not-sqlite');
  if (bytes.length > LIMITS.sqliteFileBytesMax) return unreadable('too-large');
  const limits = {
    rowsMax: LIMITS.sqliteRowsMax,
    tablesMax: LIMITS.sqliteTablesMax,
    valueBytesMax: LIMITS.sqliteValueBytesMax,
    problemsMax: LIMITS.sqliteProblemsMax,
  };
  const done = await inThread({ kind: 'read', bytes, tables, limits });
  if (!done.ok) return unreadable(done.fault === 'large' ? 'too-large' : done.fault);
  return done.answer.ok ? done.answer : unreadable(done.answer.fault);
}

export const unreadable = (fault: UnreadableFault): Unreadable => ({
  ok: false,
  fault,
  reason: REASONS[fault],
});

const REASONS: Record<UnreadableFault, string> = {
  'not-sqlite': 'It is not a SQLite file.',
  'not-a-tenant': 'It has none of the tables of a tenant, such as accounts and transactions.',
  'not-of-users': 'It has no tables users and tenants.',
  broken: 'It is a SQLite file, but broken, most likely cut off. Copy it again while nothing writes to it.',
  'too-large': `It is larger than the ${LIMITS.sqliteFileBytesMax / 1024 / 1024} MB that are read.`,
  'too-many-tables': `It has more than ${LIMITS.sqliteTablesMax} tables and indexes.`,
  'too-many-rows': `It has more than the ${LIMITS.sqliteRowsMax} rows that are read.`,
  'no-access': 'It can’t be read. Check that it is still there and may be read.',
  'being-written': 'Something is writing to it. Stop the original server and run this again.',
  slow: 'It could not be read in reasonable time, most likely because it is broken.',
  busy: 'The server is busy with other files. Try again in a minute.',
};
