/**
 * A device of the native protocol that does not give up: it keeps a replica by the rules of docs/protocol.md and sends what
 * was not acknowledged again, under the same change ids, to whichever of some servers lets it in. Knows in the end what
 * must be there.
 */
import { randomUUID } from 'node:crypto';
import type { Changes, SyncPage, WireChange, WireReceipt, WireRecord } from '@ackord/core';
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: messages of any shape
type Loose = any;

export interface DeviceSettings {
  readonly name: string;
  /** Of the servers, as `http://…`. */
  readonly addresses: readonly string[];
  readonly token: string;
  readonly tripId: string;
}

/** A memory that this device alone writes to, as it was acknowledged. */
export interface Expected {
  readonly version: number;
  readonly title: string;
}

export interface DeviceCounts {
  /** Sockets that were opened. */
  connections: number;
  /** Of them, those that ended without a `bye` before. */
  cut: number;
  /** Pushes that had no answer when their socket closed, and did not cross a `bye`. */
  unanswered: number;
  /** Receipts that said 'later'. */
  retries: number;
  acknowledged: number;
  /** From the edit to its receipt, milliseconds, the longest. */
  slowestMs: number;
}

const SILENCE_MS_MAX = 30_000;
const AT = '2026-05-01T08:00:00.000Z';

export class NativeDevice {
  readonly settings: DeviceSettings;
  readonly records = new Map<string, WireRecord>();
  /** null: it was deleted. */
  readonly expected = new Map<string, Expected | null>();
  readonly counts: DeviceCounts = {
    connections: 0,
    cut: 0,
    unanswered: 0,
    retries: 0,
    acknowledged: 0,
    slowestMs: 0,
  };
  /** What must never happen. */
  readonly faults: string[] = [];
  seqs: Record<string, number> = {};
  isLive = false;
  #cursor: string | null = null;
  #socket: WebSocket | null = null;
  #isWelcome = false;
  #resumeAfterMs: number | null = null;
  #at: number;
  #timer: NodeJS.Timeout | undefined;
  #heardAt = 0;
  #isStopped = false;
  #outbox: readonly WireChange[] = [];
  #madeAt = 0;
  #pushId = '';
  #pushes = 0;
  #answers = new Map<string, (message: Loose) => void>();

  constructor(settings: DeviceSettings, first: number) {
    this.settings = settings;
    this.#at = first;
    this.#connect();
  }

  get isIdle(): boolean {
    return this.#outbox.length === 0;
  }

  /** Makes an edit, if the one before is acknowledged. */
  write(): void {
    if (!this.isIdle || this.#isStopped) return;
    this.#madeAt = performance.now();
    const own = [...this.expected].flatMap(([id, state]) => (state === null ? [] : [[id, state] as const]));
    const [id, state] = own[Math.floor(Math.random() * own.length)] ?? [];
    const dice = Math.random();
    if (id === undefined || state === undefined || dice < 0.5) this.#outbox = [this.#creation()];
    else if (dice < 0.9) this.#outbox = [{ ...this.#edit(id, state.version), op: 'update' }];
    else this.#outbox = [{ ...this.#edit(id, state.version), op: 'delete' }];
    this.#push();
  }

  /** A socket from which nothing was heard for long, although something was asked, is given up. */
  lookAround(): void {
    const isAsking = !this.isIdle || !this.isLive;
    if (isAsking && performance.now() - this.#heardAt > SILENCE_MS_MAX) this.#socket?.terminate();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  /** The server's digests of its trip. Rejects when the socket closes meanwhile. */
  digests(): Promise<{ readonly seq: number; readonly types: Readonly<Record<string, string>> }> {
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const scope = `trip:${this.settings.tripId}`;
      this.#socket?.once('close', () => reject(new Error('closed')));
      this.#answers.set(id, ({ scopes }) =>
        resolve(scopes.find((one: Loose) => one.scope === scope) ?? { seq: -1, types: {} }),
      );
      this.#send({ type: 'digest', id, scopes: [scope] });
    });
  }

  #creation(): WireChange {
    const fields = { tripId: this.settings.tripId, title: randomUUID(), timestamp: AT };
    return { changeId: randomUUID(), type: 'Memory', id: randomUUID(), op: 'create', base: 0, fields };
  }

  #edit(id: string, base: number): Omit<WireChange, 'op'> {
    return { changeId: randomUUID(), type: 'Memory', id, base, fields: { title: randomUUID() } };
  }

  #connect(): void {
    if (this.#isStopped) return;
    const { addresses, token, name } = this.settings;
    const address = addresses[this.#at++ % addresses.length] ?? '';
    const socket = new WebSocket(`${address.replace('http', 'ws')}/sync`, {
      perMessageDeflate: false,
      handshakeTimeout: SILENCE_MS_MAX,
    });
    this.#socket = socket;
    this.#heardAt = performance.now();
    this.#resumeAfterMs = null;
    let wasOpen = false;
    socket.on('error', () => {});
    socket.on('open', () => {
      wasOpen = true;
      this.counts.connections++;
      this.#send({ type: 'hello', protocol: 1, domain: 'travel', token, device: name });
    });
    socket.on('message', (data) => {
      this.#heardAt = performance.now();
      this.#take(JSON.parse(data.toString()));
    });
    socket.on('close', () => this.#lost(wasOpen));
  }

  #lost(wasOpen: boolean): void {
    this.isLive = false;
    this.#answers.clear();
    if (wasOpen && this.#resumeAfterMs === null) this.counts.cut++;
    if (this.#isWelcome && !this.isIdle && this.#pushId !== '') this.counts.unanswered++;
    this.#isWelcome = false;
    this.#pushId = '';
    const wait = this.#resumeAfterMs ?? 50 + Math.random() * 450;
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message), () => {});
  }

  #push(): void {
    if (!this.#isWelcome || this.isIdle || this.#resumeAfterMs !== null) return;
    this.#pushId = `push ${++this.#pushes}`;
    this.#send({ type: 'push', id: this.#pushId, changes: this.#outbox });
  }

  #take(message: Loose): void {
    switch (message.type) {
      case 'welcome':
        this.#isWelcome = true;
        this.#send({ type: 'subscribe', cursor: this.#cursor, seen: this.seqs });
        this.#push();
        break;
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
        break;
      case 'receipts':
        if (message.id === this.#pushId) this.#takeReceipts(message.receipts);
        break;
      case 'digests':
        this.#answers.get(message.id)?.(message);
        break;
      case 'bye':
        this.#resumeAfterMs = message.resumeAfterMs;
        break;
      case 'error':
        // While the database is away; the watch over silent sockets does the rest.
        if (message.code !== 'UNAVAILABLE') this.faults.push(JSON.stringify(message));
    }
  }

  #takeReceipts([receipt]: readonly WireReceipt[]): void {
    const [change] = this.#outbox;
    if (!receipt || !change) return;
    this.#pushId = '';
    if (receipt.status === 'retry') {
      this.counts.retries++;
      setTimeout(() => this.#push(), receipt.retryAfterMs ?? 100);
      return;
    }
    this.#outbox = [];
    if (receipt.status !== 'applied') {
      this.faults.push(`${change.op}: ${JSON.stringify(receipt)}`);
      return;
    }
    this.counts.acknowledged++;
    this.counts.slowestMs = Math.max(this.counts.slowestMs, Math.round(performance.now() - this.#madeAt));
    const version = receipt.version ?? -1;
    if (version !== (change.base ?? 0) + 1)
      this.faults.push(`${change.op} on ${change.base} made ${version}`);
    const { title } = change.fields as { readonly title: string };
    this.expected.set(change.id, change.op === 'delete' ? null : { version, title });
  }

  #takePage({ records, dropped, cursor, seqs, resync }: SyncPage): void {
    this.isLive = false;
    if (resync) this.records.clear();
    for (const [key, { scope }] of this.records) if (dropped.includes(scope)) this.records.delete(key);
    for (const record of records) this.#file(record);
    this.#cursor = cursor;
    for (const [scope, seq] of Object.entries(seqs))
      if (!resync && seq < (this.seqs[scope] ?? 0))
        this.faults.push(`${scope} went back from ${this.seqs[scope]} to ${seq}`);
    this.seqs = seqs;
  }

  #takeChanges({ scope, from, to, records }: Changes): void {
    const at = this.seqs[scope] ?? 0;
    if (from > at) this.faults.push(`a gap in ${scope}: ${at}, and then changes from ${from}`);
    for (const record of records) if (record.seq > at) this.#file(record);
    this.seqs[scope] = Math.max(at, to);
  }

  #file(record: WireRecord): void {
    const key = `${record.type} ${record.id}`;
    const mine = this.records.get(key);
    if (mine && record.version < mine.version)
      this.faults.push(`${key} went back from version ${mine.version} to ${record.version}`);
    if (record.gone === undefined) this.records.set(key, record);
    else if (record.gone !== 'moved' || mine?.scope === record.scope) this.records.delete(key);
  }
}
