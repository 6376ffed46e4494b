/**
 * Which node of a cluster has which channel. Any node that sees most of the others is asked: at the start, when a channel
 * turns out to have moved, as long as one is not heard, and every now and then.
 * Promise: a node that takes over from another is found as soon as some node knows of it.
 */
import { LIMITS } from '@ackord/core';
import { addressText, type NodeAddress, type RedisLogin, readRedisUrl } from '../redis/place.ts';
import { slotOf } from '../redis/slot.ts';
import { RedisLink } from './redis-link.ts';
import type { NodesEvents, RedisNodes } from './redis-nodes.ts';

export const openCluster = (
  urls: readonly string[],
  channels: readonly string[],
  events: NodesEvents,
): RedisNodes => new ClusterNodes(urls, channels, events);

class ClusterNodes implements RedisNodes {
  readonly #events: NodesEvents;
  readonly #login: RedisLogin;
  readonly #seeds: readonly NodeAddress[];
  /** Of the channels. */
  readonly #slots: ReadonlyMap<string, number>;
  /** By address. Whoever answered a question last stands last. */
  readonly #links = new Map<string, RedisLink>();
  /** By channel. */
  #owners: ReadonlyMap<string, RedisLink> = new Map();
  #asking = false;
  #askAgain = false;
  #askedAt = 0;
  #stopped = false;
  readonly #timer: NodeJS.Timeout;

  constructor(urls: readonly string[], channels: readonly string[], events: NodesEvents) {
    this.#events = events;
    const seeds = urls.map(readRedisUrl);
    const { db: _, ...login }: RedisLogin = seeds[0]?.login ?? {};
    this.#login = login;
    this.#seeds = seeds.map(({ address }) => address);
    this.#slots = new Map(channels.map((channel) => [channel, slotOf(channel)]));
    for (const address of this.#seeds) this.#open(address);
    this.#timer = setInterval(() => this.#look(), LIMITS.busCheckMs / 4).unref();
  }

  linkOf(channel: string): RedisLink | null {
    return this.#owners.get(channel) ?? null;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const link of this.#links.values()) link.stop();
  }

  #open(address: NodeAddress): RedisLink {
    const known = this.#links.get(addressText(address));
    if (known) return known;
    const { onMessage, onUp, onDown } = this.#events;
    const link: RedisLink = new RedisLink(address, this.#login, {
      message: onMessage,
      changed: () => void (this.#isWell() ? onUp() : this.#ask()),
      moved: () => void this.#ask(),
      failed: (cause) => {
        // A node that has no channel, or none any more, is not missed.
        if (this.#owners.size === 0 || [...this.#owners.values()].includes(link)) onDown(cause);
        void this.#ask();
      },
    });
    this.#links.set(addressText(address), link);
    return link;
  }

  #isWell(): boolean {
    const owners = [...new Set(this.#owners.values())];
    return this.#owners.size === this.#slots.size && owners.every((link) => link.canSend && link.hearsAll());
  }

  #look(): void {
    const isDue = performance.now() - this.#askedAt > LIMITS.busTopologyMs;
    if (!this.#askAgain && !isDue && this.#isWell()) return;
    this.#askedAt = performance.now();
    void this.#ask();
  }

  /** One question at a time; what turns up meanwhile is asked a little later. */
  async #ask(): Promise<void> {
    this.#askAgain = this.#asking;
    if (this.#asking || this.#stopped) return;
    this.#asking = true;
    try {
      await this.#askSomebody();
    } finally {
      this.#asking = false;
    }
  }

  async #askSomebody(): Promise<void> {
    for (const [address, link] of [...this.#links]) {
      if (!link.canSend) continue;
      this.#links.delete(address);
      this.#links.set(address, link);
      const found = ownersIn(await link.slots(), this.#slots, address);
      if (this.#stopped) return;
      if (found) return this.#assign(found);
    }
  }

  #assign(found: ReadonlyMap<string, NodeAddress>): void {
    this.#owners = new Map([...found].map(([channel, address]) => [channel, this.#open(address)]));
    const kept = new Set([...this.#owners.values(), ...this.#seeds.map((address) => this.#open(address))]);
    for (const [address, link] of this.#links) {
      const channels = [...this.#owners].flatMap(([channel, owner]) => (owner === link ? [channel] : []));
      link.want(new Set(channels));
      if (kept.has(link)) continue;
      this.#links.delete(address);
      link.stop();
    }
    if (this.#isWell()) this.#events.onUp();
  }
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
