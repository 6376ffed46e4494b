/**
 * Which node of Redis has which channel. A standalone one has all. Of a cluster, any node that answers is asked: at the
 * start, when a channel turns out to have moved, as long as one is not heard, and every now and then.
 * Promise: a node that takes over from another is found as soon as some node knows of it.
 */
import { LIMITS } from '@ackord/core';
import {
  addressText,
  type NodeAddress,
  type RedisLogin,
  type RedisPlace,
  readRedisUrl,
} from '../redis/place.ts';
import { slotOf } from '../redis/slot.ts';
import { type LinkEvents, RedisLink } from './redis-link.ts';

export interface RedisNodes {
  /** null: nobody is known to have it. */
  linkOf(channel: string): RedisLink | null;
  stop(): void;
}

export interface NodesOptions {
  readonly redis: RedisPlace;
  readonly channels: readonly string[];
  readonly onMessage: (text: string) => void;
  readonly onUp: () => void;
  readonly onDown: (cause: string) => void;
}

export function openNodes(options: NodesOptions): RedisNodes {
  return options.redis.kind === 'standalone'
    ? openStandalone(options, options.redis.url)
    : openCluster(options, options.redis.urls);
}

function openStandalone({ channels, onMessage, onUp, onDown }: NodesOptions, url: string): RedisNodes {
  const { address, login } = readRedisUrl(url);
  const link: RedisLink = new RedisLink(address, login, {
    message: onMessage,
    changed: () => void (link.canSend && link.hearsAll() && onUp()),
    moved: () => {},
    failed: onDown,
  });
  link.want(new Set(channels));
  return { linkOf: () => link, stop: () => link.stop() };
}

function openCluster(options: NodesOptions, urls: readonly string[]): RedisNodes {
  const { channels, onMessage, onUp, onDown } = options;
  const seeds = urls.map(readRedisUrl);
  const { db: _, ...login }: RedisLogin = seeds[0]?.login ?? {};
  const slots = new Map(channels.map((channel) => [channel, slotOf(channel)]));
  const links = new Map<string, RedisLink>();
  let owners: ReadonlyMap<string, RedisLink> = new Map();
  let asking = false;
  let askAgain = false;
  let stopped = false;

  const isWell = (): boolean =>
    owners.size === channels.length &&
    [...new Set(owners.values())].every((link) => link.canSend && link.hearsAll());

  const open = (address: NodeAddress): RedisLink => {
    const known = links.get(addressText(address));
    if (known) return known;
    const events: LinkEvents = {
      message: onMessage,
      changed: () => void (isWell() ? onUp() : ask()),
      moved: () => void ask(),
      failed: (cause) => {
        // A node that has no channel, or none any more, is not missed.
        if (owners.size === 0 || [...owners.values()].includes(link)) onDown(cause);
        void ask();
      },
    };
    const link = new RedisLink(address, login, events);
    links.set(addressText(address), link);
    return link;
  };

  const assign = (found: ReadonlyMap<string, NodeAddress>): void => {
    owners = new Map([...found].map(([channel, address]) => [channel, open(address)]));
    const kept = new Set([...owners.values(), ...seeds.map(({ address }) => open(address))]);
    for (const [address, link] of links) {
      link.want(new Set([...owners].flatMap(([channel, owner]) => (owner === link ? [channel] : []))));
      if (kept.has(link)) continue;
      links.delete(address);
      link.stop();
    }
    if (isWell()) onUp();
  };

  /** One question at a time; what turns up meanwhile is asked behind it. */
  const ask = async (): Promise<void> => {
    if (stopped) return;
    askAgain = asking;
    if (asking) return;
    asking = true;
    try {
      await askSomebody();
    } finally {
      asking = false;
    }
  };

  const askSomebody = async (): Promise<void> => {
    for (const [address, link] of [...links]) {
      if (!link.canSend) continue;
      // Whoever answered is asked last next time.
      links.delete(address);
      links.set(address, link);
      const found = ownersIn(await link.slots(), slots, address);
      if (stopped) return;
      if (found) return assign(found);
    }
  };

  let askedAt = 0;
  const timer = setInterval(() => {
    const isDue = performance.now() - askedAt > LIMITS.busTopologyMs;
    if (!askAgain && !isDue && isWell()) return;
    askedAt = performance.now();
    void ask();
  }, LIMITS.busCheckMs / 4);
  timer.unref();
  for (const { address } of seeds) open(address);
  return {
    linkOf: (channel) => owners.get(channel) ?? null,
    stop() {
      stopped = true;
      clearInterval(timer);
      for (const link of links.values()) link.stop();
    },
  };
}

/**
 * From the answer to CLUSTER SLOTS: lists of first slot, last slot and the owner's host and port, followed by replicas.
 * null: it was no such answer. `asked`: the node itself, whose name it may leave out.
 */
export function ownersIn(
  answer: unknown,
  slots: ReadonlyMap<string, number>,
  asked: string,
): ReadonlyMap<string, NodeAddress> | null {
  if (!Array.isArray(answer)) return null;
  const found = new Map<string, NodeAddress>();
  for (const range of answer as readonly unknown[]) {
    if (!Array.isArray(range)) return null;
    const [first, last, owner] = range as readonly unknown[];
    if (typeof first !== 'number' || typeof last !== 'number' || !Array.isArray(owner)) return null;
    const [host, port] = owner as readonly unknown[];
    if (typeof port !== 'number') return null;
    const name = typeof host === 'string' && host !== '' ? host : asked.slice(0, asked.lastIndexOf(':'));
    for (const [channel, slot] of slots)
      if (slot >= first && slot <= last) found.set(channel, { host: name, port });
  }
  return found;
}
