/**
 * Gathers rows of the sync models and writes them together, LIMITS.modelsFlushMs after the first. While the database is
 * away they wait, at most LIMITS.modelsBufferedMax of them; then the oldest go, and the log says how many.
 */
import { LIMITS } from '@ackord/core';
import type { MetricsRow, RefusedEntry } from '../sync-models/ports.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { inNamedScopes } from './in-named-scopes.ts';
import { booleanArray, integerArray, jsonArray, textArray, timeArray } from './sql-arrays.ts';
import { saveRefusals, saveSessions } from './statements/models/write-models.ts';

export interface ModelWriter {
  refusal(row: RefusedEntry): void;
  session(row: MetricsRow): void;
  /** Resolves when all that is there now was written, or could not be; rejects never. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

type Buffer<Row> = Map<string, Row>;

export function startModelWriter(database: Database, log: (line: string) => void): ModelWriter {
  /** By entry, by session: of two rows of one the later stands. */
  let refusals: Buffer<RefusedEntry> = new Map();
  let sessions: Buffer<MetricsRow> = new Map();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let dropped = 0;
  let closed = false;

  const add = <Row>(rows: Buffer<Row>, key: string, row: Row): void => {
    if (closed) return;
    rows.delete(key);
    rows.set(key, row);
    if (rows.size > LIMITS.modelsBufferedMax) {
      const [oldest] = rows.keys();
      if (oldest !== undefined) rows.delete(oldest);
      dropped++;
    }
    timer ??= setTimeout(() => void flush(), LIMITS.modelsFlushMs).unref();
  };

  const writeAll = async (): Promise<void> => {
    if (refusals.size === 0 && sessions.size === 0) return;
    const [someRefusals, someSessions] = [refusals, sessions];
    refusals = new Map();
    sessions = new Map();
    try {
      await database.use((connection) =>
        writeRows(connection, [...someRefusals.values()], [...someSessions.values()]),
      );
      if (dropped > 0) log(`${dropped} rows of sync logs were dropped while the database was away`);
      dropped = 0;
    } catch (error) {
      keep(error, someRefusals, someSessions);
    }
  };

  /** The database is away: they are tried again. Rows that it refuses would be refused for ever. */
  const keep = (error: unknown, some: Buffer<RefusedEntry>, more: Buffer<MetricsRow>): void => {
    const isAway = error instanceof Error && 'outcome' in error && error.outcome !== 'refused';
    if (!isAway || closed) {
      log(`${some.size + more.size} rows of sync logs could not be written: ${String(error)}`);
      return;
    }
    const [newer, newerSessions] = [refusals, sessions];
    [refusals, sessions] = [some, more];
    for (const [key, row] of newer) add(refusals, key, row);
    for (const [key, row] of newerSessions) add(sessions, key, row);
    timer ??= setTimeout(() => void flush(), RETRY_MS).unref();
  };

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    writing = writing.then(writeAll);
    return writing;
  };

  return {
    refusal: (row) => add(refusals, `${row.tenantId} ${row.entryId}`, row),
    session: (row) => add(sessions, row.id, row),
    flush,
    async close() {
      await flush();
      closed = true;
      if (timer) clearTimeout(timer);
    },
  };
}

const RETRY_MS = 1_000;

async function writeRows(
  connection: Connection,
  refusals: readonly RefusedEntry[],
  sessions: readonly MetricsRow[],
): Promise<void> {
  const tenants = [...refusals.map(({ tenantId }) => tenantId), ...sessions.map((row) => row.tenant_id)];
  const scopes = [...new Set(tenants)].map((tenant) => `tenant:${tenant}`);
  await inNamedScopes(connection, scopes, async (open) => {
    await Promise.all([
      // No wait for the disk: what a crash takes is a line about the past.
      open.command('SET LOCAL synchronous_commit = off'),
      refusals.length > 0 && open.count(saveRefusals, refusalColumns(refusals)),
      sessions.length > 0 && open.count(saveSessions, sessionColumns(sessions)),
    ]);
  });
}

/** What was refused may be any text; one that no column takes would spoil the rows of all others. */
const texts = (values: readonly string[]) =>
  textArray(
    values.map((text) => text.slice(0, LIMITS.failureTextLengthMax).toWellFormed().replaceAll('\0', '')),
  );

const refusalColumns = (rows: readonly RefusedEntry[]) => [
  textArray(rows.map(({ tenantId }) => `tenant:${tenantId}`)),
  texts(rows.map(({ entryId }) => entryId)),
  timeArray(rows.map(({ at }) => at)),
  texts(rows.map(({ actor }) => actor)),
  texts(rows.map(({ entityType }) => entityType)),
  texts(rows.map(({ entityId }) => entityId)),
  texts(rows.map(({ operation }) => operation)),
  textArray(rows.map(({ code }) => code)),
  texts(rows.map(({ message }) => message)),
  integerArray(rows.map(({ retryCount }) => retryCount)),
];

const sessionColumns = (rows: readonly MetricsRow[]) => [
  textArray(rows.map((row) => row.id)),
  textArray(rows.map((row) => row.tenant_id)),
  textArray(rows.map((row) => row.sync_session_id)),
  timeArray(rows.map((row) => row.start_time)),
  timeArray(rows.map((row) => row.end_time)),
  // A duration of −1 stands for none: the column of the array takes no null.
  integerArray(rows.map((row) => row.duration_ms ?? -1)),
  integerArray(rows.map((row) => row.entities_processed)),
  integerArray(rows.map((row) => row.entities_successful)),
  integerArray(rows.map((row) => row.entities_failed)),
  integerArray(rows.map((row) => row.conflicts_detected)),
  textArray(rows.map((row) => row.sync_type)),
  textArray(rows.map((row) => row.trigger_source)),
  booleanArray(rows.map((row) => row.success)),
  textArray(rows.map((row) => row.error_summary)),
  jsonArray(rows.map((row) => row.performance_data)),
];
