/**
 * The connection of the app in the field: its sockets, its status, the rhythm in which it empties its queue, and what it
 * does with what comes. Its oddities are meant: one flag for all sockets, a late close that takes away the reference to
 * a newer socket, refusals without effect.
 */
import { typeNameOf } from '@ackord/finance';
import { WebSocket } from 'ws';
import type { Chance } from '../../legacy/apps/chance.ts';
import type { Loose } from '../ground.ts';
import type { LocalStore } from './local-store.ts';
import type { OwnQueue, QueueEntry } from './own-queue.ts';
import { type DeviceClock, RHYTHM, scaled } from './rhythm.ts';

export interface ClientParts {
  readonly url: () => string;
  readonly clock: DeviceClock;
  readonly chance: Chance;
  /** Of the tenant that the app shows. */
  readonly tenantId: string;
  readonly store: LocalStore;
  readonly queue: OwnQueue;
  /** A server must never bring this about. */
  readonly onFault: (fault: string) => void;
}

export class AppClient {
  readonly #parts: ClientParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<WebSocket>();
  #socket: WebSocket | null = null;
  #tenantId: string;
  #backendStatus = 'offline';
  #isExplicitlyClosed = false;
  #isLoadProcessed = false;
  #isSending = false;
  #isStopped = false;
  #tries = 0;
  #reconnectTimer: NodeJS.Timeout | null = null;
  readonly figures = {
    sent: 0,
    resent: 0,
    acks: 0,
    nacks: 0,
    loads: 0,
    loadsIgnored: 0,
    updates: 0,
    opened: 0,
  };

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#tenantId = parts.tenantId;
  }

  get isQuiet(): boolean {
    return this.#isOnline && this.#isLoadProcessed && this.#parts.queue.size === 0 && !this.#isSending;
  }

  get liveSockets(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  }

  get isAway(): boolean {
    return this.#tenantId !== this.#parts.tenantId;
  }

  start(): void {
    this.connect();
    this.#every(RHYTHM.queueLookMs, () => void this.#emptyQueue());
  }

  connect(): void {
    if (this.#socket || this.#isStopped) return;
    this.#isExplicitlyClosed = false;
    const tenantId = this.#tenantId;
    const socket = new WebSocket(`${this.#parts.url()}/ws_finwise/ws/${tenantId}`);
    this.#socket = socket;
    this.#sockets.add(socket);
    socket.on('open', () => this.#onOpen(socket));
    socket.on('message', (data) => this.#onMessage(data.toString()));
    socket.on('error', () => undefined);
    // Of whichever socket: the app does not look which one it was.
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#onClose();
    });
  }

  /** To another tenant, or back. */
  switchTo(tenantId: string): void {
    this.#sendNow({ type: 'tenant_disconnect', tenant_id: this.#tenantId, reason: 'tenant_switch' });
    this.#isExplicitlyClosed = true;
    this.#socket?.close();
    this.#socket = null;
    this.#backendStatus = 'offline';
    this.#tenantId = tenantId;
    this.connect();
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  get #isOnline(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.#backendStatus === 'online';
  }

  #onOpen(socket: WebSocket): void {
    this.figures.opened += 1;
    this.#tries = 0;
    this.#isLoadProcessed = false;
    this.#ping(socket);
    if (this.#isOnline) this.#onOnline();
  }

  #ping(socket: WebSocket): void {
    this.#after(RHYTHM.pingMs, () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ type: 'ping', timestamp: this.#parts.clock.now() }));
      this.#ping(socket);
    });
  }

  #onClose(): void {
    this.#socket = null;
    this.#backendStatus = 'offline';
    if (this.#isExplicitlyClosed || this.#isStopped || this.#reconnectTimer) return;
    this.#tries += 1;
    const delay = Math.min(RHYTHM.reconnectMs * 2 ** (this.#tries - 1), RHYTHM.reconnectMsMax);
    this.#reconnectTimer = this.#after(delay, () => {
      this.#reconnectTimer = null;
      this.connect();
    });
  }

  /** Two watchers, a retry, and the queue at the same time. */
  #onOnline(): void {
    const ask = (): void => this.#sendNow({ type: 'request_initial_data', tenant_id: this.#tenantId });
    ask();
    this.#after(this.#parts.chance.number(100), ask);
    if (this.#parts.chance.percent(50)) this.#after(RHYTHM.loadRetryMs, ask);
    void this.#emptyQueue();
  }

  #onMessage(text: string): void {
    if (this.#isStopped) return;
    try {
      this.#take(JSON.parse(text));
    } catch (cause) {
      this.#backendStatus = 'error';
      this.#parts.onFault(`the app falls into its error status: ${cause}, by ${text.slice(0, 200)}`);
    }
  }

  #take(message: Loose): void {
    const { store, queue, tenantId } = this.#parts;
    switch (message.event_type ?? message.type) {
      case 'status': {
        const wasOnline = this.#isOnline;
        this.#backendStatus = message.status;
        if (!wasOnline && this.#isOnline) this.#onOnline();
        return;
      }
      case 'sync_ack':
        this.figures.acks += 1;
        queue.remove(message.id);
        return;
      case 'sync_nack':
        // Its look-up of the entry fails, so it has no effect.
        this.figures.nacks += 1;
        if (message.is_permanent) this.#parts.onFault(`refused for good: ${JSON.stringify(message)}`);
        return;
      case 'initial_data_load':
        if (message.tenant_id !== this.#tenantId || this.isAway) return;
        if (this.#isLoadProcessed) {
          this.figures.loadsIgnored += 1;
          return;
        }
        this.#isLoadProcessed = true;
        this.figures.loads += 1;
        store.takeLoad(message.payload);
        return;
      case 'data_update': {
        if (message.tenant_id !== this.#tenantId || message.tenant_id !== tenantId) return;
        const type = typeNameOf(message.entity_type);
        if (type === null) throw new Error(`type ${message.entity_type}`);
        this.figures.updates += 1;
        store.takeUpdate(type, message.operation_type, message.data.single_entity);
        return;
      }
    }
  }

  /** One run at a time, over what is pending at its begin. */
  async #emptyQueue(): Promise<void> {
    if (this.#isSending || !this.#isOnline || this.isAway) return;
    this.#isSending = true;
    try {
      const pending = this.#parts.queue.pending();
      for (let at = 0; at < pending.length && !this.#isStopped; at += RHYTHM.chunkEntries) {
        if (!(await this.#sendChunk(pending.slice(at, at + RHYTHM.chunkEntries)))) return;
        await this.#pause(RHYTHM.chunkPauseMs);
      }
    } finally {
      this.#isSending = false;
    }
  }

  /** Answers whether all of it was acknowledged in time. */
  async #sendChunk(chunk: readonly QueueEntry[]): Promise<boolean> {
    const { queue, clock } = this.#parts;
    queue.markSent(chunk, clock.now());
    const isTransaction = ({ entityType }: QueueEntry): boolean => entityType === 'Transaction';
    for (const entry of chunk.filter(isTransaction)) {
      this.#sendEntry(entry);
      await this.#pause(RHYTHM.transactionGapMs);
    }
    for (const entry of chunk.filter((one) => !isTransaction(one))) {
      this.#sendEntry(entry);
      await this.#pause(RHYTHM.otherGapMs);
    }
    for (let waited = 0; waited < RHYTHM.chunkWaitMsMax && !this.#isStopped; waited += RHYTHM.chunkLookMs) {
      if (chunk.every(({ id }) => !queue.has(id))) return true;
      await this.#pause(RHYTHM.chunkLookMs);
    }
    queue.giveBack(chunk);
    return false;
  }

  #sendEntry(entry: QueueEntry): void {
    if (!this.#isOnline || this.isAway) return;
    this.figures.sent += 1;
    if (entry.attempts > 1) this.figures.resent += 1;
    this.#sendNow({ type: 'process_sync_entry', payload: entry });
  }

  #sendNow(message: object): void {
    if (this.#isOnline) this.#socket?.send(JSON.stringify(message));
  }

  #after(milliseconds: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isStopped) work();
    }, scaled(milliseconds));
    this.#timers.add(timer);
    return timer;
  }

  #every(milliseconds: number, work: () => void): void {
    this.#after(milliseconds, () => {
      work();
      this.#every(milliseconds, work);
    });
  }

  /** Does not end any more once the app is stopped. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#after(milliseconds, resolve);
    });
  }
}
