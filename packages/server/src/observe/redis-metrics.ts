/** What is counted of the bus between servers and of the caches. Without Redis there are no numbers of it at all. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BusObserver } from '../bus/redis.ts';
import type { CacheObserver } from '../cache/cache.ts';

export interface RedisMetrics {
  readonly bus: Omit<BusObserver, 'failed'>;
  connected(isConnected: boolean): void;
}

export function createRedisMetrics(registry: Registry): RedisMetrics {
  const registers = [registry];
  const connection = new Gauge({
    name: 'ackord_redis_connected',
    help: '1 while all that uses Redis is connected to it, else 0.',
    registers,
  });
  const messages = new Counter({
    name: 'ackord_bus_messages_total',
    help: 'Announcements of commits between servers, by direction.',
    labelNames: ['direction'],
    registers,
  });
  const dropped = new Counter({
    name: 'ackord_bus_dropped_total',
    help: 'Announcements that were not sent, and messages that were not for this server; the look at the heads makes up for them.',
    labelNames: ['cause'],
    registers,
  });
  return {
    bus: {
      sent: (count) => messages.inc({ direction: 'sent' }, count),
      received: (count) => messages.inc({ direction: 'received' }, count),
      dropped: (cause, count) => dropped.inc({ cause }, count),
    },
    connected: (isConnected) => connection.set(isConnected ? 1 : 0),
  };
}

export function createCacheMetrics(registry: Registry): CacheObserver {
  const asked = new Counter({
    name: 'ackord_cache_asked_total',
    help: 'Questions to the caches, by where they were asked and what came of it.',
    labelNames: ['where', 'outcome'],
    registers: [registry],
  });
  return { asked: (where, outcome) => asked.inc({ where, outcome }) };
}
