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
import { saveRefusals, saveSessions, settleProcessed } from './statements/models/write-models.ts';
import { insertMissingScopes } from './statements/scope/insert-missing-scopes.ts';

export interface ModelWriter {
  refusal(row: RefusedEntry): void;
  session(row: MetricsRow): void;
  /** An entry that may have been refused before was taken after all. */
  processed(entry: ProcessedEntry): void;
  /** Resolves when all that is there now was written, or could not be; rejects never. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessedEntry {
  readonly tenantId: string;
  readonly entryId: string;
}

type Buffer<Row> = Map<string, Row>;

interface Gathered {
  /** By entry, by session: of two rows of one the later stands. */
  readonly refusals: Buffer<RefusedEntry>;
  readonly processed: Buffer<ProcessedEntry>;
  readonly sessions: Buffer<MetricsRow>;
}

const nothing = (): Gathered => ({ refusals: new Map(), processed: new Map(), sessions: new Map() });
const sizeOf = ({ refusals, processed, sessions }: Gathered): number =>
  refusals.size + processed.size + sessions.size;

export function startModelWriter(database: Database, log: (line: string) => void): ModelWriter {
  let gathered = nothing();
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
    if (sizeOf(gathered) === 0) return;
    const some = gathered;
    gathered = nothing();
    try {
      await database.use((connection) => writeRows(connection, some));
      if (dropped > 0) log(`${dropped} rows of sync logs were dropped while the database was away`);
      dropped = 0;
    } catch (error) {
      keep(error, some);
    }
  };

  /** The database is away: they are tried again. Rows that it refuses would be refused for ever. */
  const keep = (error: unknown, some: Gathered): void => {
    const isAway = error instanceof Error && 'outcome' in error && error.outcome !== 'refused';
    if (!isAway || closed) {
      log(`${sizeOf(some)} rows of sync logs could not be written: ${String(error)}`);
      return;
    }
    const newer = gathered;
    gathered = some;
    for (const [key, row] of newer.refusals) {
      gathered.processed.delete(key);
      add(gathered.refusals, key, row);
    }
    for (const [key, row] of newer.processed) add(gathered.processed, key, row);
    for (const [key, row] of newer.sessions) add(gathered.sessions, key, row);
    timer ??= setTimeout(() => void flush(), RETRY_MS).unref();
  };

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    writing = writing.then(writeAll);
    return writing;
  };

  return {
    refusal(row) {
      const key = `${row.tenantId} ${row.entryId}`;
      gathered.processed.delete(key);
      add(gathered.refusals, key, row);
    },
    // Refusals are written first, so one that waits here is settled too.
    processed: (entry) => add(gathered.processed, `${entry.tenantId} ${entry.entryId}`, entry),
    session: (row) => add(gathered.sessions, row.id, row),
    flush,
    async close() {
      await flush();
      closed = true;
      if (timer) clearTimeout(timer);
      if (sizeOf(gathered) > 0) log(`${sizeOf(gathered)} rows of sync logs were lost: the database was away`);
    },
  };
}

const RETRY_MS = 1_000;

async function writeRows(connection: Connection, rows: Gathered): Promise<void> {
  const refusals = [...rows.refusals.values()];
  const processed = [...rows.processed.values()];
  const sessions = [...rows.sessions.values()];
  const tenants = [...refusals, ...processed].map(({ tenantId }) => tenantId);
  const scopes = [...new Set([...tenants, ...sessions.map((row) => row.tenant_id)])].map(scopeOf);
  await inNamedScopes(connection, scopes, async (open) => {
    await Promise.all([
      // No wait for the disk: what a crash takes is a line about the past.
      open.command('SET LOCAL synchronous_commit = off'),
      // What is old is trimmed scope by scope, so that of a tenant in which nothing was ever committed too.
      open.count(insertMissingScopes, [textArray(scopes)]),
      refusals.length > 0 && open.count(saveRefusals, refusalColumns(refusals)),
      processed.length > 0 &&
        open.count(settleProcessed, [
          textArray(processed.map(({ tenantId }) => scopeOf(tenantId))),
          texts(processed.map(({ entryId }) => entryId)),
        ]),
      sessions.length > 0 && open.count(saveSessions, sessionColumns(sessions)),
    ]);
  });
}

const scopeOf = (tenantId: string): string => `tenant:${tenantId}`;

/** What was refused may be any text; one that no column takes would spoil the rows of all others. */
const texts = (values: readonly string[]) =>
  textArray(
    values.map((text) => text.slice(0, LIMITS.failureTextLengthMax).toWellFormed().replaceAll('\0', '')),
  );

const refusalColumns = (rows: readonly RefusedEntry[]) => [
  textArray(rows.map(({ tenantId }) => scopeOf(tenantId))),
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
