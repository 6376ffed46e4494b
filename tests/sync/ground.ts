/** A whole server with the travel domain on a PostgreSQL of its own, and clients of the native protocol. */
import { randomUUID } from 'node:crypto';
import type { WireChange } from '@ackord/core';
import {
  createLogger,
  createServer,
  type Environment,
  parseConfig,
  type Server,
  tokenFor,
} from '@ackord/server';
import { travelDomain } from '@ackord/travel';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { type ClientOptions, SyncClient } from './sync-client.ts';

export interface Person {
  readonly userId: string;
  readonly token: string;
}

export interface SyncGround {
  readonly server: Server;
  readonly url: string;
  readonly database: TestDatabase;
  readonly log: readonly string[];
  person(): Promise<Person>;
  /** A client that was welcomed. */
  client(person: Person, options?: Partial<ClientOptions>): Promise<SyncClient>;
  /** A socket that has not said anything. */
  knock(): SyncClient;
  share(owner: Person, tripId: string, other: Person, role: 'EDITOR' | 'VIEWER' | null): Promise<void>;
  close(): Promise<void>;
}

export async function startSync(environment: Environment = {}): Promise<SyncGround> {
  const folder = await makeTempFolder('ackord-sync');
  const database = await (await getTestPostgres()).createDatabase();
  const parsed = parseConfig({
    PORT: '0',
    ACKORD_DATA_DIR: folder.path,
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
    ...environment,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const log: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (line) => void log.push(line) } });
  const server = await createServer({
    domains: [{ definition: travelDomain }],
    config: parsed.config,
    logger,
  });
  const { url } = await server.listen();
  const clients = new Set<SyncClient>();
  const knock = (): SyncClient => {
    const client = new SyncClient({ url });
    clients.add(client);
    return client;
  };
  return {
    server,
    url,
    database,
    log,
    knock,
    async person() {
      const { users, tokens } = server;
      const issued = await tokenFor({ users, tokens, email: `${randomUUID()}@example.org` });
      if (!issued.ok) throw new Error(issued.problem);
      return { userId: issued.user.id, token: issued.token };
    },
    async client(person, options = {}) {
      const client = knock();
      await client.greet({ token: person.token, ...options });
      return client;
    },
    async share(owner, tripId, other, role) {
      const scope = `trip:${tripId}`;
      const result = await server.engine.setMember({ actor: owner, scope, userId: other.userId, role });
      if (!result.ok) throw new Error(result.code);
    },
    async close() {
      for (const client of clients) client.socket.terminate();
      await server.close();
      await database.drop();
      await folder.remove();
    },
  };
}

const DAY = '2026-05-01T08:00:00.000Z';
let edits = 0;
const changeId = (): string => `edit ${++edits}`;

export const trip = (id: string, name = 'Along the coast'): WireChange => ({
  changeId: changeId(),
  type: 'Trip',
  id,
  op: 'create',
  base: 0,
  fields: { name, startDate: DAY },
});

export const memory = (tripId: string, id: string = randomUUID(), title = 'Lighthouse'): WireChange => ({
  changeId: changeId(),
  type: 'Memory',
  id,
  op: 'create',
  base: 0,
  fields: { tripId, title, timestamp: DAY },
});

export const edit = (
  type: string,
  id: string,
  base: number,
  fields: Record<string, unknown>,
): WireChange => ({
  changeId: changeId(),
  type,
  id,
  op: 'update',
  base,
  fields,
});

export const removal = (type: string, id: string, base: number): WireChange => ({
  changeId: changeId(),
  type,
  id,
  op: 'delete',
  base,
});
