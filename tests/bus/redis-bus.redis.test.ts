/** The bus over a standalone Redis, in good times and in bad ones. */
import type { Announcement, Bus } from '@ackord/server';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channelOf } from '../../packages/server/src/bus/channels.ts';
import { type RedisProcess, startRedis } from '../support/redis.ts';
import { newLife, openRedisBus, standalone, type WatchedBus } from '../support/redis-parts.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../torture/support/conditions.ts';
import { announcement, busSuite } from './bus-suite.ts';

async function pair(url: string): Promise<readonly [WatchedBus, WatchedBus]> {
  const life = newLife();
  const buses = [openRedisBus(standalone(url), life), openRedisBus(standalone(url), life)] as const;
  await Promise.all(buses.map((one) => one.ready()));
  return buses;
}

for (const [name, settings] of [
  ['sharded channels', []],
  [
    'plain channels, where there are no sharded ones',
    ['--rename-command', 'SSUBSCRIBE', '', '--rename-command', 'SPUBLISH', ''],
  ],
] as const)
  busSuite(`over a standalone Redis: ${name}`, async () => {
    const redis = await startRedis({ settings });
    const [one, other] = await pair(redis.url);
    return {
      ends: [one.bus, other.bus],
      close: async () => {
        const plain = await redis.ask('PUBSUB', 'NUMSUB', channelOf('trip:a'));
        expect(plain.split('\n')[1]).toBe(settings.length > 0 ? '2' : '0');
        await Promise.all([one.bus.close(), other.bus.close()]);
      },
    };
  });

describe('over a standalone Redis', () => {
  let redis: RedisProcess;
  const open: WatchedBus[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ bus }) => bus.close()));
  });
  const two = async (url = redis.url) => {
    const buses = await pair(url);
    open.push(...buses);
    return buses;
  };
  const hearing = (bus: Bus): Announcement[] => {
    const heard: Announcement[] = [];
    bus.subscribe((one) => heard.push(one));
    return heard;
  };
  /** Tells until it is heard, as commits go on and on. */
  const goesThrough = async (from: Bus, heard: readonly Announcement[], scope: string): Promise<void> => {
    let head = 0;
    await until('what is told is heard again', () => {
      from.publish(announcement(scope, ++head));
      return heard.some((one) => one.scope === scope);
    });
  };

  test('commits of one turn share a message, and what is large is left to be read', async () => {
    const [one, other] = await two();
    const heard = hearing(other.bus);
    const messages = async (): Promise<number> =>
      Number(/cmdstat_spublish:calls=(\d+)/.exec(await redis.ask('INFO', 'commandstats'))?.[1] ?? 0);
    const before = await messages();
    for (let head = 1; head <= 500; head++) one.bus.publish(announcement('trip:a', head));
    one.bus.publish(announcement('trip:a', 501, 'x'.repeat(100_000)));
    await until('all is heard', () => heard.length === 501);
    const after = await messages();
    // One message per 256 KB.
    expect(after - before).toBeLessThan(10);
    expect(heard.map(({ head }) => head)).toEqual(Array.from({ length: 501 }, (_, at) => at + 1));
    expect(heard.map(({ news }) => news() !== null)).toEqual([...Array(500).fill(true), false]);
  });

  test('where nobody else listens, news are not even written', async () => {
    const alone = openRedisBus(standalone(redis.url), newLife());
    open.push(alone);
    await alone.ready();
    let asked = 0;
    const told = (head: number): Announcement => ({
      ...announcement('trip:a', head),
      news: () => {
        asked++;
        return null;
      },
    });
    for (let head = 1; head <= 20; head++) {
      alone.bus.publish(told(head));
      await until('it is sent', () => alone.seen.sent === head);
    }
    expect(asked).toBe(1);
  });

  test('messages of other databases, and garbage, are passed over', async () => {
    const [one, other] = await two();
    const stranger = openRedisBus(standalone(redis.url), newLife());
    open.push(stranger);
    await stranger.ready();
    const heard = hearing(other.bus);
    const channel = channelOf('trip:a');
    stranger.bus.publish(announcement('trip:a', 99));
    for (const text of [
      '',
      '\n',
      'ackord-bus/1 1 abc x y\n["trip:a",5,[]]',
      '{"scope":"trip:a"}',
      'x'.repeat(100_000),
    ])
      await redis.ask('SPUBLISH', channel, text);
    await until('all of it came', () => other.seen.dropped.foreign >= 6);
    one.bus.publish(announcement('trip:a', 7));
    await until('the real one is heard', () => heard.length > 0);
    expect(heard.map(({ head }) => head)).toEqual([7]);
    expect([...one.seen.failures, ...other.seen.failures]).toEqual([]);
  });

  test('a listener that fails harms nobody else', async () => {
    const [one, other] = await two();
    other.bus.subscribe(() => {
      throw new Error('a defect');
    });
    const heard = hearing(other.bus);
    one.bus.publish(announcement('trip:a', 1));
    await until('it is heard', () => heard.length === 1);
    expect(other.seen.failures).toHaveLength(1);
  });

  test('killed and started again with nothing in it: publishing goes on, drops, and is heard again', async () => {
    const own = await startRedis();
    const [one, other] = await two(own.url);
    const [mine, heard] = [hearing(one.bus), hearing(other.bus)];
    await own.kill();
    await until('it is missed', () => !one.seen.isUp && !other.seen.isUp);
    for (let head = 1; head <= 30_000; head++) {
      one.bus.publish(announcement('trip:lost', head));
      if (head % 1_000 === 0) await new Promise(setImmediate);
    }
    await until('all are dropped', () => one.seen.dropped.away === 30_000);
    expect(mine).toHaveLength(30_000);
    await own.restart();
    await Promise.all([one.ready(), other.ready()]);
    await goesThrough(one.bus, heard, 'trip:back');
    await goesThrough(other.bus, mine, 'trip:forth');
    expect(heard.filter(({ scope }) => scope === 'trip:lost')).toEqual([]);
    expect([one.seen.downs, other.seen.downs]).toEqual([1, 1]);
  });

  test('frozen: what is under way is bounded, and it comes back', async () => {
    const own = await startRedis();
    const [one, other] = await two(own.url);
    const heard = hearing(other.bus);
    own.freeze();
    const news = 'x'.repeat(10_000);
    for (let head = 1; head <= 4_000; head++) {
      one.bus.publish(announcement(`trip:${head}`, 1, news));
      if (head % 100 === 0) await new Promise(setImmediate);
    }
    expect(one.seen.dropped.busy).toBeGreaterThan(2_000);
    await until('it is missed', () => !one.seen.isUp && !other.seen.isUp);
    own.thaw();
    await Promise.all([one.ready(), other.ready()]);
    await goesThrough(one.bus, heard, 'trip:back');
  });

  test('too many in one turn are dropped, and those who listen here hear all', () => {
    const bus = openRedisBus(standalone('redis://127.0.0.1:9'), newLife());
    open.push(bus);
    const heard = hearing(bus.bus);
    for (let head = 1; head <= 25_000; head++) bus.bus.publish(announcement('trip:a', head));
    expect(heard).toHaveLength(25_000);
    expect(bus.seen.dropped.busy).toBe(5_000);
  });

  test('a partition: nothing passes and nobody is told, until it heals', async () => {
    const proxy = await startTcpProxy(redis.port);
    const [one, other] = await two(`redis://127.0.0.1:${proxy.port}`);
    const heard = hearing(other.bus);
    proxy.fallSilent();
    await until('it is noticed', () => !one.seen.isUp && !other.seen.isUp);
    one.bus.publish(announcement('trip:lost', 1));
    proxy.heal();
    await Promise.all([one.ready(), other.ready()]);
    await goesThrough(one.bus, heard, 'trip:back');
  });

  test('a wrong password is no reason to stop, and a right one is taken later', async () => {
    const own = await startRedis({ password: 'right' });
    const life = newLife();
    const [one, other] = ['wrong', 'right'].map((password) =>
      openRedisBus(standalone(own.url.replace(':right@', `:${password}@`)), life),
    ) as [WatchedBus, WatchedBus];
    open.push(one, other);
    await other.ready();
    const heard = hearing(other.bus);
    one.bus.publish(announcement('trip:a', 1));
    await until('it is dropped', () => one.seen.dropped.away > 0);
    expect(one.seen.isUp).toBe(false);
    await own.ask('CONFIG', 'SET', 'requirepass', 'wrong');
    await one.ready();
    await goesThrough(one.bus, heard, 'trip:back');
  });
});
