/**
 * The database in earnest. Opening it reads from start to end: as the owner, one server at a time, bring the tables
 * up to date, grant, renew the views, learn which life of the database this is; then work with less.
 */
import { LIMITS, type Registry } from '@ackord/core';
import type { UserStore } from '../auth/ports.ts';
import type { CheckpointTable } from '../engine/checkpoint-ports.ts';
import type { Store } from '../engine/ports.ts';
import type { FileTable } from '../files/ports.ts';
import type { SyncModels } from '../sync-models/ports.ts';
import { createCheckpointTable } from './checkpoints.ts';
import type { Connection } from './connection.ts';
import { type Database, openDatabase, type PoolStatistics } from './database.ts';
import { exclusively } from './exclusively.ts';
import { createFileTable } from './files.ts';
import { claimLife, type Life } from './life.ts';
import { migrateUp } from './migrate.ts';
import { APP_ROLE, canActAsApp, currentUser, ensureAppRole, grantRows } from './roles.ts';
import { createStore } from './store.ts';
import { createSyncModels } from './sync-models.ts';
import { createUserStore } from './users.ts';
import { renewViews } from './views.ts';

export interface PostgresStoreOptions {
  /** Of the role that migrates. */
  readonly ownerUrl: string;
  /** Of the role that works; left out: the owner's login, which then acts as `ackord_app` if it may. */
  readonly appUrl?: string;
  readonly registry: Registry;
  readonly poolMax?: number;
  readonly log: (line: string) => void;
}

export interface PostgresStore {
  readonly store: Store;
  readonly users: UserStore;
  readonly files: FileTable;
  readonly models: SyncModels;
  readonly checkpoints: CheckpointTable;
  /** Does the database answer? */
  ping(): Promise<boolean>;
  statistics(): PoolStatistics;
  /** Waits for the calls that run. */
  close(): Promise<void>;
}

/** Rejects with a DatabaseFailure when the database can't be reached, or with a text for the operator. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { ownerUrl, appUrl = ownerUrl, registry, log } = options;
  const { life: first, role } = await asOwner(options, (owner) => prepare(owner, options));
  let life = first;
  const database = openDatabase({
    url: appUrl,
    poolMax: options.poolMax ?? LIMITS.databaseConnectionsMax,
    role,
    statementMsMax: LIMITS.statementMsMax,
    afterLoss: async () => {
      life = await asOwner(options, (owner) => claimLife(owner, log));
    },
    log,
  });
  const models = createSyncModels({ database, log });
  return {
    store: createStore(database, registry, () => life),
    users: createUserStore(database),
    files: createFileTable(database),
    models,
    checkpoints: createCheckpointTable(database),
    ping: () => ping(database),
    statistics: database.statistics,
    async close() {
      await models.close();
      await database.close();
    },
  };
}

async function asOwner<T>(
  { ownerUrl, log }: PostgresStoreOptions,
  work: (owner: Connection) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ url: ownerUrl, poolMax: 1, role: null, statementMsMax: 0, log });
  try {
    return await database.use((owner) => exclusively(owner, () => work(owner)));
  } finally {
    await database.close();
  }
}

async function prepare(
  owner: Connection,
  options: PostgresStoreOptions,
): Promise<{ life: Life; role: string | null }> {
  const { registry, log } = options;
  const applied = await migrateUp(owner);
  if (applied.length > 0) log(`migrated: ${applied.join(', ')}`);
  const { grantees, role } = await settleRoles(owner, options);
  await grantRows(owner, grantees);
  await renewViews(owner, registry, grantees, log);
  return { life: await claimLife(owner, log), role };
}

/** Who gets rights to the rows, and as whom the application's sessions act, if not as their login. */
async function settleRoles(
  owner: Connection,
  { ownerUrl, appUrl, log }: PostgresStoreOptions,
): Promise<{ grantees: string[]; role: string | null }> {
  const hasRole = await ensureAppRole(owner);
  const grantees = hasRole ? [APP_ROLE] : [];
  if (appUrl !== undefined && appUrl !== ownerUrl) {
    const login = await loginOf(appUrl, log);
    return { grantees: login === APP_ROLE ? grantees : [...grantees, login], role: null };
  }
  if (hasRole && (await canActAsApp(owner))) return { grantees, role: APP_ROLE };
  log(
    `The database login may not act as ${APP_ROLE}, so the server works as the owner of its tables, without row-level ` +
      'security behind it. To have it, make a second login and give its URL too.',
  );
  return { grantees, role: null };
}

async function loginOf(url: string, log: (line: string) => void): Promise<string> {
  const database = openDatabase({ url, poolMax: 1, role: null, statementMsMax: LIMITS.statementMsMax, log });
  try {
    return await database.use(currentUser);
  } finally {
    await database.close();
  }
}

async function ping(database: Database): Promise<boolean> {
  try {
    await database.use((connection) => connection.command('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}
