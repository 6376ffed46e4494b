/** Several server processes on one database, each at an address that it keeps when it is started again; and their users. */
import { randomUUID } from 'node:crypto';
import { createRegistry } from '@ackord/core';
import { openPostgresStore, tokenFor, tokensOf } from '@ackord/server';
import { travelDomain } from '@ackord/travel';
import { freePort } from '../../support/free-port.ts';
import { getTestPostgres, type TestDatabase } from '../../support/postgres.ts';
import { until } from './conditions.ts';
import { withClient } from './database-checks.ts';
import type { FleetUser } from './fleet.ts';
import {
  atEnd,
  dataFolder,
  type Environment,
  JWT_SECRET,
  type ServerProcess,
  startCommand,
} from './process.ts';

export interface SeveralServers {
  readonly database: TestDatabase;
  readonly addresses: readonly string[];
  readonly processes: readonly ServerProcess[];
  /** At the same address; the one before has to have ended. */
  startAgain(at: number): Promise<void>;
  /** So many users with a trip each. */
  users(count: number): Promise<FleetUser[]>;
  /** Of all trips, by scope. */
  heads(): Promise<Record<string, number>>;
  /** 1 where the server leads; null: it does not answer. */
  leads(at: number): Promise<number | null>;
  /** Workers that listen. */
  workers(at: number): Promise<number | null>;
}

export async function startServers(count: number, environment: Environment = {}): Promise<SeveralServers> {
  const database = await (await getTestPostgres()).createDatabase();
  atEnd(database.drop);
  const folder = await dataFolder();
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const start = (port: number): Promise<ServerProcess> =>
    startCommand({
      PORT: String(port),
      ACKORD_DATA_DIR: folder,
      DATABASE_URL: database.ownerUrl,
      DATABASE_APP_URL: database.appUrl,
      ...environment,
    });
  const processes = await Promise.all(ports.map(start));
  const addresses = processes.map(({ url }) => url);
  const metric = async (at: number, name: string): Promise<number | null> => {
    const signal = AbortSignal.timeout(1_000);
    const text = await fetch(`${addresses[at]}/metrics`, { signal })
      .then((answer) => answer.text())
      .catch(() => '');
    const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
    return value === undefined ? null : Number(value);
  };
  return {
    database,
    addresses,
    processes,
    async startAgain(at) {
      processes[at] = await start(ports[at] ?? 0);
    },
    users: (wanted) => makeUsers(database, addresses[0] ?? '', wanted),
    heads: () =>
      withClient(database.ownerUrl, async (client) => {
        const { rows } = await client.query(`SELECT id, head FROM ackord.scope WHERE id LIKE 'trip:%'`);
        return Object.fromEntries(rows.map(({ id, head }) => [id, Number(head)]));
      }),
    leads: (at) => metric(at, 'ackord_leader'),
    workers: (at) => metric(at, 'ackord_processes'),
  };
}

/** Without passwords, whose hashing would take the longest. */
async function makeUsers(database: TestDatabase, address: string, count: number): Promise<FleetUser[]> {
  const registry = createRegistry([travelDomain]);
  const { ownerUrl, appUrl } = database;
  const opened = await openPostgresStore({ ownerUrl, appUrl, registry, log: () => {} });
  const tokens = await tokensOf({ auth: authWith(JWT_SECRET), dataFolder: '' });
  const made: FleetUser[] = [];
  try {
    for (let at = 0; at < count; at++) {
      const issued = await tokenFor({ users: opened.users, tokens, email: `${randomUUID()}@example.org` });
      if (!issued.ok) throw new Error(issued.problem);
      made.push({ token: issued.token, tripId: randomUUID() });
    }
  } finally {
    await opened.close();
  }
  await Promise.all(made.map((user) => makeTrip(address, user)));
  return made;
}

const authWith = (jwtSecret: string) => ({
  jwtSecret,
  external: null,
  loginAttemptsPerMinuteMax: 1,
  registrationsPerMinuteMax: 1,
});

async function makeTrip(address: string, { token, tripId }: FleetUser): Promise<void> {
  const fields = { name: 'Along the coast', startDate: '2026-05-01T08:00:00.000Z' };
  const change = { changeId: randomUUID(), type: 'Trip', id: tripId, op: 'create', base: 0, fields };
  await until('the trip is made', async () => {
    const answer = await fetch(`${address}/api/v1/sync/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ domain: 'travel', changes: [change] }),
    });
    const { receipts } = (await answer.json()) as { receipts: readonly { readonly status: string }[] };
    return receipts[0]?.status === 'applied';
  });
}
