/** The port `FileTable` on PostgreSQL. */
import { LIMITS } from '@ackord/core';
import type { FileOwner, FileRow, FileState, FileTable, NamedFile } from '../files/ports.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { DatabaseFailure } from './failure.ts';
import { bigintArray, textArray } from './sql-arrays.ts';
import { addFiles, adoptFile } from './statements/file/add-files.ts';
import {
  countPendingFiles,
  readCandidateFiles,
  readFileByKey,
  readNamedFiles,
} from './statements/file/read-files.ts';
import {
  claimDueFiles,
  condemnFiles,
  forgetFiles,
  keepUsedFiles,
  nameScopesOfFiles,
  readUsedFiles,
} from './statements/file/sweep-files.ts';
import { bindFiles, completeFile, replaceFile } from './statements/file/write-files.ts';

interface Row {
  readonly key: string;
  readonly name: string;
  readonly user_id: string;
  readonly type: string | null;
  readonly entity_id: string | null;
  readonly field: string | null;
  readonly content_type: string;
  readonly size_max: number;
  readonly state: FileState;
  readonly size: number | null;
  readonly sha256: string | null;
}

/** Two calls that complete the same name meet at most once each. */
const ATTEMPTS_MAX = 3;

/** All calls reject with a DatabaseFailure when the database can't be reached. */
export function createFileTable(database: Database): FileTable {
  const { use } = database;
  return {
    add: (files, graceMs) =>
      use(async (connection) => {
        if (files.length === 0) return [];
        const texts = [
          files.map((file) => file.key),
          files.map((file) => file.name),
          files.map((file) => file.userId),
          files.map((file) => file.scope),
          files.map((file) => file.owner?.type ?? null),
          files.map((file) => file.owner?.id ?? null),
          files.map((file) => file.owner?.field ?? null),
          files.map((file) => file.contentType),
        ].map(textArray);
        const numbers = [files.map((file) => file.sizeMax), files.map((file) => file.seconds)].map(
          bigintArray,
        );
        const rows = await connection.rows<Row>(addFiles, [...texts, ...numbers, graceMs]);
        const byName = new Map(rows.map((row) => [nameOf(fileOf(row)), fileOf(row)]));
        return files.map((file) => given(byName.get(nameOf(file))));
      }),

    pending: (userId, countMax) =>
      use(async (connection) => {
        const [row] = await connection.rows<{ pending: number }>(countPendingFiles, [userId, countMax]);
        return row?.pending ?? 0;
      }),

    adopt: ({ key, name, userId, scope, owner, contentType, sizeMax }, graceMs) =>
      use(async (connection) => {
        const bound = [scope, owner?.type ?? null, owner?.id ?? null, owner?.field ?? null];
        const values = [key, name, userId, ...bound, contentType, sizeMax, graceMs];
        await connection.count(adoptFile, values);
        return rowOf(connection, key);
      }),

    byKey: (key) => use((connection) => rowOf(connection, key)),

    named: (files) =>
      use(async (connection) => {
        if (files.length === 0) return [];
        const rows = await connection.rows<Row & { position: number }>(readNamedFiles, namedColumns(files));
        const found = new Map(rows.map((row) => [row.position, fileOf(row)]));
        return files.map((_file, index) => found.get(index + 1) ?? null);
      }),

    candidates: ({ owner, name, userId }) =>
      use(async (connection) => {
        const values = [owner.type, owner.id, owner.field, name, userId];
        return (await connection.rows<Row>(readCandidateFiles, values)).map(fileOf);
      }),

    complete: (file) => retrying(() => use((connection) => completeIn(connection, file))),

    bind: (bindings) =>
      use(async (connection) => {
        const columns = [
          bindings.map(({ key }) => key),
          bindings.map(({ scope }) => scope),
          ...ownerColumns(bindings.map(({ owner }) => owner)),
        ].map(textArray);
        await connection.count(bindFiles, [...columns, LIMITS.fileCheckMs]);
      }),

    claimDue: (rowsMax) =>
      use(async (connection) => {
        const rows = await connection.rows<Row>(claimDueFiles, [rowsMax, LIMITS.sweepLeaseMs]);
        const files = rows.map(fileOf);
        const used = await usedAmong(connection, files);
        return files.map((file) => ({ ...file, used: used.has(file.key) }));
      }),

    judge: ({ used, unused }, grace) =>
      use(async (connection) => {
        if (used.length > 0) await connection.count(keepUsedFiles, [textArray(used), LIMITS.fileCheckMs]);
        if (unused.length === 0) return [];
        const values = [textArray(unused), grace, LIMITS.sweepLeaseMs];
        const rows = await connection.rows<{ key: string; state: FileState }>(condemnFiles, values);
        return rows.filter(({ state }) => state === 'removing').map(({ key }) => key);
      }),

    forget: (keys) =>
      use(async (connection) => {
        if (keys.length > 0) await connection.count(forgetFiles, [textArray(keys)]);
      }),
  };
}

async function rowOf(connection: Connection, key: string): Promise<FileRow | null> {
  const [row] = await connection.rows<Row>(readFileByKey, [key]);
  return row ? fileOf(row) : null;
}

async function completeIn(
  connection: Connection,
  { key, size, sha256, binding }: Parameters<FileTable['complete']>[0],
): Promise<boolean> {
  const owner = binding?.owner;
  const [type, id, field] = [owner?.type ?? null, owner?.id ?? null, owner?.field ?? null];
  const checkMs = LIMITS.fileCheckMs;
  await connection.command('BEGIN');
  try {
    if (owner) await connection.count(replaceFile, [key, type, id, field]);
    const values = [key, size, sha256, binding?.scope ?? null, type, id, field, checkMs];
    const count = await connection.count(completeFile, values);
    await connection.command('COMMIT');
    return count > 0;
  } catch (error) {
    await connection.command('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Another call has completed the same name in this moment: then that one gives way, or this one does. */
async function retrying<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const isMet = error instanceof DatabaseFailure && error.constraint === 'file_complete';
      if (!isMet || attempt >= ATTEMPTS_MAX) throw error;
    }
  }
}

/** Keys of those that a live record names. Row-level security shows records of named scopes alone. */
async function usedAmong(connection: Connection, files: readonly FileRow[]): Promise<ReadonlySet<string>> {
  const bound = files.flatMap(({ key, name, owner, state }) =>
    owner && state === 'complete' ? [{ key, name, owner }] : [],
  );
  if (bound.length === 0) return new Set();
  const [types, ids, fields] = ownerColumns(bound.map(({ owner }) => owner)).map(textArray) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const names = textArray(bound.map(({ name }) => name));
  const keys = textArray(bound.map(({ key }) => key));
  await connection.command('BEGIN');
  try {
    await connection.rows(nameScopesOfFiles, [types, ids]);
    const rows = await connection.rows<{ key: string }>(readUsedFiles, [types, ids, fields, names, keys]);
    return new Set(rows.map(({ key }) => key));
  } finally {
    await connection.command('COMMIT').catch(() => {});
  }
}

const ownerColumns = (owners: readonly FileOwner[]): string[][] => [
  owners.map(({ type }) => type),
  owners.map(({ id }) => id),
  owners.map(({ field }) => field),
];

const namedColumns = (files: readonly NamedFile[]): Buffer[] =>
  [
    ...ownerColumns(files.map(({ owner }) => owner)),
    files.map(({ name }) => name),
    files.map(({ userId }) => userId),
  ].map(textArray);

/** What an upload is found again by; without a record the name is the key. */
const nameOf = ({ owner, name, userId }: Pick<FileRow, 'owner' | 'name' | 'userId'>): string =>
  JSON.stringify([owner?.type, owner?.id, owner?.field, name, userId]);

function given(file: FileRow | undefined): FileRow {
  if (!file) throw new Error('An INSERT with RETURNING left out a row.');
  return file;
}

const fileOf = (row: Row): FileRow => ({
  key: row.key,
  name: row.name,
  userId: row.user_id,
  owner:
    row.type === null || row.entity_id === null || row.field === null
      ? null
      : { type: row.type, id: row.entity_id, field: row.field },
  contentType: row.content_type,
  sizeMax: row.size_max,
  state: row.state,
  size: row.size,
  sha256: row.sha256,
});
