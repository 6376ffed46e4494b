/**
 * The routes under /api/v1/sync on a whole server with PostgreSQL; only the network is left out, and the queue of entries
 * is what a test says. Every answer is checked against its description.
 */
import { randomUUID } from 'node:crypto';
import { financeDomain } from '@ackord/finance';
import {
  addRestRoutes,
  createLogger,
  createServer,
  type DomainServices,
  type Engine,
  noPages,
  parseConfig,
  type RawChange,
  type Receipt,
  type SyncModels,
  tokenFor,
} from '@ackord/server';
import type { QueueEntry } from '../../../domains/finance/src/live.ts';
import { financeCheckpointForm } from '../../../domains/finance/src/models/checkpoint-form.ts';
import { syncRoutes } from '../../../domains/finance/src/rest/sync-routes.ts';
import { createTenantChecksums } from '../../../domains/finance/src/status/tenant-checksums.ts';
import { getTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Loose = any;

export interface SyncGround {
  readonly engine: Engine;
  readonly models: SyncModels;
  readonly database: TestDatabase;
  /** Entries that wait or have failed, by tenant. */
  readonly queue: Map<string, QueueEntry[]>;
  readonly acts: string[];
  get(path: string, token?: string): Promise<{ readonly status: number; readonly body: Loose }>;
  post(
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ readonly status: number; readonly body: Loose }>;
  /** A new tenant, and changes sent to it. */
  tenant(): SyncTenant;
  person(): Promise<{ readonly userId: string; readonly token: string }>;
  close(): Promise<void>;
}

export interface SyncTenant {
  readonly id: string;
  readonly scope: string;
  readonly actor: { readonly userId: string };
  send(changes: readonly RawChange[], device?: string): Promise<readonly Receipt[]>;
}

export async function startSync(openAccess: boolean): Promise<SyncGround> {
  const folder = await makeTempFolder('ackord-sync');
  const database = await (await getTestPostgres()).createDatabase();
  const parsed = parseConfig({
    PORT: '0',
    ACKORD_DATA_DIR: folder.path,
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const queue = new Map<string, QueueEntry[]>();
  const acts: string[] = [];
  let models: SyncModels | null = null;
  const serve = async (services: DomainServices) => {
    models = services.models;
    await addRestRoutes(services.app, routesOf(services, queue, acts, openAccess), {
      openAccess,
      checkAnswers: true,
    });
    return { close: async () => {} };
  };
  const server = await createServer({
    domains: [{ definition: financeDomain, serve }],
    config: parsed.config,
    logger: createLogger({ level: 'error', destination: { write: (line) => process.stderr.write(line) } }),
  });
  const ask = async (method: 'GET' | 'POST', url: string, body: unknown, token: string | undefined) => {
    const response = await server.app.inject({
      method,
      url: `/api/v1/sync${url}`,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.statusCode, body: response.json() as Loose };
  };
  return {
    engine: server.engine,
    models: models as unknown as SyncModels,
    database,
    queue,
    acts,
    get: (path, token) => ask('GET', path, undefined, token),
    post: (path, body, token) => ask('POST', path, body, token),
    tenant() {
      const id = randomUUID();
      const scope = `tenant:${id}`;
      const actor = { userId: scope };
      return {
        id,
        scope,
        actor,
        async send(changes, device = 'one') {
          const sent = { domain: 'finance', actor, device, batchId: randomUUID(), tenant: id, changes };
          return (await server.engine.submit({ ...sent, origin: 'client' })).receipts;
        },
      };
    },
    async person() {
      const { users, tokens } = server;
      const issued = await tokenFor({ users, tokens, email: `${randomUUID()}@example.org` });
      if (!issued.ok) throw new Error(issued.problem);
      return { userId: issued.user.id, token: issued.token };
    },
    async close() {
      await server.close();
      await database.drop();
      await folder.remove();
    },
  };
}

const routesOf = (
  { engine, models, checkpoints }: DomainServices,
  queue: Map<string, QueueEntry[]>,
  acts: string[],
  openAccess: boolean,
) =>
  syncRoutes({
    engine,
    models,
    checkpoints: checkpoints(financeCheckpointForm),
    checksums: createTenantChecksums({ engine, cache: noPages }),
    openAccess,
    now: Date.now,
    logger: { info: (facts: Loose) => void acts.push(`${facts.act} ${facts.subject}`) },
    queue: {
      entries: (tenantId) => queue.get(tenantId) ?? [],
      statistics(tenantId) {
        const entries = queue.get(tenantId) ?? [];
        const waitingForRetry = entries.filter(({ next_try }) => next_try !== null).length;
        return {
          length: waitingForRetry + 1,
          waitingForCommit: 1,
          waitingForRetry,
          failed: entries.length - waitingForRetry,
          inProgress: true,
        };
      },
      settle(tenantId, entryId) {
        const entries = queue.get(tenantId) ?? [];
        queue.set(
          tenantId,
          entries.filter(({ id }) => id !== entryId),
        );
        return entries.some(({ id }) => id === entryId);
      },
    },
  });
