/**
 * One node of Redis: a connection that hears channels and one that sends to them. It connects anew by itself, and looks
 * every now and then whether it still hears what it should: subscribing again costs nothing where nothing was lost, and an
 * answer that does not come ends the connection.
 */
import { LIMITS } from '@ackord/core';
import type { Redis } from 'ioredis';
import { connectTo, type NodeAddress, type RedisLogin } from '../redis/place.ts';

export interface LinkEvents {
  message(text: string): void;
  /** It began or ceased to hear channels, or to be able to send. */
  changed(): void;
  /** Another node has a channel now. */
  moved(): void;
  failed(cause: string): void;
}

/** A message and the channel that it goes to. */
export interface Parcel {
  readonly channel: string;
  readonly text: string;
}

/** Servers that heard it, this one among them; null: it was not sent, or nobody knows. */
export type Delivery = number | null;

export class RedisLink {
  readonly #events: LinkEvents;
  readonly #hearing: Redis;
  readonly #sending: Redis;
  readonly #timer: NodeJS.Timeout;
  #wanted: ReadonlySet<string> = new Set();
  readonly #heard = new Set<string>();
  /** Before Redis 7 there are no sharded channels; known when it has said so, until it is connected to anew. */
  #sharded = { hearing: true, sending: true };
  #stopped = false;

  constructor(address: NodeAddress, login: RedisLogin, events: LinkEvents) {
    this.#events = events;
    this.#hearing = connectTo(address, login);
    this.#sending = connectTo(address, login);
    this.#watch(this.#hearing, 'hearing', () => this.#heard.clear());
    this.#watch(this.#sending, 'sending', () => {});
    this.#hearing.on('ready', () => void this.#subscribe());
    this.#hearing.on('moved', () => {
      this.#heard.clear();
      events.moved();
    });
    for (const event of ['message', 'smessage'])
      this.#hearing.on(event, (_channel: string, text: string) => events.message(text));
    this.#timer = setInterval(() => void this.#look(), LIMITS.busCheckMs);
    this.#timer.unref();
  }

  get canSend(): boolean {
    return this.#sending.status === 'ready';
  }

  hearsAll(): boolean {
    return [...this.#wanted].every((channel) => this.#heard.has(channel));
  }

  /** From now on it hears these channels and no others. */
  want(channels: ReadonlySet<string>): void {
    const before = this.#wanted;
    this.#wanted = channels;
    const isSame = before.size === channels.size && [...channels].every((channel) => before.has(channel));
    if (isSame) return;
    void this.#unsubscribe([...before].filter((channel) => !channels.has(channel)));
    void this.#subscribe();
  }

  /** Never rejects. Answers in the order of the parcels. */
  async send(parcels: readonly Parcel[]): Promise<readonly Delivery[]> {
    const sharded = this.#sharded.sending;
    const pipeline = this.#sending.pipeline();
    for (const { channel, text } of parcels)
      if (sharded) pipeline.spublish(channel, text);
      else pipeline.publish(channel, text);
    const replies = await pipeline.exec().catch(() => null);
    const errors = replies?.flatMap(([error]) => error ?? []) ?? [];
    if (sharded && errors.some(isUnknownCommand)) {
      this.#sharded = { ...this.#sharded, sending: false };
      return this.send(parcels);
    }
    if (errors.some(isAboutPlace)) this.#events.moved();
    return parcels.map((_, at) => {
      const [error, count] = replies?.[at] ?? [];
      return error || typeof count !== 'number' ? null : count;
    });
  }

  /**
   * What the node says of its cluster; see redis-cluster.ts. null: it does not say, or it is cut off from most of the others
   * and knows nothing of who has taken over from whom.
   */
  async slots(): Promise<unknown> {
    try {
      const info = await this.#sending.cluster('INFO');
      return String(info).includes('cluster_state:ok') ? await this.#sending.cluster('SLOTS') : null;
    } catch {
      return null;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#hearing.disconnect();
    this.#sending.disconnect();
  }

  #watch(client: Redis, side: 'hearing' | 'sending', onLost: () => void): void {
    let cause = 'the connection was closed';
    client.on('ready', () => this.#events.changed());
    client.on('error', (error: Error) => {
      cause = error.message;
    });
    client.on('close', () => {
      this.#sharded = { ...this.#sharded, [side]: true };
      onLost();
      if (!this.#stopped) this.#events.failed(cause);
    });
  }

  async #look(): Promise<void> {
    if (this.#sending.status === 'ready') await this.#sending.ping().catch(() => {});
    await this.#subscribe();
  }

  async #subscribe(): Promise<void> {
    if (this.#hearing.status !== 'ready' || this.#wanted.size === 0 || this.#stopped) return;
    const before = this.hearsAll();
    // One by one: a cluster refuses a command about several slots.
    await Promise.all([...this.#wanted].map((channel) => this.#hear(channel)));
    if (this.hearsAll() !== before) this.#events.changed();
  }

  async #hear(channel: string, sharded = this.#sharded.hearing): Promise<void> {
    try {
      await (sharded ? this.#hearing.ssubscribe(channel) : this.#hearing.subscribe(channel));
      if (this.#wanted.has(channel)) this.#heard.add(channel);
    } catch (error) {
      this.#heard.delete(channel);
      if (sharded && isUnknownCommand(error)) {
        this.#sharded = { ...this.#sharded, hearing: false };
        await this.#hear(channel, false);
      } else if (isAboutPlace(error)) this.#events.moved();
      else if (this.#hearing.status === 'ready') this.#events.failed(messageOf(error));
    }
  }

  async #unsubscribe(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#heard.delete(channel);
    if (this.#hearing.status !== 'ready' || this.#stopped) return;
    const leave = (channel: string): Promise<unknown> =>
      this.#sharded.hearing ? this.#hearing.sunsubscribe(channel) : this.#hearing.unsubscribe(channel);
    await Promise.all(channels.map((channel) => leave(channel).catch(() => {})));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

const isUnknownCommand = (error: unknown): boolean => /unknown command/i.test(messageOf(error));

/** MOVED, or a cluster without an owner for the slot. */
const isAboutPlace = (error: unknown): boolean =>
  /^(MOVED|CLUSTERDOWN|ASK|READONLY)\b/.test(messageOf(error));
