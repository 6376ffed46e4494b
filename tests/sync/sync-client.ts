/**
 * A client of the native protocol as small as one can be: it keeps a replica by the rules of docs/protocol.md, and
 * everything that it was told, for tests to look at.
 */
import type { Changes, SyncPage, WireChange, WireReceipt, WireRecord } from '@ackord/core';
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any shape
export type Loose = any;

export interface ClientOptions {
  readonly url: string;
  readonly token: string | null;
  readonly domain?: string;
  readonly device?: string;
  readonly tenant?: string;
}

export class SyncClient {
  readonly socket: WebSocket;
  readonly received: Loose[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Live records by scope, type and id. */
  readonly records = new Map<string, WireRecord>();
  cursor: string | null = null;
  seqs: Record<string, number> = {};
  roles: Record<string, string> = {};
  isLive = false;
  #pushes = 0;
  #wake: (() => void)[] = [];

  constructor({ url }: Pick<ClientOptions, 'url'>) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/sync`);
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => {
        this.isLive = false;
        resolve({ code, reason: reason.toString() });
        this.#woken();
      }),
    );
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      this.received.push(message);
      this.#take(message);
      this.#woken();
    });
  }

  /** A client that was welcomed. */
  static async open(options: ClientOptions): Promise<SyncClient> {
    const client = new SyncClient(options);
    await client.greet(options);
    return client;
  }

  async greet({ token, domain = 'travel', device, tenant }: Omit<ClientOptions, 'url'>): Promise<Loose> {
    await new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
    this.send({
      type: 'hello',
      protocol: 1,
      domain,
      ...(token !== null && { token }),
      ...(device !== undefined && { device }),
      ...(tenant !== undefined && { tenant }),
    });
    return this.next(({ type }) => type === 'welcome');
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Goes on from another client's replica, or from nothing; resolves when it is live. */
  async subscribe(from?: SyncClient, more: object = {}): Promise<void> {
    if (from) {
      for (const [key, record] of from.records) this.records.set(key, record);
      this.cursor = from.cursor;
      this.seqs = { ...from.seqs };
    }
    const at = this.received.length;
    this.send({ type: 'subscribe', cursor: this.cursor, seen: this.seqs, ...more });
    await this.next(({ type }) => type === 'live', at);
  }

  async push(...changes: readonly WireChange[]): Promise<WireReceipt[]> {
    const id = `push ${++this.#pushes}`;
    this.send({ type: 'push', id, changes });
    return (await this.next((message) => message.id === id)).receipts;
  }

  /** The first message from `from` on that fits; waits for it. */
  async next(fits: (message: Loose) => boolean, from = 0): Promise<Loose> {
    return this.until(() => this.received.slice(from).find(fits));
  }

  /** What the look finds, as soon as it finds something. Rejects when the socket closes before. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('The socket is closed.');
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  record(type: string, id: string): WireRecord | undefined {
    return [...this.records.values()].find((one) => one.type === type && one.id === id);
  }

  close(): void {
    this.socket.close();
  }

  #woken(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #take(message: Loose): void {
    switch (message.type) {
      case 'page':
        this.#takePage(message);
        break;
      case 'changes':
        this.#takeChanges(message);
        break;
      case 'live':
        this.isLive = true;
        break;
      case 'behind':
        this.isLive = false;
    }
  }

  #takePage({ records, dropped, roles, cursor, seqs, resync }: SyncPage): void {
    this.isLive = false;
    if (resync) this.records.clear();
    for (const [key, { scope }] of this.records) if (dropped.includes(scope)) this.records.delete(key);
    for (const record of records) this.#file(record);
    this.cursor = cursor;
    this.seqs = seqs;
    this.roles = roles;
  }

  #takeChanges({ scope, from, to, records }: Changes): void {
    const at = this.seqs[scope] ?? 0;
    if (from > at) throw new Error(`A gap in ${scope}: ${at}, and then changes from ${from}`);
    for (const record of records) if (record.seq > at) this.#file(record);
    this.seqs[scope] = Math.max(at, to);
  }

  #file(record: WireRecord): void {
    const key = `${record.type} ${record.id}`;
    const mine = this.records.get(key);
    if (record.gone === undefined) this.records.set(key, record);
    // What has moved may have arrived in its new scope before.
    else if (record.gone !== 'moved' || mine?.scope === record.scope) this.records.delete(key);
  }
}
