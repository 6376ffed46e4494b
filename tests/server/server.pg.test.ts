/** The server as a whole, on a database of its own: what it logs and counts, how it starts, fails and ends. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Config,
  createLogger,
  createServer,
  DatabaseFailure,
  type Environment,
  parseConfig,
  type Server,
  tokenFor,
} from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';

const domains = [{ definition: travelDomain, graphql: travelGraphQL, path: '/graphql' }];
const AT = '2026-05-01T08:00:00.000Z';

let database: TestDatabase;
let folder: string;
let text: string;
const running: Server[] = [];

beforeEach(async () => {
  database = await (await getTestPostgres()).createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ackord-server-'));
  text = '';
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  await database.drop();
  await rm(folder, { recursive: true });
});

function configOf(environment: Environment = {}): Config {
  const { ownerUrl, appUrl } = database;
  const base = {
    PORT: '0',
    ACKORD_DATA_DIR: folder,
    DATABASE_URL: ownerUrl,
    DATABASE_APP_URL: appUrl,
    DATABASE_POOL_MAX: '4',
  };
  const parsed = parseConfig({ ...base, ...environment });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

const note = (line: string): void => {
  text += line;
};
const logger = () => createLogger({ level: 'info', destination: { write: note } });
const lines = (): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

async function start(environment?: Environment): Promise<{ server: Server; url: string }> {
  const server = await createServer({ domains, config: configOf(environment), logger: logger() });
  running.push(server);
  return { server, ...(await server.listen()) };
}

interface Answer {
  readonly data: { readonly bulkSync: { readonly successful: readonly object[] } };
  readonly errors?: readonly { readonly extensions: object }[];
}

async function callerOf({ server, url }: { server: Server; url: string }) {
  const issued = await tokenFor({ ...server, email: `${randomUUID()}@example.org` });
  if (!issued.ok) throw new Error(issued.problem);
  const headers = {
    authorization: `Bearer ${issued.token}`,
    'content-type': 'application/json',
    'x-device-id': 'phone',
  };
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const sync = (trips: readonly object[], more: object = {}) =>
    ask(
      `mutation ($input: BulkSyncInput!) { bulkSync(input: $input) {
        successful { entityId outcome conflictId } conflicts { id } failed { code } processedCount } }`,
      { input: { trips, ...more } },
    );
  return { ask, sync, userId: issued.user.id };
}

const trip = (fields: object) => ({
  operation: 'CREATE',
  syncVersion: 0,
  clientTimestamp: AT,
  startDate: AT,
  ...fields,
});

describe('a sync', () => {
  test('is in the log from start to end, under its batch id, without contents', async () => {
    const started = await start();
    const { sync, ask, userId } = await callerOf(started);
    const id = randomUUID();
    const batchId = randomUUID();
    await sync([trip({ id, name: 'needle' })], { clientBatchId: batchId });
    await sync([trip({ id, operation: 'UPDATE', syncVersion: 1, name: 'needle of this side' })]);
    const late = trip({
      id,
      operation: 'UPDATE',
      syncVersion: 1,
      name: 'needle of that side',
      clientTimestamp: '2020-01-01T00:00:00.000Z',
    });
    const other = await sync([late], { deviceId: 'tablet' });
    expect(other.body.errors).toBeUndefined();
    await ask(`{ enhancedSync(lastSyncedAt: "1970-01-01T00:00:00.000Z") { trips { id name } } }`);

    const told = lines().filter(({ userId: who }) => who === userId);
    const [begun, completed] = told.filter((line) => line.batchId === batchId);
    expect(begun).toMatchObject({ message: 'sync started', operation: 'bulkSync', counts: { changes: 1 } });
    expect(completed).toMatchObject({ message: 'sync completed', counts: { changes: 1, applied: 1 } });
    expect(told.filter(({ message }) => message === 'sync conflict')).toMatchObject([
      {
        entityId: id,
        type: 'travel.Trip',
        conflictType: 'VERSION_MISMATCH',
        winner: 'server',
        fieldNames: ['name'],
      },
    ]);
    expect(told.filter(({ operation }) => operation === 'enhancedSync').at(-1)).toMatchObject({
      message: 'sync completed',
      counts: { records: 1, total: 1, hasMore: 0 },
    });
    expect(text).not.toMatch(/needle|eyJ|@example/);
  });

  test('is counted by type and outcome, with the pool, the commits and the request, and nobody is named', async () => {
    const started = await start();
    const { sync, userId } = await callerOf(started);
    const ids = [randomUUID(), randomUUID()];
    await sync([trip({ id: ids[0], name: 'one' }), trip({ id: ids[1], name: null })]);
    const metrics = await (await fetch(`${started.url}/metrics`)).text();
    const values = metrics.split('\n');
    expect(values).toContain('ackord_entities_total{type="Trip",operation="CREATE",outcome="applied"} 1');
    expect(metrics).toMatch(/ackord_receipts_total\{status="applied",replayed="false"\} 1/);
    expect(values).toContain('ackord_sync_duration_seconds_count{operation="bulkSync",outcome="ok"} 1');
    expect(values).toContain(
      'ackord_http_request_duration_seconds_count{method="POST",route="/graphql",status="200"} 1',
    );
    expect(values).toContain('ackord_commit_duration_seconds_count 1');
    expect(values).toContain('ackord_lane_changes 0');
    expect(values).toContain('ackord_database_connections{state="max"} 4');
    expect(values).toContain('ackord_database_connections{state="waiting"} 0');
    for (const name of [userId, ...ids, 'phone', 'one"']) expect(metrics).not.toContain(name);
  });
});

describe('the limits of the configuration hold', () => {
  test('changes of a submission', async () => {
    const { sync } = await callerOf(await start({ CHANGES_PER_SUBMISSION_MAX: '2' }));
    const { body } = await sync(
      [1, 2, 3].map((number) => trip({ id: randomUUID(), name: `trip ${number}` })),
    );
    expect(body.errors).toMatchObject([{ extensions: { code: 'TOO_LARGE' } }]);
  });

  test('depth of a document', async () => {
    const { ask } = await callerOf(await start({ GRAPHQL_DEPTH_MAX: '2' }));
    expect((await ask('{ getCurrentUser { id } }')).body.errors).toBeUndefined();
    const { body } = await ask(
      '{ trips: enhancedSync(lastSyncedAt: "1970-01-01T00:00:00.000Z") { trips { memories { id } } } }',
    );
    expect(body.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
  });

  test('failed sign-ins', async () => {
    const { ask } = await callerOf(await start({ LOGIN_ATTEMPTS_PER_MINUTE_MAX: '1' }));
    const login = () =>
      ask('mutation { login(input: { email: "nobody@example.org", password: "wrong horse" }) { token } }');
    expect((await login()).body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect((await login()).body.errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', retryable: true } },
    ]);
  });
});

describe('starting and ending', () => {
  /** Sessions of other programs on the database. */
  async function sessions(): Promise<number> {
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    const question =
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    const { rows } = await client.query<{ count: number }>(question);
    await client.end();
    return rows[0]?.count ?? -1;
  }

  test('a database that is not there is a failure of its own kind', async () => {
    const config = configOf({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing', DATABASE_APP_URL: '' });
    await expect(createServer({ domains, config, logger: logger() })).rejects.toBeInstanceOf(DatabaseFailure);
  });

  test('a port that is taken: the server can be closed, and holds nothing afterwards', async () => {
    const occupant = createTcpServer();
    await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
    const address = occupant.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const server = await createServer({ domains, config: configOf({ PORT: port }), logger: logger() });
    await expect(server.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close();
    await expect.poll(sessions).toBe(0);
    occupant.close();
  });

  test('closing waits for what is under way, releases the database, and is the same when asked twice', async () => {
    const started = await start();
    const { sync } = await callerOf(started);
    const rows = Array.from({ length: 500 }, (_, number) =>
      trip({ id: randomUUID(), name: `trip ${number}` }),
    );
    const answer = sync(rows);
    await expect.poll(() => text).toContain('sync started');
    await Promise.all([started.server.close(), started.server.close()]);
    const { status, body } = await answer;
    expect([status, body.data.bulkSync.successful.length]).toEqual([200, 500]);
    await expect.poll(sessions).toBe(0);
  });

  test('two servers on one database know each other’s users and tokens', async () => {
    const [one, other] = [await start(), await start()];
    const { userId } = await callerOf(one);
    const { token } = await one.server.tokens.issue(userId);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ query: '{ getCurrentUser { id } }' });
    const response = await fetch(`${other.url}/graphql`, { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ data: { getCurrentUser: { id: userId } } });
  });
});
