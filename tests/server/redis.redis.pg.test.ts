/** Servers with Redis beside them, from the configuration on: two of them on one database, and one whose Redis comes and goes. */
import { randomUUID } from 'node:crypto';
import {
  createLogger,
  createServer,
  type Engine,
  type Environment,
  type News,
  parseConfig,
  type Server,
} from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { change, deviceOf } from '../support/engine.ts';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { until } from '../torture/support/conditions.ts';

let database: TestDatabase;
let folder: TempFolder;
const running: Server[] = [];
beforeEach(async () => {
  database = await (await getTestPostgres()).createDatabase();
  folder = await makeTempFolder('ackord-redis-server');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  await database.drop();
  await folder.remove();
});

async function start(environment: Environment) {
  const { ownerUrl, appUrl } = database;
  const parsed = parseConfig({
    PORT: '0',
    ACKORD_DATA_DIR: folder.path,
    DATABASE_URL: ownerUrl,
    DATABASE_APP_URL: appUrl,
    DATABASE_POOL_MAX: '4',
    ...environment,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const log: string[] = [];
  const destination = { write: (line: string) => void log.push(line) };
  const server = await createServer({
    domains: [{ definition: travelDomain, graphql: travelGraphQL, path: '/graphql' }],
    config: parsed.config,
    logger: createLogger({ level: 'info', destination }),
  });
  running.push(server);
  const { url } = await server.listen();
  const metric = async (line: RegExp): Promise<number> =>
    Number(line.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
  const said = (word: string): number => log.filter((line) => line.includes(word)).length;
  return { server, url, metric, said, log };
}

/** Writes one memory into a new trip, while the other server follows it. */
async function toldAt(other: Engine, writer: Engine): Promise<News[]> {
  const device = deviceOf(writer);
  const trip = randomUUID();
  await device.one(change.trip(trip));
  const told: News[] = [];
  const following = await other.follow(`trip:${trip}`, 'travel', (news) => void told.push(news));
  await device.one(change.memory(randomUUID(), trip));
  await until('it is told', () => told.length > 0);
  following.stop();
  return told;
}

const CONNECTED = /^ackord_redis_connected (\d)/m;

test('two servers tell each other of commits, and count it', async () => {
  const redis = await startRedis({ password: 'a secret' });
  const environment = { REDIS_URL: redis.url };
  const [one, other] = [await start(environment), await start(environment)];
  for (const { metric } of [one, other])
    await until('Redis is there', async () => (await metric(CONNECTED)) === 1);
  expect((await toldAt(other.server.engine, one.server.engine))[0]?.moved).toHaveLength(1);
  const sent = /ackord_bus_messages_total\{direction="sent"\} (\d+)/;
  const received = /ackord_bus_messages_total\{direction="received"\} (\d+)/;
  await until(
    'it is counted',
    async () => (await one.metric(sent)) > 0 && (await other.metric(received)) > 0,
  );
  expect([...one.log, ...other.log].join()).not.toMatch(/a secret|a%20secret/);
});

test('a Redis that goes and comes is told once each, and the server is ready all the time', async () => {
  const redis = await startRedis();
  const { server, url, metric, said } = await start({ REDIS_URL: redis.url });
  const isConnected = async () => (await metric(CONNECTED)) === 1;
  await until('Redis is there', isConnected);
  await redis.kill();
  await until('it is missed', async () => !(await isConnected()));
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await toldAt(server.engine, server.engine)).toHaveLength(1);
  await until(
    'it was tried some times',
    async () => (await metric(/ackord_bus_dropped_total\{cause="away"\} (\d+)/)) > 0,
  );
  await redis.restart();
  await until('it is back', isConnected);
  expect([said('Redis is there'), said('Redis is away'), said('Redis is back')]).toEqual([1, 1, 1]);
});

test('one that was never there: the server starts, serves and stops', async () => {
  const { server, url, metric, said } = await start({
    REDIS_CLUSTER_URLS: 'redis://127.0.0.1:9,redis://127.0.0.1:10',
  });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await toldAt(server.engine, server.engine)).toHaveLength(1);
  await until('it is told', () => said('Redis is away') === 1);
  expect(await metric(CONNECTED)).toBe(0);
  const startedAt = performance.now();
  await server.close();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
