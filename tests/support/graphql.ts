/**
 * The GraphQL endpoints of some domains as clients meet them: the HTTP shell, accounts, the engine and PostgreSQL, all
 * real; only the network is left out. Times out nothing and leaves nothing behind.
 */
import { randomUUID } from 'node:crypto';
import { createRegistry, type DomainDefinition } from '@ackord/core';
import {
  createEngine,
  createMemoryBus,
  type Engine,
  type GraphQLDomain,
  graphqlPlugin,
  type Store,
} from '@ackord/server';
import { createAccounts } from '../../packages/server/src/auth/accounts.ts';
import { createAuthenticate } from '../../packages/server/src/auth/actor.ts';
import { createPasswords } from '../../packages/server/src/auth/passwords.ts';
import { createTokens } from '../../packages/server/src/auth/tokens.ts';
import { createUserCache } from '../../packages/server/src/auth/user-cache.ts';
import { type Environment, parseConfig } from '../../packages/server/src/config.ts';
import { createFileService, type FileService } from '../../packages/server/src/files/create-file-service.ts';
import { createHttpServer } from '../../packages/server/src/http.ts';
import { createLogger } from '../../packages/server/src/observe/logger.ts';
import { createMetrics } from '../../packages/server/src/observe/metrics.ts';
import { openPostgresStore } from '../../packages/server/src/store/postgres-store.ts';
import type { SubscriberLimits } from '../../packages/server/src/transports/graphql/subscriptions/subscriber.ts';
import {
  createSocketHost,
  type SocketHost,
} from '../../packages/server/src/transports/websocket/socket-host.ts';
import { getTestPostgres, type TestDatabase } from './postgres.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface GraphQLServer {
  readonly engine: Engine;
  /** What lies under it, for looking at what no answer shows. */
  readonly database: TestDatabase;
  readonly secret: string;
  readonly store: Store;
  /** A new user with a token, talking to one of the endpoints from a device. */
  caller(options?: { readonly path?: string; readonly device?: string }): Promise<Caller>;
  anonymous(options?: { readonly path?: string }): Ask;
  readonly fileService: FileService;
  /** Lines of the log from level warn on. */
  readonly log: readonly string[];
  readonly app: Awaited<ReturnType<typeof createHttpServer>>['app'];
  /** Where its sockets are, without a path; null: it serves none. */
  readonly socketUrl: string | null;
  readonly sockets: SocketHost;
  /** Ends of sockets that the endpoints have asked for. */
  readonly ends: readonly { readonly code: number; readonly reason: string }[];
  /** With an expiry of one's own choice, in seconds from now. */
  tokenFor(userId: string, lifeSeconds: number): Promise<string>;
  close(): Promise<void>;
}

/** Asks, and gives back status and body as they came. */
export type Ask = (
  query: string,
  variables?: Record<string, unknown>,
  more?: { readonly operationName?: string; readonly headers?: Record<string, string> },
) => Promise<Answer>;

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Loose = any;

export interface Answer {
  readonly status: number;
  readonly data: Loose;
  readonly errors: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

export interface Caller {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  readonly ask: Ask;
  /** The data of an answer without errors. */
  readonly data: (query: string, variables?: Record<string, unknown>) => Promise<Answer['data']>;
}

export async function startGraphQL(settings: {
  readonly domains: readonly DomainDefinition[];
  readonly graphql: readonly (GraphQLDomain & { readonly path: string })[];
  readonly environment?: Environment;
  readonly compile?: boolean;
  /** Serves subscriptions on a port of its own, with these limits in place of the usual ones. */
  readonly subscriptions?: Partial<SubscriberLimits>;
  /** A server to run side by side with, on its database and with its tokens. It outlives this one. */
  readonly beside?: Pick<GraphQLServer, 'database' | 'secret'>;
}): Promise<GraphQLServer> {
  const folder = await makeTempFolder('ackord-files');
  const parsed = parseConfig({ PORT: '0', FILES_DIR: folder.path, ...settings.environment });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const registry = createRegistry(settings.domains);
  const { beside } = settings;
  const database = beside?.database ?? (await (await getTestPostgres()).createDatabase());
  const secret = beside?.secret ?? randomUUID();
  const opened = await openPostgresStore({ ...database, registry, log: () => {} });
  const { subscriptions } = settings;
  const engine = createEngine({
    registry,
    store: opened.store,
    strategy: config.sync.strategy,
    ...(subscriptions && { bus: createMemoryBus() }),
  });

  const { users } = opened;
  // Subscribers are looked at again and again: a test does not wait for what is forgotten in seconds.
  const cache = createUserCache(users, settings.subscriptions ? { keptMs: 50 } : {});
  const tokens = createTokens({ secret, external: null });
  const authenticate = createAuthenticate({ tokens, users, cache });
  // The cheapest hash: what is tested here is not the hash.
  const passwords = createPasswords({ logN: 1, r: 1, p: 1 });
  const limits = { loginsPerMinuteMax: 1_000, registrationsPerMinuteMax: 1_000 };
  const accounts = createAccounts({ users, cache, passwords, tokens, limits });

  const log: string[] = [];
  const destination = { write: (line: string) => void log.push(line) };
  const server = await createHttpServer({
    config: config.http,
    logger: createLogger({ level: 'warn', destination }),
    metrics: createMetrics({ entityTypes: new Set(), process: false }),
    authenticate,
    checks: {},
  });
  const { app } = server;
  const fileService = await createFileService({
    config: config.files,
    table: opened.files,
    engine,
    secrets: () => opened.store.cursorKeys,
    onSweepFailure: (cause) => log.push(String(cause)),
  });
  const { files } = fileService;
  await fileService.addRoutes(app);
  const host = createSocketHost({
    server: app.server,
    authenticate,
    addressOf: ({ socket }) => socket.remoteAddress ?? '',
    onDefect: (cause) => log.push(String(cause)),
  });
  const ends: { code: number; reason: string }[] = [];
  const sockets = {
    host: watched(host, (code, reason) => ends.push({ code, reason })),
    origins: { allowed: '*', guarded: false, hostNames: [] },
  } as const;
  for (const { path, ...domain } of settings.graphql) {
    const { compile = true } = settings;
    await app.register((scope) =>
      graphqlPlugin(scope, {
        engine,
        domain,
        path,
        accounts,
        users,
        files,
        config,
        compile,
        ...(subscriptions && { sockets, subscriberLimits: subscriptions }),
      }),
    );
  }
  await app.ready();
  if (subscriptions) await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  const port = typeof address === 'object' ? address?.port : null;

  const askAt =
    (path: string, ownHeaders: Record<string, string>): Ask =>
    async (query, variables = {}, { operationName, headers = {} } = {}) => {
      const payload = { query, variables, operationName };
      const response = await app.inject({
        method: 'POST',
        url: path,
        payload,
        headers: { ...ownHeaders, ...headers },
      });
      const { data, errors = [] } = response.json();
      return { status: response.statusCode, data, errors };
    };
  const firstPath = settings.graphql[0]?.path ?? '/graphql';

  return {
    engine,
    database,
    secret,
    store: opened.store,
    fileService,
    log,
    app,
    socketUrl: subscriptions ? `ws://127.0.0.1:${port}` : null,
    sockets: host,
    ends,
    async tokenFor(userId, lifeSeconds) {
      const brief = createTokens({ secret, external: null, lifeSeconds });
      return (await brief.issue(userId)).token;
    },
    anonymous: ({ path = firstPath } = {}) => askAt(path, {}),
    async caller({ path = firstPath, device } = {}) {
      const email = `${randomUUID()}@example.org`;
      const registered = await accounts.register(
        { email, password: 'long enough' },
        { address: '127.0.0.1' },
      );
      if (!registered.ok) throw new Error(registered.message);
      const userId = registered.user.id;
      const { token } = await tokens.issue(userId);
      const ask = askAt(path, { authorization: `Bearer ${token}`, ...(device && { 'x-device-id': device }) });
      const data: Caller['data'] = async (query, variables) => {
        const answer = await ask(query, variables);
        if (answer.errors.length > 0 || answer.status !== 200) throw new Error(JSON.stringify(answer));
        return answer.data;
      };
      return { userId, email, token, ask, data };
    },
    async close() {
      await host.close();
      await server.close();
      await fileService.close();
      await engine.stop();
      await opened.close();
      await folder.remove();
      if (!beside) await database.drop();
    },
  };
}

/** The same host, telling of the ends that its endpoints ask for: a client that reads nothing does not learn of its own. */
const watched = (host: SocketHost, onEnd: (code: number, reason: string) => void): SocketHost => ({
  add: (endpoint) =>
    host.add({
      ...endpoint,
      open: (socket, knock) => {
        const { close } = socket;
        socket.close = (code, reason) => {
          onEnd(code, reason);
          close.call(socket, code, reason);
        };
        return endpoint.open(socket, knock);
      },
    }),
  get size() {
    return host.size;
  },
  close: () => host.close(),
});
