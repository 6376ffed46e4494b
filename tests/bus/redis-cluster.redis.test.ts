/** Bus and cache over a cluster of six nodes, of which one falls after the other. */

import { LIMITS } from '@ackord/core';
import type { Announcement, RedisPlace } from '@ackord/server';
import { beforeAll, describe, expect, test } from 'vitest';
import { channelOf } from '../../packages/server/src/bus/channels.ts';
import { cacheSuite } from '../cache/cache-suite.ts';
import { type RedisCluster, type RedisProcess, startRedisCluster } from '../support/redis.ts';
import { newLife, openRedisBus, openRedisCache, type WatchedBus } from '../support/redis-parts.ts';
import { until } from '../torture/support/conditions.ts';
import { announcement, busSuite } from './bus-suite.ts';

let cluster: RedisCluster;
let place: RedisPlace;
beforeAll(async () => {
  cluster = await startRedisCluster();
  // The others are learned from these.
  place = { kind: 'cluster', urls: cluster.urls.slice(0, 2) };
});

async function openPair(): Promise<readonly [WatchedBus, WatchedBus]> {
  const life = newLife();
  const buses = [openRedisBus(place, life), openRedisBus(place, life)] as const;
  await Promise.all(buses.map((one) => one.ready()));
  return buses;
}

busSuite('over a Redis Cluster', async () => {
  const [one, other] = await openPair();
  return {
    ends: [one.bus, other.bus],
    close: async () => {
      // Sharded channels: each is known to one node and its replica alone.
      const counts = await Promise.all(
        cluster.nodes.map((node) => node.ask('PUBSUB', 'SHARDNUMSUB', channelOf('trip:a'))),
      );
      expect(counts.filter((count) => count.split('\n')[1] === '2')).toHaveLength(1);
      await Promise.all([one.bus.close(), other.bus.close()]);
    },
  };
});

cacheSuite('the cache in a Redis Cluster', async () => {
  const opened = openRedisCache(place, newLife());
  await opened.ready();
  return { cache: opened.cache, close: opened.cache.close };
});

/** Scopes of all channels. */
const SCOPES = Array.from({ length: 1_000 }, (_, at) => `trip:${at}`);

describe('when nodes fall', () => {
  test('the others take over, and all channels are heard again, also when all of them fell', async () => {
    expect(new Set(SCOPES.map(channelOf)).size).toBe(LIMITS.busChannels);
    const [one, other] = await openPair();
    const cached = openRedisCache(place, newLife());
    await cached.ready();
    const heard = new Set<string>();
    other.bus.subscribe(({ scope }: Announcement) => heard.add(scope));
    const allAreHeard = async (round: number): Promise<void> => {
      heard.clear();
      let head = round * 1_000_000;
      await until(
        'all scopes are heard',
        () => {
          head++;
          for (const scope of SCOPES) if (!heard.has(scope)) one.bus.publish(announcement(scope, head));
          return heard.size === SCOPES.length;
        },
        20_000,
      );
    };
    const aMaster = async (): Promise<RedisProcess> => {
      const [first] = await cluster.masters();
      if (!first) throw new Error('no master answers');
      return first;
    };
    await allAreHeard(1);

    const killed = await aMaster();
    await killed.kill();
    await allAreHeard(2);
    await killed.restart();

    await until('there are three masters again', async () => (await cluster.masters()).length === 3);
    const [frozen] = (await cluster.masters()).filter((node) => node !== killed);
    frozen?.freeze();
    await allAreHeard(3);
    frozen?.thaw();
    await Promise.all([one.ready(), other.ready()]);
    await allAreHeard(4);

    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await until('all are missed', async () => {
      await cached.cache.get('anything');
      return !one.seen.isUp && !other.seen.isUp && !cached.seen.isUp;
    });
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await allAreHeard(5);
    await Promise.all([one, other, cached].map((opened) => opened.ready()));

    const keys = Array.from({ length: 100 }, (_, at) => `key ${at}`);
    await until('every key can be kept again', async () => {
      for (const key of keys) cached.cache.set(key, new Uint8Array([1]), 60);
      const found = await Promise.all(keys.map((key) => cached.cache.get(key)));
      return found.every((value) => value !== null);
    });
    expect([...one.seen.failures, ...other.seen.failures]).toEqual([]);
    await Promise.all([one.bus.close(), other.bus.close(), cached.cache.close()]);
  });

  test('a channel that moves to another node is followed there', async () => {
    const [one, other] = await openPair();
    const heard: Announcement[] = [];
    other.bus.subscribe((announced) => heard.push(announced));
    const slot = await cluster.nodes[1]?.ask('CLUSTER', 'KEYSLOT', channelOf('trip:a'));
    const owners = await cluster.masters();
    const ids = await Promise.all(owners.map((node) => node.ask('CLUSTER', 'MYID')));
    const subscribed = await Promise.all(
      owners.map((node) => node.ask('PUBSUB', 'SHARDNUMSUB', channelOf('trip:a'))),
    );
    const from = subscribed.findIndex((count) => count.split('\n')[1] === '2');
    const to = (from + 1) % owners.length;
    for (const node of [owners[to], owners[from], ...owners])
      await node?.ask('CLUSTER', 'SETSLOT', String(slot), 'NODE', ids[to] ?? '');
    let head = 0;
    await until('it is heard from there', async () => {
      one.bus.publish(announcement('trip:a', ++head));
      const count = await owners[to]?.ask('PUBSUB', 'SHARDNUMSUB', channelOf('trip:a'));
      return count?.split('\n')[1] === '2' && heard.length > 0;
    });
    const before = heard.length;
    await until('it goes on', () => {
      one.bus.publish(announcement('trip:a', ++head));
      return heard.length > before + 3;
    });
    await Promise.all([one.bus.close(), other.bus.close()]);
  });
});
