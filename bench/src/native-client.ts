/**
 * A client of the native protocol that keeps no replica, only where it stands: what docs/protocol.md asks of a client as
 * to cursors and seqs, and no more, so that little of what is measured is the client. Inputs: the server's address and a
 * token. Promises: whatever is awaited rejects when the socket ends.
 */
import { randomUUID } from 'node:crypto';
import {
  type Changes,
  SYNC_PROTOCOL_VERSION,
  type SyncPage,
  type WireChange,
  type WireReceipt,
  type WireRecord,
} from '@ackord/core';
import { WebSocket } from 'ws';

export interface NativeOptions {
  /** As HTTP. */
  readonly url: string;
  readonly token: string;
  readonly device?: string;
  /** Goes on from here. */
  readonly cursor?: string | null;
}

interface Settling<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (cause: Error) => void;
}

type Message =
  | { readonly type: 'welcome' | 'live' | 'behind' | 'access' | 'bye' }
  | SyncPage
  | Changes
  | { readonly type: 'receipts'; readonly id: string; readonly receipts: readonly WireReceipt[] }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly id?: string };

export class NativeClient {
  readonly device: string;
  cursor: string | null;
  /** Receipts that asked to send a change again. */
  retries = 0;
  #seqs: Record<string, number> = {};
  readonly #socket: WebSocket;
  readonly #pushes = new Map<string, Settling<readonly WireReceipt[]>>();
  #welcomed: Settling<void> | null = null;
  #live: Settling<void> | null = null;
  #complete: Settling<void> | null = null;
  #onRecord: (record: WireRecord) => void = () => {};
  #ended: Error | null = null;
  #lastPush = 0;

  private constructor({ url, device, cursor }: NativeOptions) {
    this.device = device ?? randomUUID();
    this.cursor = cursor ?? null;
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, { perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#take(JSON.parse(data.toString()) as Message));
    this.#socket.on('error', (cause) => this.#end(cause));
    this.#socket.on('close', (code, reason) =>
      this.#end(new Error(`The socket was closed with ${code} ${reason}`)),
    );
  }

  /** Resolves when the server has welcomed it. */
  static open(options: NativeOptions): Promise<NativeClient> {
    const client = new NativeClient(options);
    const { token } = options;
    return new Promise((resolve, reject) => {
      client.#welcomed = { resolve: () => resolve(client), reject };
      client.#socket.once('open', () =>
        client.#send({
          type: 'hello',
          protocol: SYNC_PROTOCOL_VERSION,
          domain: 'travel',
          token,
          device: client.device,
        }),
      );
    });
  }

  /** Reads pages from the cursor on; resolves when live. Records come to `onRecord` then, and afterwards as they change. */
  subscribe(onRecord: (record: WireRecord) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#live = { resolve, reject };
      this.#follow(onRecord);
    });
  }

  /** The same; resolves as soon as all that there was has come, before what is made from then on is heard of. */
  pull(onRecord: (record: WireRecord) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#complete = { resolve, reject };
      this.#follow(onRecord);
    });
  }

  #follow(onRecord: (record: WireRecord) => void): void {
    this.#onRecord = onRecord;
    this.#send({ type: 'subscribe', cursor: this.cursor, seen: this.#seqs });
  }

  /** All of them acknowledged, in their order; what is to be sent again is. Rejects where one is refused for good. */
  async push(changes: readonly WireChange[]): Promise<readonly WireReceipt[]> {
    const receipts = [...(await this.#pushOnce(changes))];
    for (;;) {
      const again: number[] = [];
      let waitMs = 0;
      for (const [at, receipt] of receipts.entries()) {
        if (receipt.status === 'rejected') throw new Error(`${receipt.code}: ${receipt.message}`);
        if (receipt.status !== 'retry') continue;
        again.push(at);
        waitMs = Math.max(waitMs, receipt.retryAfterMs ?? 0);
      }
      if (again.length === 0) return receipts;
      this.retries += again.length;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const answers = await this.#pushOnce(again.map((at) => changes[at] as WireChange));
      for (const [nth, at] of again.entries()) receipts[at] = answers[nth] as WireReceipt;
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === WebSocket.CLOSED) resolve();
      else this.#socket.once('close', () => resolve()).close();
    });
  }

  #pushOnce(changes: readonly WireChange[]): Promise<readonly WireReceipt[]> {
    const id = String(++this.#lastPush);
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      this.#pushes.set(id, { resolve, reject });
      this.#send({ type: 'push', id, changes });
    });
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #take(message: Message): void {
    switch (message.type) {
      case 'welcome':
        this.#welcomed?.resolve();
        break;
      case 'page':
        for (const record of message.records) this.#onRecord(record);
        this.cursor = message.cursor;
        this.#seqs = message.seqs;
        if (!message.more) this.#complete?.resolve();
        break;
      case 'live':
        this.#live?.resolve();
        break;
      case 'changes':
        this.#takeChanges(message);
        break;
      case 'receipts':
        this.#pushes.get(message.id)?.resolve(message.receipts);
        this.#pushes.delete(message.id);
        break;
      case 'error':
        this.#refused(new Error(`${message.code}: ${message.message}`), message.id);
        break;
      case 'bye':
      case 'behind':
      case 'access':
    }
  }

  #takeChanges({ scope, to, records }: Changes): void {
    const at = this.#seqs[scope] ?? 0;
    for (const record of records) if (record.seq > at) this.#onRecord(record);
    if (to > at) this.#seqs[scope] = to;
  }

  #refused(cause: Error, id: string | undefined): void {
    const push = id === undefined ? undefined : this.#pushes.get(id);
    if (push) push.reject(cause);
    else this.#end(cause);
  }

  #end(cause: Error): void {
    this.#ended ??= cause;
    for (const settling of [this.#welcomed, this.#live, this.#complete, ...this.#pushes.values()])
      settling?.reject(cause);
    this.#pushes.clear();
  }
}
