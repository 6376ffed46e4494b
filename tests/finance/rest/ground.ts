/**
 * The REST of the finance app as clients meet it: the HTTP shell, accounts, the engine, files and PostgreSQL, all real;
 * only the network is left out. What sockets would do is noted. Every answer is checked against its description.
 */
import { randomUUID } from 'node:crypto';
import { createRegistry, LIMITS } from '@ackord/core';
import { financeDomain } from '@ackord/finance';
import { addRestRoutes, createEngine, type Engine } from '@ackord/server';
import { financeRoutes } from '../../../domains/finance/src/rest/finance-routes.ts';
import type { FinanceTools } from '../../../domains/finance/src/tools.ts';
import { createAccounts } from '../../../packages/server/src/auth/accounts.ts';
import { createAuthenticate } from '../../../packages/server/src/auth/actor.ts';
import { createPasswords } from '../../../packages/server/src/auth/passwords.ts';
import { createTokens } from '../../../packages/server/src/auth/tokens.ts';
import { createUserCache } from '../../../packages/server/src/auth/user-cache.ts';
import { parseConfig } from '../../../packages/server/src/config.ts';
import { openLocalStore } from '../../../packages/server/src/files/local-store.ts';
import { createHttpServer } from '../../../packages/server/src/http.ts';
import { createLogger } from '../../../packages/server/src/observe/logger.ts';
import { createMetrics } from '../../../packages/server/src/observe/metrics.ts';
import { openPostgresStore } from '../../../packages/server/src/store/postgres-store.ts';
import { getTestPostgres } from '../../support/postgres.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Loose = any;

export interface Answer {
  readonly status: number;
  readonly body: Loose;
  readonly headers: Readonly<Record<string, Loose>>;
  readonly bytes: Buffer;
}

export type Send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly token: string;
  /** With the token. */
  readonly send: Send;
}

export interface Ground {
  readonly engine: Engine;
  readonly tools: FinanceTools;
  /** Without a token. */
  readonly send: Send;
  person(): Promise<Person>;
  /** What was asked of sockets: `tenant code`. */
  readonly closed: string[];
  /** Entries that wait, by tenant. */
  readonly queue: Map<string, number>;
  /** Milliseconds by which the server's clock is ahead. */
  readonly clock: { ahead: number };
  close(): Promise<void>;
}

export const PASSWORD = 'long enough';

export async function startRest(openAccess: boolean): Promise<Ground> {
  const folder = await makeTempFolder('ackord-rest');
  const parsed = parseConfig({ PORT: '0' });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const registry = createRegistry([financeDomain]);
  const database = await (await getTestPostgres()).createDatabase();
  const opened = await openPostgresStore({ ...database, registry, log: () => {} });
  const engine = createEngine({ registry, store: opened.store });
  const { users } = opened;
  const cache = createUserCache(users, { keptMs: 0 });
  const tokens = createTokens({ secret: randomUUID(), external: null });
  // The cheapest hash: what is tested here is not the hash.
  const passwords = createPasswords({ logN: 1, r: 1, p: 1 }, 0);
  const limits = { loginsPerMinuteMax: 1_000, registrationsPerMinuteMax: 1_000 };
  const server = await createHttpServer({
    config: parsed.config.http,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics({ entityTypes: new Set(), process: false }),
    authenticate: createAuthenticate({ tokens, users, cache }),
    checks: {},
  });
  const closed: string[] = [];
  const queue = new Map<string, number>();
  const clock = { ahead: 0 };
  const tools: FinanceTools = {
    engine,
    users,
    accounts: createAccounts({ users, cache, passwords, tokens, limits }),
    fileStore: await openLocalStore(folder.path, { secrets: () => opened.store.cursorKeys, now: Date.now }),
    live: {
      closeTenant: (tenantId, code) => void closed.push(`${tenantId} ${code}`),
      connections: () => ({ total: 3, healthy: 2, tenants: 1, heartbeatActive: true }),
      tell: () => 0,
      setMaintenance: () => {},
    },
    retryQueue: {
      clear(tenantId) {
        const waiting = queue.get(tenantId) ?? 0;
        queue.delete(tenantId);
        return waiting;
      },
    },
    openAccess,
    now: () => Date.now() + clock.ahead,
  };
  await addRestRoutes(server.app, financeRoutes(tools), { openAccess, checkAnswers: true });
  await server.app.ready();

  const sendWith =
    (own: Readonly<Record<string, string>>): Send =>
    async (method, url, body, headers = {}) => {
      const payload = body === undefined ? {} : { payload: body as Buffer };
      const answer = await server.app.inject({ method, url, headers: { ...own, ...headers }, ...payload });
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      return {
        status: answer.statusCode,
        body: isJson ? answer.json() : null,
        headers: answer.headers,
        bytes: answer.rawPayload,
      };
    };
  const send = sendWith({});
  return {
    engine,
    tools,
    send,
    closed,
    queue,
    clock,
    async person() {
      const name = `person-${randomUUID()}`;
      const email = `${name}@example.org`;
      const made = await send('POST', '/register', { name, email, password: PASSWORD });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      const { token } = await tokens.issue(made.body.uuid);
      return { id: made.body.uuid, name, email, token, send: sendWith({ authorization: `Bearer ${token}` }) };
    },
    async close() {
      await server.close();
      await engine.stop();
      await opened.close();
      await folder.remove();
      await database.drop();
    },
  };
}

/** A tenant of the user; made by the way that people take. */
export async function tenantOf(person: Person, name = `Home ${randomUUID()}`): Promise<string> {
  const uuid = randomUUID();
  const made = await person.send('POST', '/tenants', { uuid, name, user_id: person.id });
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  return uuid;
}

/** A form with fields and a file, as browsers send it. */
export function form(
  fields: Readonly<Record<string, string>>,
  file?: { readonly name: string; readonly fileName: string; readonly bytes: Buffer },
): { readonly body: Buffer<ArrayBuffer>; readonly headers: { readonly 'content-type': string } } {
  const boundary = `----form-${randomUUID()}`;
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  if (file)
    parts.push(
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${file.name}"; filename="${file.fileName}"\r\nContent-Type: image/png\r\n\r\n`,
      ),
      Buffer.from(file.bytes),
      Buffer.from('\r\n'),
    );
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    body: Buffer.concat(parts),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** An account with what its type needs. */
export const accountOf = (id: string, fields: Record<string, unknown> = {}) => ({
  entityType: 'Account',
  id,
  operation: 'CREATE',
  fields: {
    name: 'Giro',
    isActive: true,
    isOfflineBudget: false,
    accountGroupId: 'g1',
    balance: '100',
    offset: '0',
    ...fields,
  },
});

export const tooLong = 'x'.repeat(LIMITS.nameLengthMax + 1);
