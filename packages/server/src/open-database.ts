/**
 * The database that the configuration asks for: the one at DATABASE_URL, or an own PostgreSQL in the data folder.
 * Promises: the tables are up to date; `close` ends all that was started here; so does a failed start.
 */
import type { Registry } from '@ackord/core';
import type { UserStore } from './auth/ports.ts';
import type { Config } from './config.ts';
import type { CheckpointTable } from './engine/checkpoint-ports.ts';
import type { Store } from './engine/ports.ts';
import type { FileTable } from './files/ports.ts';
import type { Logger } from './observe/logger.ts';
import type { PoolState } from './observe/metrics.ts';
import { withoutValues } from './observe/redact.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './store/embedded.ts';
import { openPostgresStore } from './store/postgres-store.ts';
import type { SyncModels } from './sync-models/ports.ts';

/** Connection strings; `appUrl` has fewer rights, if there is such a role. */
export interface DatabaseUrls {
  readonly ownerUrl: string;
  readonly appUrl?: string;
}

export interface OpenedDatabase {
  readonly store: Store;
  readonly users: UserStore;
  readonly files: FileTable;
  readonly models: SyncModels;
  readonly checkpoints: CheckpointTable;
  readonly urls: DatabaseUrls;
  /** Version of the own PostgreSQL; null when it is somebody else's. */
  readonly embeddedVersion: string | null;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  poolState(): PoolState;
  /** Waits for running calls, then stops the own PostgreSQL. */
  close(): Promise<void>;
}

export interface DatabaseParts {
  readonly config: Pick<Config, 'database' | 'dataFolder'>;
  readonly registry: Registry;
  readonly logger: Logger;
}

export async function openDatabaseOf(parts: DatabaseParts): Promise<OpenedDatabase> {
  const { config, logger } = parts;
  const { url, appUrl } = config.database;
  if (url !== null) return openStore(parts, { ownerUrl: url, ...(appUrl !== null && { appUrl }) }, null);
  const embedded = await startEmbeddedPostgres({
    dataFolder: config.dataFolder,
    onLog: (line) => logPostgres(logger, line),
  });
  try {
    const urls = { ownerUrl: embedded.ownerConnectionString, appUrl: embedded.connectionString };
    return await openStore(parts, urls, embedded);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

async function openStore(
  { config, registry, logger }: DatabaseParts,
  urls: DatabaseUrls,
  embedded: EmbeddedPostgres | null,
): Promise<OpenedDatabase> {
  const opened = await openPostgresStore({
    ...urls,
    registry,
    poolMax: config.database.poolMax,
    log: (line) => logger.info({ database: withoutValues(line) }, 'database'),
  });
  return {
    store: opened.store,
    users: opened.users,
    files: opened.files,
    models: opened.models,
    checkpoints: opened.checkpoints,
    urls,
    embeddedVersion: embedded?.version ?? null,
    async check() {
      if (!(await opened.ping())) throw new Error('The database does not answer');
    },
    poolState: opened.statistics,
    async close() {
      try {
        await opened.close();
      } finally {
        await embedded?.stop();
      }
    },
  };
}

/** Whether an e-mail or a user name is taken is asked by trying. */
const isExpected = (line: string): boolean =>
  /^ERROR: +duplicate key value violates unique constraint "app_user_/.test(line);

/** PostgreSQL's own lines: what is worth a look at any time, and what only helps whoever looks for something. */
function logPostgres(logger: Logger, line: string): void {
  const alarming = /^(WARNING|ERROR|FATAL|PANIC)\b|ended by itself/.test(line) && !isExpected(line);
  logger[alarming ? 'warn' : 'debug']({ database: withoutValues(line) }, 'postgres');
}
