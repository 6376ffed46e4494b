/**
 * A device of Actual: its clock, its hash tree of all messages that it knows, and the rows that they make. Input: records to
 * write. Promises: when write or sync has resolved, its tree equals the server's, so nothing is missing here or there.
 */
import { randomBytes } from 'node:crypto';
import { fetchAgain } from '../fetch-again.ts';
import type { BenchRecord } from '../peer.ts';

interface Envelope {
  readonly timestamp: string;
  readonly isEncrypted: boolean;
  readonly content: Uint8Array;
}
interface SyncResponse {
  readonly messages: readonly Envelope[];
  /** A hash tree as JSON. */
  readonly merkle: string;
}
interface Field {
  readonly row: string;
  readonly column: string;
  readonly value: string;
}
type Trie = object;
interface Timestamp {
  toString(): string;
}
export interface Crdt {
  readonly Timestamp: {
    new (millis: number, counter: number, node: string): Timestamp;
    parse(text: string): Timestamp;
  };
  readonly merkle: {
    emptyTrie(): Trie;
    insert(trie: Trie, timestamp: Timestamp): Trie;
    prune(trie: Trie): Trie;
    diff(one: Trie, other: Trie): number | null;
  };
  readonly SyncRequestSchema: object;
  readonly SyncResponseSchema: object;
  readonly MessageSchema: object;
  readonly MessageEnvelopeSchema: object;
  create(schema: object, value: object): object;
  toBinary(schema: object, message: object): Uint8Array;
  fromBinary(schema: object, bytes: Uint8Array): object;
}
/** A file on the server, in which devices share what they change. */
export interface Budget {
  readonly url: string;
  readonly token: string;
  readonly fileId: string;
  readonly groupId: string;
}

const BEGINNING = '1970-01-01T00:00:00.000Z-0000-0000000000000000';
const RESYNCS_MAX = 10;
const ADDRESSES = 60_000;

let calls = 0;
/** The server counts requests by address, and takes the address from a proxy on the same machine. */
function nextAddress(): string {
  calls = (calls + 1) % ADDRESSES;
  return `10.1.${calls >> 8}.${calls & 255}`;
}

export class Device {
  readonly #crdt: Crdt;
  readonly #budget: Budget;
  readonly #node = randomBytes(8).toString('hex');
  readonly #seen = new Set<string>();
  readonly #rows = new Map<string, Record<string, string>>();
  readonly #news = new Set<string>();
  #trie: Trie;
  #newest = BEGINNING;
  #clock = { millis: 0, counter: 0 };

  constructor(crdt: Crdt, budget: Budget) {
    this.#crdt = crdt;
    this.#budget = budget;
    this.#trie = crdt.merkle.emptyTrie();
  }

  async write(records: readonly BenchRecord[]): Promise<void> {
    const since = this.#newest;
    const envelopes: Envelope[] = [];
    for (const { id, ...fields } of records) {
      for (const [column, value] of Object.entries(fields)) envelopes.push(this.#envelope(id, column, value));
    }
    for (const { timestamp } of envelopes) this.#note(timestamp);
    await this.sync(envelopes, since);
  }

  /** Sends, takes what came behind `since`, and asks again from where the hash trees begin to differ. */
  async sync(envelopes: readonly Envelope[], since = this.#newest): Promise<void> {
    let response = await this.#call(envelopes, since);
    for (let again = 0; again < RESYNCS_MAX; again++) {
      const { merkle, Timestamp } = this.#crdt;
      const differs = merkle.diff(JSON.parse(response.merkle), this.#trie);
      if (differs === null) return;
      response = await this.#call([], new Timestamp(differs, 0, '0').toString());
    }
  }

  /** How many records have come since it was asked last. */
  takeNews(): number {
    const { size } = this.#news;
    this.#news.clear();
    return size;
  }

  async #call(envelopes: readonly Envelope[], since: string): Promise<SyncResponse> {
    const { create, toBinary, fromBinary, SyncRequestSchema, SyncResponseSchema } = this.#crdt;
    const { url, token, fileId, groupId } = this.#budget;
    const request = create(SyncRequestSchema, { messages: envelopes, fileId, groupId, keyId: '', since });
    const answer = await answerOf(
      `${url}/sync/sync`,
      {
        'Content-Type': 'application/actual-sync',
        'X-ACTUAL-TOKEN': token,
        'X-Forwarded-For': nextAddress(),
      },
      toBinary(SyncRequestSchema, request),
    );
    const response = fromBinary(SyncResponseSchema, answer) as SyncResponse;
    for (const envelope of response.messages) this.#take(envelope);
    this.#trie = this.#crdt.merkle.prune(this.#trie);
    return response;
  }

  #take({ timestamp, content }: Envelope): void {
    if (this.#seen.has(timestamp)) return;
    this.#note(timestamp);
    const { row, column, value } = this.#crdt.fromBinary(
      this.#crdt.MessageSchema,
      content,
    ) as unknown as Field;
    const fields = this.#rows.get(row) ?? {};
    fields[column] = value;
    this.#rows.set(row, fields);
    this.#news.add(row);
  }

  #note(timestamp: string): void {
    const { merkle, Timestamp } = this.#crdt;
    this.#seen.add(timestamp);
    this.#trie = merkle.insert(this.#trie, Timestamp.parse(timestamp));
    if (timestamp > this.#newest) this.#newest = timestamp;
  }

  /** Values carry their type in front, as Actual writes them. */
  #envelope(row: string, column: string, value: string | number): Envelope {
    const { create, toBinary, MessageSchema, MessageEnvelopeSchema } = this.#crdt;
    const text = typeof value === 'number' ? `N:${value}` : `S:${value}`;
    const message = create(MessageSchema, { dataset: 'records', row, column, value: text });
    const content = toBinary(MessageSchema, message);
    return create(MessageEnvelopeSchema, {
      timestamp: this.#tick(),
      isEncrypted: false,
      content,
    }) as Envelope;
  }

  #tick(): string {
    const { Timestamp } = this.#crdt;
    const now = Date.now();
    const { millis, counter } = this.#clock;
    const isFull = counter === 0xffff;
    if (now > millis) this.#clock = { millis: now, counter: 0 };
    else this.#clock = isFull ? { millis: millis + 1, counter: 0 } : { millis, counter: counter + 1 };
    return new Timestamp(this.#clock.millis, this.#clock.counter, this.#node).toString();
  }
}

/** Rejects when the server refused. */
export async function answerOf(
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<Buffer> {
  const response = await fetchAgain(url, { method: 'POST', headers, body });
  const answer = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`Actual answered ${response.status}: ${answer.toString().slice(0, 200)}`);
  return answer;
}
