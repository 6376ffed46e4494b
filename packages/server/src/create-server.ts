/**
 * The server as a whole: database, accounts, engine, HTTP shell and one GraphQL endpoint per domain, put together from
 * a configuration. Everything that runs afterwards was started here, and `close` ends it in the opposite order.
 */
import { randomUUID } from 'node:crypto';
import { createRegistry, type DomainDefinition, LIMITS } from '@ackord/core';
import type { FastifyInstance } from 'fastify';
import { createAuth } from './auth/create-auth.ts';
import type { Accounts, UserStore } from './auth/ports.ts';
import type { Tokens } from './auth/tokens.ts';
import { closeInOrder } from './close-in-order.ts';
import type { Config } from './config.ts';
import type { CheckpointForm } from './engine/checkpoint-ports.ts';
import { type Checkpoints, createCheckpoints } from './engine/checkpoints.ts';
import { createEngine } from './engine/create-engine.ts';
import type { Engine } from './engine/engine.ts';
import { type Leadership, startLeadership } from './engine/leadership.ts';
import type { Bus, CachedPages, Observer, Store } from './engine/ports.ts';
import { createFileService, type FileService } from './files/create-file-service.ts';
import type { FileStore, Files } from './files/ports.ts';
import { callerAddress } from './http/caller-address.ts';
import { createHttpServer, type HttpServer } from './http.ts';
import { limitChanges } from './limits/limited-engine.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { observeEngine } from './observe/observed-engine.ts';
import { withoutValues } from './observe/redact.ts';
import { metricsOfAll } from './observe/sibling-metrics.ts';
import { createSyncLog } from './observe/sync-log.ts';
import { type DatabaseUrls, type OpenedDatabase, openDatabaseOf } from './open-database.ts';
import { openShared, type Shared } from './redis/open-redis.ts';
import type { Siblings } from './siblings/ports.ts';
import type { SyncModels } from './sync-models/ports.ts';
import type { GraphQLDomain } from './transports/graphql/domain.ts';
import { graphqlPlugin } from './transports/graphql/plugin.ts';
import { type ServedSync, serveSync } from './transports/sync/serve-sync.ts';
import { originRules } from './transports/websocket/origins.ts';
import { createSocketHost, type SocketHost } from './transports/websocket/socket-host.ts';

/** A domain with the address at which it is served. */
export interface ServedDomain {
  readonly definition: DomainDefinition;
  /** Left out: it has no GraphQL API. */
  readonly graphql?: GraphQLDomain;
  /** Of its GraphQL API; left out: `/graphql/<name of the domain>`. */
  readonly path?: string;
  /** Adds what else the domain serves: REST, sockets. Called before the server listens. */
  readonly serve?: (services: DomainServices) => Promise<ServedPart>;
}

/** What a domain gets to serve with. */
export interface DomainServices {
  readonly app: FastifyInstance;
  readonly sockets: SocketHost;
  readonly engine: Engine;
  readonly accounts: Accounts;
  readonly users: UserStore;
  readonly tokens: Tokens;
  readonly files: FileStore;
  readonly models: SyncModels;
  /** Answers that are the same for everybody who may see a scope; whether a caller may is for the domain to look at. */
  readonly cache: CachedPages;
  /** Checkpoints of the domain's tenants. */
  readonly checkpoints: (form: CheckpointForm) => Checkpoints;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface ServedPart {
  /** Called when no request or socket is left. */
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly domains: readonly ServedDomain[];
  readonly config: Config;
  /** Left out: JSON lines on standard output. */
  readonly logger?: Logger;
  /** Left out: over Redis where the configuration names one, else of this process alone. */
  readonly bus?: Bus;
  /** Other processes that share its port; left out: there are none. */
  readonly siblings?: Siblings;
}

export interface Server {
  readonly app: FastifyInstance;
  readonly engine: Engine;
  readonly store: Store;
  readonly users: UserStore;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly database: { readonly urls: DatabaseUrls; readonly embeddedVersion: string | null };
  /** Resolves with the address that people can open. Rejects when the port is taken; the server still wants a `close`. */
  listen(): Promise<{ readonly url: string }>;
  /** Lets running requests finish, within SHUTDOWN_MS_MAX, then ends everything. May be called again. */
  close(): Promise<void>;
}

/** Rejects when the database can't be had; then nothing is left running. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { config, domains, logger = createLogger({ level: config.logLevel }) } = options;
  const registry = createRegistry(domains.map(({ definition }) => definition));
  const entityTypes = new Set([...registry.types.values()].map(({ name }) => name));
  const { siblings = null } = options;
  const own = createMetrics({ entityTypes });
  const metrics = siblings === null ? own : metricsOfAll(own, siblings);
  const observer = observerOf(metrics, logger);
  const database = await openDatabaseOf({ config, registry, logger });
  const { store } = database;
  const shared = openShared({ config, store, registry, logger, metrics, observer, siblings });
  const leadership = startLeadership({
    store,
    holder: randomUUID(),
    onChange: (leads) => logger.info(leads ? 'this server leads' : 'this server leads no more'),
  });
  try {
    metrics.watchPool(database.poolState);
    metrics.watchLeader(() => leadership.leads);
    return await assemble({ ...options, logger, metrics, observer, database, leadership, shared, registry });
  } catch (error) {
    await leadership.stop();
    await shared.close();
    await database.close();
    throw error;
  }
}

interface Assembly extends ServerOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly observer: Observer;
  readonly database: OpenedDatabase;
  readonly leadership: Leadership;
  readonly shared: Shared;
  readonly registry: ReturnType<typeof createRegistry>;
}

async function assemble(parts: Assembly): Promise<Server> {
  const { config, logger, metrics, observer, database, leadership, shared, registry } = parts;
  const { store, users, models } = database;
  const { bus = shared.bus } = parts;
  const { cache } = shared;
  const { authenticate, accounts, tokens } = await createAuth({ config, users, metrics });
  const bare = createEngine({
    registry,
    store,
    observer,
    leadership,
    strategy: config.sync.strategy,
    tombstoneRetentionDays: config.sync.tombstoneRetentionDays,
    bus,
    pages: cache,
  });
  const { changesPerMinuteMax, tenantChangesPerMinuteMax } = config.sync;
  const onLimited = (): void => metrics.rateLimited('changes');
  const limited = limitChanges(bare, { changesPerMinuteMax, tenantChangesPerMinuteMax, onLimited });
  const engine = observeEngine(limited, createSyncLog(logger, metrics));
  const checks = { database: database.check };
  const fileService = await createFileService({
    config: config.files,
    table: database.files,
    engine,
    secrets: () => store.cursorKeys,
    mayAct: leadership.confirm,
    onSweepFailure: (cause) => logger.error({ err: cause }, 'the sweep of files failed'),
  });
  const { files } = fileService;
  const http = await createHttpServer({ config: config.http, logger, metrics, authenticate, checks });
  const sockets = createSocketHost({
    server: http.app.server,
    authenticate,
    addressOf: callerAddress(config.http.trustProxy),
    onDefect: (cause) => logger.error({ err: cause }, 'a socket could not be opened'),
  });
  await fileService.addRoutes(http.app);
  await addDomains(http.app, parts, { engine, accounts, users, files, sockets });
  const checkpoints = (form: CheckpointForm) =>
    createCheckpoints({ engine, store, table: database.checkpoints, registry: parts.registry, form });
  const services = {
    engine,
    accounts,
    users,
    tokens,
    models,
    cache,
    checkpoints,
    config,
    logger,
    metrics,
    sockets,
  };
  const sync = await serveSync({
    app: http.app,
    sockets,
    engine,
    logger,
    origins: originRules(config.http, false),
    epoch: () => store.epoch,
  });
  const served: ServedPart[] = [];
  for (const { serve } of parts.domains)
    if (serve) served.push(await serve({ ...services, app: http.app, files: fileService.store }));
  await http.app.ready();

  let closed: Promise<void> | undefined;
  return {
    app: http.app,
    engine,
    store,
    users,
    accounts,
    tokens,
    database,
    listen: http.listen,
    close() {
      closed ??= closeServer({
        config,
        logger,
        http,
        sockets,
        sync,
        served,
        fileService,
        engine,
        leadership,
        shared,
        database,
      });
      return closed;
    },
  };
}

/** What is counted is also told, where somebody has to look at it. */
const observerOf = (metrics: Metrics, logger: Logger): Observer => ({
  ...metrics.observer,
  defect(facts) {
    metrics.observer.defect(facts);
    logger.error({ ...facts, cause: withoutValues(facts.cause) }, 'defect');
  },
});

async function addDomains(
  app: FastifyInstance,
  { domains, config }: Assembly,
  services: {
    readonly engine: Engine;
    readonly accounts: Accounts;
    readonly users: UserStore;
    readonly files: Files;
    readonly sockets: SocketHost;
  },
): Promise<void> {
  const sockets = { host: services.sockets, origins: originRules(config.http, false) };
  const paths: string[] = [];
  for (const { graphql, definition, path = `/graphql/${definition.name}` } of domains) {
    if (!graphql) continue;
    paths.push(path);
    await app.register((scope) =>
      graphqlPlugin(scope, { ...services, sockets, domain: graphql, path, config }),
    );
  }
  // For people who open the bare address.
  app.get('/', { config: { open: true } }, async () => ({ name: 'ackord', graphql: paths }));
}

interface Closing {
  readonly config: Config;
  readonly logger: Logger;
  readonly http: HttpServer;
  readonly sockets: SocketHost;
  readonly sync: ServedSync;
  readonly served: readonly ServedPart[];
  readonly fileService: FileService;
  readonly engine: Engine;
  readonly leadership: Leadership;
  readonly shared: Shared;
  readonly database: OpenedDatabase;
}

async function closeServer(closing: Closing): Promise<void> {
  const { config, logger, http, sockets, sync, served, fileService, engine, leadership, shared, database } =
    closing;
  const { shutdownDelayMs, shutdownMsMax } = config.http;
  const { stopStepMsMax } = LIMITS;
  logger.info({ shutdownMsMax }, 'stopping');
  const steps = [
    // Nobody comes any more before anybody is sent away: who is sent away would come back here.
    { name: 'leaving', run: http.leave, msMax: shutdownDelayMs + stopStepMsMax },
    {
      name: 'sockets',
      run: async () => {
        await sync.sayBye();
        await sockets.close();
        await sync.close();
      },
      msMax: stopStepMsMax,
    },
    { name: 'http', run: http.close, msMax: shutdownMsMax + stopStepMsMax },
    {
      name: 'domains',
      run: async () => void (await Promise.all(served.map((part) => part.close()))),
      msMax: stopStepMsMax,
    },
    { name: 'files', run: fileService.close, msMax: stopStepMsMax },
    { name: 'engine', run: engine.stop, msMax: stopStepMsMax },
    { name: 'leadership', run: leadership.stop, msMax: stopStepMsMax },
    { name: 'bus and cache', run: shared.close, msMax: stopStepMsMax },
    { name: 'database', run: database.close, msMax: stopStepMsMax },
  ];
  await closeInOrder(steps, logger);
  logger.info('stopped');
}
