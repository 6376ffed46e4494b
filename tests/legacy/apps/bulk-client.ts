/** A newer app: an outbox of bulk rows, each with its change id, sent until it is answered; pages of the feed by cursor. */
import { randomUUID } from 'node:crypto';
import { type Loose, type Person, PULL, PUSH, TYPES } from '../../gaps/ground.ts';
import { type Replica, replicaOf } from '../../gaps/replica.ts';
import { type Line, LostAnswer } from './line.ts';
import { keyOf, type Observer, type Writer } from './observer.ts';

export type EntityName = keyof typeof TYPES;

interface OutboxRow {
  readonly list: string;
  readonly entity: EntityName;
  readonly row: Loose;
  /** Under stored names. */
  readonly meant: Readonly<Record<string, unknown>>;
}

/** Name in the bulk input → stored name. */
const STORED: Readonly<Record<string, string>> = {
  content: 'text',
  date: 'timestamp',
  address: 'locationName',
};

export class BulkClient implements Writer {
  readonly name: string;
  readonly userId: string;
  readonly person: Person;
  readonly #line: Line;
  readonly #observer: Observer;
  readonly #replica: Replica;
  #outbox: OutboxRow[] = [];
  readonly figures = { rows: 0, conflicts: 0, pending: 0, failed: 0 };

  constructor(name: string, person: Person, around: { readonly line: Line; readonly observer: Observer }) {
    this.name = name;
    this.userId = person.userId;
    this.person = person;
    this.#line = around.line;
    this.#observer = around.observer;
    const pull: Person['pull'] = async (args) => {
      const answer = await this.#line.call(this, () => person.ask(PULL, { ...args, batchSize: 200 }));
      if (answer.errors.length > 0) throw new Error(`The pull failed: ${JSON.stringify(answer.errors)}`);
      return answer.data.enhancedSync;
    };
    this.#replica = replicaOf({ ...person, pull });
  }

  get records(): ReadonlyMap<string, Loose> {
    return this.#replica.records;
  }

  get isQuiet(): boolean {
    return this.#outbox.length === 0;
  }

  known(key: string): number {
    const [entity = '', id = ''] = key.split(' ');
    const record = this.records.get(`${TYPES[entity as EntityName].list}/${id}`);
    return record?.syncVersion ?? this.#dropped.get(key) ?? 0;
  }
  readonly #dropped = new Map<string, number>();

  /** Those that its user sees: what is deleted here is gone, whether the server knows or not. */
  recordsOf(entity: EntityName): Loose[] {
    const { list } = TYPES[entity];
    const gone = new Set(
      this.#outbox.filter(({ row }) => row.operation === 'DELETE').map(({ row }) => row.id),
    );
    return [...this.records].flatMap(([key, record]) =>
      key.startsWith(`${list}/`) &&
      !gone.has(record.id) &&
      !gone.has(record.memoryId) &&
      !gone.has(record.tripId)
        ? [record]
        : [],
    );
  }

  create(entity: EntityName, fields: Record<string, unknown>): string {
    const id = randomUUID();
    this.#put(entity, id, 'CREATE', 0, fields);
    return id;
  }

  update(entity: EntityName, record: Loose, fields: Record<string, unknown>): void {
    this.#put(entity, record.id, 'UPDATE', record.syncVersion, fields);
  }

  remove(entity: EntityName, record: Loose): void {
    this.#put(entity, record.id, 'DELETE', record.syncVersion, {});
  }

  #put(
    entity: EntityName,
    id: string,
    operation: string,
    syncVersion: number,
    fields: Record<string, unknown>,
  ): void {
    const changeId = randomUUID();
    const clientTimestamp = new Date().toISOString();
    const meant = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [STORED[name] ?? name, value]),
    );
    const row = { operation, id, changeId, syncVersion, clientTimestamp, ...fields };
    this.#outbox.push({ list: TYPES[entity].list, entity, row, meant });
  }

  async cycle(): Promise<void> {
    try {
      await this.#push();
      const before = [...this.records];
      await this.#replica.sync();
      for (const [key, record] of before) this.#noteDropped(key, record);
    } catch (cause) {
      if (!(cause instanceof LostAnswer)) throw cause;
    }
  }

  #noteDropped(key: string, record: Loose): void {
    if (this.records.has(key)) return;
    const entity = (Object.keys(TYPES) as EntityName[]).find((name) =>
      key.startsWith(`${TYPES[name].list}/`),
    );
    if (entity) this.#dropped.set(keyOf(entity, record.id), record.syncVersion);
  }

  async #push(): Promise<void> {
    const sent = this.#outbox;
    if (sent.length === 0) return;
    const input: Record<string, Loose> = {
      deviceId: this.person.device,
      ...(this.#replica.cursor !== null && { cursor: this.#replica.cursor }),
    };
    for (const { list, row } of sent) input[list] = [...(input[list] ?? []), row];
    const answer = await this.#line.call(this, () => this.person.ask(PUSH, { input }));
    if (answer.errors.length > 0) throw new Error(`The push failed: ${JSON.stringify(answer.errors)}`);
    const { successful, conflicts, failed } = answer.data.bulkSync;
    this.figures.rows += sent.length;
    this.figures.conflicts += successful.filter(({ outcome }: Loose) => outcome === 'conflict').length;
    this.figures.pending += conflicts.length;
    this.figures.failed += failed.length;
    if (failed.some(({ retryable }: Loose) => retryable))
      throw new Error(`To be sent again: ${JSON.stringify(failed)}`);
    const acknowledged = new Map<string, Loose>(successful.map((one: Loose) => [one.changeId, one]));
    for (const [index, { entity, row, meant }] of sent.entries()) {
      const done = acknowledged.get(row.changeId);
      if (!done) continue;
      const key = keyOf(entity, done.canonicalId ?? done.entityId);
      if (row.operation === 'DELETE' && done.outcome === 'applied' && !done.replayed)
        this.#observer.claimGone(this, key);
      else if (row.operation !== 'DELETE')
        await this.#observer.claim(this, key, withoutLater(meant, sent.slice(index + 1), row.id));
    }
    this.#outbox = [];
  }
}

/** What a later row of the same call says anew has not to stand. Links are led to other ids, and lists merge. */
function withoutLater(meant: Readonly<Record<string, unknown>>, later: readonly OutboxRow[], id: string) {
  const over = new Set(later.filter(({ row }) => row.id === id).flatMap((one) => Object.keys(one.meant)));
  const isLink = (field: string): boolean => /Ids?$/.test(field);
  return Object.fromEntries(Object.entries(meant).filter(([field]) => !over.has(field) && !isLink(field)));
}
