/**
 * The finance domain as its apps meet it: a whole server on a PostgreSQL of its own, listening on a free port, and
 * sockets of the `ws` library on the other side. Nothing is left out, and nothing is left behind.
 */
import { randomUUID } from 'node:crypto';
import { type FinanceOptions, financeDomain, serveFinance } from '@ackord/finance';
import {
  createLogger,
  createServer,
  type Environment,
  parseConfig,
  type Server,
  tokenFor,
} from '@ackord/server';
import pg from 'pg';
import { WebSocket } from 'ws';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any shape
export type Loose = any;

export interface FinanceGround {
  readonly server: Server;
  readonly url: string;
  readonly database: TestDatabase;
  /** Lines of the log from level warn on. */
  readonly log: readonly string[];
  /** Rows of a statement, by the role that sees everything. */
  sql(text: string, values?: readonly unknown[]): Promise<Loose[]>;
  /** An app that is let in. */
  app(tenantId: string, options?: AppOptions): Promise<App>;
  /** A socket, whatever becomes of it. */
  knock(path: string, options?: AppOptions): App;
  /** A user with a token. */
  person(): Promise<{ readonly userId: string; readonly token: string }>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  readonly prefix?: string;
  /** Leaves pings of the server unanswered. */
  readonly silent?: boolean;
}

export interface App {
  readonly socket: WebSocket;
  readonly tenantId: string;
  /** All that came, in order. */
  readonly received: Loose[];
  /** How it ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: object | string | Buffer): void;
  /** The first message from `from` on that fits; waits for it. */
  next(fits: (message: Loose) => boolean, from?: number): Promise<Loose>;
  /** Sends an entry and waits for its answer. */
  entry(entry: Loose): Promise<Loose>;
  /** All that was on its way has arrived here when it resolves: a ping that is answered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** `seenMarginMs`: 0, since what tests send at once after something has come is meant to have seen it. */
export async function startFinance(
  environment: Environment = {},
  { seenMarginMs = 0 }: FinanceOptions = {},
): Promise<FinanceGround> {
  const folder = await makeTempFolder('ackord-finance');
  const database = await (await getTestPostgres()).createDatabase();
  const parsed = parseConfig({
    PORT: '0',
    ACKORD_DATA_DIR: folder.path,
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
    FINANCE_OPEN_ACCESS: 'on',
    ...environment,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const log: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (line) => void log.push(line) } });
  const server = await createServer({
    domains: [{ definition: financeDomain, serve: (services) => serveFinance(services, { seenMarginMs }) }],
    config: parsed.config,
    logger,
  });
  const { url } = await server.listen();
  const pool = new pg.Pool({ connectionString: database.ownerUrl, options: '-c search_path=ackord', max: 2 });
  pool.on('error', () => undefined);
  const apps = new Set<App>();
  const knock: FinanceGround['knock'] = (path, options = {}) => {
    const app = openApp(`${url.replace('http', 'ws')}${path}`, options);
    apps.add(app);
    return app;
  };
  return {
    server,
    url,
    database,
    log,
    sql: async (text, values = []) => (await pool.query(text, [...values])).rows,
    knock,
    async app(tenantId, options = {}) {
      const app = knock(`${options.prefix ?? ''}/ws/${tenantId}`, options);
      await app.next(({ type }) => type === 'status');
      return app;
    },
    async person() {
      const { users, tokens } = server;
      const issued = await tokenFor({ users, tokens, email: `${randomUUID()}@example.org` });
      if (!issued.ok) throw new Error(issued.problem);
      return { userId: issued.user.id, token: issued.token };
    },
    async close() {
      await Promise.all([...apps].map((app) => app.close()));
      await server.close();
      await pool.end();
      await database.drop();
      await folder.remove();
    },
  };
}

export function openApp(url: string, { headers, protocols = [], silent }: AppOptions): App {
  const socket = new WebSocket(url, [...protocols], { ...(headers && { headers }), autoPong: !silent });
  const received: Loose[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    received.push(JSON.parse(data.toString()));
    for (const look of waiting) look();
  });
  const send: App['send'] = (message) =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  const next: App['next'] = (fits, from = 0) =>
    new Promise((resolve, reject) => {
      let at = from;
      const look = (): void => {
        for (; at < received.length; at++) {
          if (!fits(received[at])) continue;
          waiting.delete(look);
          resolve(received[at]);
          return;
        }
      };
      waiting.add(look);
      closed.then(({ code }) => reject(new Error(`closed with ${code}`)));
      look();
    });
  const app: App = {
    socket,
    tenantId: url.slice(url.lastIndexOf('/') + 1),
    received,
    closed,
    send,
    next,
    entry(entry) {
      const from = received.length;
      send({ type: 'process_sync_entry', payload: entry });
      return next(({ type, id }) => (type === 'sync_ack' || type === 'sync_nack') && id === entry.id, from);
    },
    async settled() {
      const timestamp = Math.random();
      send({ type: 'ping', timestamp });
      await next((message) => message.type === 'pong' && message.timestamp === timestamp);
    },
    async close() {
      socket.close();
      await closed;
    },
  };
  // Who only waits for the end is not asked about it.
  closed.catch(() => undefined);
  return app;
}

/** An entry as the app's queue has it. */
export function entryOf(
  tenantId: string,
  entityType: string,
  operationType: string,
  payload: Loose,
  more: Loose = {},
): Loose {
  const now = Date.now();
  return {
    id: randomUUID(),
    tenantId,
    entityType,
    entityId: payload.id,
    operationType,
    payload: operationType === 'delete' ? { id: payload.id } : payload,
    timestamp: now,
    status: 'processing',
    attempts: 1,
    lastAttempt: now,
    ...more,
  };
}

export const iso = (time: number): string => new Date(time).toISOString();
