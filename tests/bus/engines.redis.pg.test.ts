/**
 * Two engines on one database, with Redis between them: what one commits, the followers at the other are told at once,
 * with what was written; and whatever happens to Redis, both go on and hear of each other by the look at the heads.
 */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { createEngine, type Engine, type News, openPostgresStore, schemaOf } from '@ackord/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, deviceOf, registry } from '../support/engine.ts';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { type RedisProcess, startRedis } from '../support/redis.ts';
import { openRedisBus, standalone, type WatchedBus } from '../support/redis-parts.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../torture/support/conditions.ts';

interface Server {
  readonly engine: Engine;
  readonly watched: WatchedBus;
  readonly defects: string[];
  close(): Promise<void>;
}

async function startServer(database: TestDatabase, redisUrl: string): Promise<Server> {
  const opened = await openPostgresStore({ ...database, registry, log: () => {} });
  const watched = openRedisBus(standalone(redisUrl), opened.store, schemaOf(registry));
  const defects: string[] = [];
  const engine = createEngine({
    registry,
    store: opened.store,
    bus: watched.bus,
    observer: {
      batchCommitted: () => {},
      queueDepth: () => {},
      conflict: () => {},
      defect: ({ cause }) => void defects.push(cause),
    },
  });
  return {
    engine,
    watched,
    defects,
    async close() {
      await engine.stop();
      await watched.bus.close();
      await opened.close();
    },
  };
}

let redis: RedisProcess;
let proxy: TcpProxy;
let database: TestDatabase;
let servers: readonly [Server, Server];
beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), (await getTestPostgres()).createDatabase()]);
  proxy = await startTcpProxy(redis.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  servers = [await startServer(database, url), await startServer(database, url)];
  await Promise.all(servers.map(({ watched }) => watched.ready()));
});
afterAll(async () => {
  for (const server of servers ?? []) await server.close();
  await database?.drop();
});

/** A trip that is written to at one server and followed at both. */
async function openTrip() {
  const [one, other] = servers;
  const device = deviceOf(one.engine);
  const id = randomUUID();
  await device.one(change.trip(id));
  const told: [News[], News[]] = [[], []];
  const followings = await Promise.all(
    [one, other].map(({ engine }, at) =>
      engine.follow(`trip:${id}`, 'travel', (news) => void told[at]!.push(news)),
    ),
  );
  /** Milliseconds from the receipt of a new memory until the other server's follower has it. */
  const write = async (): Promise<number> => {
    const memory = randomUUID();
    const receipt = await device.one(change.memory(memory, id));
    expect(receipt).toMatchObject({ status: 'applied' });
    const startedAt = performance.now();
    await until('the other server tells of it', () =>
      told[1].some(({ moved }) => moved.some(({ record }) => record.id === memory)),
    );
    return performance.now() - startedAt;
  };
  const stop = (): void => {
    for (const following of followings) following.stop();
  };
  /** Each piece goes on where the one before ended, at both. */
  const expectWhole = (): void => {
    for (const [at, list] of told.entries()) {
      let position = followings[at]?.from ?? 0;
      for (const { from, to } of list) {
        expect(from).toBe(position);
        position = to;
      }
    }
    const states = told.map((list) =>
      Object.fromEntries(list.flatMap(({ moved }) => moved.map(({ record }) => [record.id, record]))),
    );
    expect(states[1]).toEqual(states[0]);
  };
  return { write, stop, told, expectWhole };
}

async function median(times: number, once: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push(await once());
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

/** Far below what looking at the heads alone would take. */
const FAST_MS = LIMITS.headPollMs / 4;

test('what one server commits is told at the other at once, as it would have been read', async () => {
  const trip = await openTrip();
  expect(await median(9, trip.write)).toBeLessThan(FAST_MS);
  trip.expectWhole();
  expect(trip.told[1]).toEqual(trip.told[0]);
  trip.stop();
});

const faults: readonly [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['frozen', () => redis.freeze(), () => redis.thaw()],
  ['killed, and started again with nothing in it', () => redis.kill(), () => redis.restart()],
  ['cut off', () => proxy.fallSilent(), () => proxy.heal()],
];

test.each(faults)(
  'Redis is %s: everything goes on by the look at the heads, and fast again afterwards',
  async (_name, begin, end) => {
    const trip = await openTrip();
    await begin();
    // While nobody has noticed, and when all have.
    for (let time = 0; time < 2; time++) expect(await trip.write()).toBeLessThan(LIMITS.headPollMs + 2_000);
    await until('it is noticed', () => servers.every(({ watched }) => !watched.seen.isUp));
    expect(await trip.write()).toBeLessThan(LIMITS.headPollMs + 2_000);
    await end();
    await Promise.all(servers.map(({ watched }) => watched.ready()));
    expect(await median(5, trip.write)).toBeLessThan(FAST_MS);
    trip.expectWhole();
    trip.stop();
    for (const { defects, watched } of servers) expect([...defects, ...watched.seen.failures]).toEqual([]);
  },
);
