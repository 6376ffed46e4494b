/**
 * A device with a replica, an outbox and a clock that is wrong. It edits offline, sends its changes until each has an
 * answer, reads the feed page by page, and may be set back to a backup of itself. Changes get their ids, their base
 * and their time when the edit is made, and are sent again unchanged.
 */
import { completeFields, type Registry } from '@ackord/core';
import type { Engine, Page, Receipt } from '@ackord/server';
import { type Edit, editOf, type Shown } from './edits.ts';
import { isUnreachable } from './faulty-store.ts';
import { isAcknowledged, type OutboxChange } from './outbox-change.ts';
import { keyOf, Replica } from './replica.ts';
import type { EditStep, Fate, ReadingBy, TypeName } from './steps.ts';
import { holds } from './violation.ts';

/** What a device finds around it. */
export interface Surroundings {
  readonly registry: Registry;
  /** The server that answers just now. */
  readonly engine: () => Engine;
  /** True time, milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: (purpose: 'record' | 'change' | 'group') => string;
  readonly everMade: (type: TypeName) => readonly string[];
  /** Tells the observer of every change that is made. */
  readonly noteChange: (change: OutboxChange) => void;
  /** Tells the observer of everything that the server gave to a user. `since`: the observer's time of the request. */
  readonly noteGiven: (user: string, what: string, given: unknown, since: number) => void;
  readonly moment: () => number;
  /** Called after each page, with the device as it then is, and the cursor that it had before. */
  readonly afterPage: (device: SimulatedDevice, page: Page, before: string | null) => Promise<void>;
}

export interface Habits {
  /** How wrong its clock is. */
  readonly clockOffsetMs: number;
  readonly readingBy: ReadingBy;
}

interface Memory {
  readonly replica: Replica;
  readonly outbox: readonly OutboxChange[];
  readonly cursor: string | null;
  readonly moment: number;
}

export class SimulatedDevice {
  readonly user: string;
  readonly name: string;
  readonly around: Surroundings;
  readonly habits: Habits;
  replica: Replica;
  outbox: readonly OutboxChange[] = [];
  /** Where it has read to. */
  cursor: string | null = null;
  /** The last moment that the server answered with. */
  #moment = 0;
  /** Its last page did not arrive, or it was set back: until the next one, no push tells it where it stands. */
  #isBehind = false;
  #backup: Memory | null = null;
  #lastEditAt = 0;

  constructor(user: string, name: string, habits: Habits, around: Surroundings) {
    this.user = user;
    this.name = name;
    this.habits = habits;
    this.around = around;
    this.replica = new Replica(around.registry, user);
  }

  // ---- editing

  /** Its own unsent edits laid over what it has received. */
  shown(): Shown[] {
    const shown = new Map<string, Shown>();
    for (const [key, { type, id, version, fields }] of this.replica.records)
      shown.set(key, { type: bareName(type), id, version, fields });
    for (const change of this.outbox) {
      const type = `travel.${change.typeName}`;
      const key = keyOf({ type, id: this.replica.aliases.get(change.id) ?? change.id });
      const before = shown.get(key);
      if (change.operation === 'DELETE') shown.delete(key);
      else if (before) shown.set(key, { ...before, fields: { ...before.fields, ...change.fields } });
      else if (change.operation === 'CREATE' && change.flaw !== 'spoilt')
        shown.set(key, this.#unsent(change));
    }
    return [...shown.values()].filter((record) => this.#hasParents(record, shown));
  }

  /** What a person deletes takes along what belongs to it. */
  #hasParents({ type, fields }: Shown, shown: ReadonlyMap<string, Shown>): boolean {
    const { owner } = this.around.registry.type(`travel.${type}`);
    const parent = owner && shown.get(keyOf({ type: owner.type, id: String(fields[owner.field]) }));
    return owner === null || (parent !== undefined && parent !== null && this.#hasParents(parent, shown));
  }

  #unsent({ typeName, id, fields }: OutboxChange): Shown {
    const type = this.around.registry.type(`travel.${typeName}`);
    return { type: typeName, id, version: 0, fields: completeFields(type, fields) };
  }

  edit(step: EditStep): void {
    this.#add(step, null);
  }

  /** Edits that belong together: all or none. */
  editGroup(steps: readonly EditStep[]): void {
    const transaction = this.around.newId('group');
    for (const step of steps) this.#add(step, transaction);
  }

  #add(step: EditStep, transaction: string | null): void {
    const { everMade, newId } = this.around;
    const shown = this.shown();
    const edit = editOf(step, { user: this.user, shown, everMade, newId: () => newId('record') });
    if (!edit) return;
    const change = this.#changeOf(edit, transaction);
    this.outbox = [...this.outbox, change];
    this.around.noteChange(change);
  }

  #changeOf(edit: Edit, transaction: string | null): OutboxChange {
    const { operation, type, id, base, fields, shown, flaw } = edit;
    const changeId = this.around.newId('change');
    // A clock is wrong, but it runs: two edits of a device are never at one time.
    this.#lastEditAt = Math.max(this.#lastEditAt + 1, this.around.now() + this.habits.clockOffsetMs);
    return {
      changeId,
      actor: this.user,
      device: this.name,
      typeName: type,
      id,
      operation,
      base,
      fields,
      transaction,
      shown,
      held: this.replica.get(`travel.${type}`, id)?.fields ?? null,
      flaw,
      seenVersions: null,
      cursor: operation === 'DELETE' && this.habits.readingBy === 'cursor' ? this.cursor : null,
      answers: [],
      received: [],
      raw: {
        entityType: type,
        id,
        operation,
        base,
        fields,
        changeId,
        clientTime: this.#lastEditAt,
        ...(transaction !== null && { transactionId: transaction }),
      },
    };
  }

  // ---- sending

  /** The next changes to send: so many of the outbox, groups whole. */
  next(count: number): readonly OutboxChange[] {
    const first = this.outbox.slice(0, count);
    const groups = new Set(first.map(({ transaction }) => transaction));
    return this.outbox.filter((change) => first.includes(change) || groups.has(change.transaction ?? ''));
  }

  async push(changes: readonly OutboxChange[], fate: Fate): Promise<void> {
    if (changes.length === 0 || fate === 'request-lost') return;
    const { around } = this;
    const since = around.moment();
    for (const change of changes)
      if (change.operation === 'DELETE' && !change.answers.some(isAcknowledged))
        change.seenVersions = new Map(this.replica.seen);
    const byMoment = this.habits.readingBy === 'moment';
    const { receipts, serverTime } = await around.engine().submit({
      domain: 'travel',
      actor: { userId: this.user },
      device: this.name,
      batchId: around.newId('group'),
      origin: 'client',
      bookmark: byMoment,
      // A deletion is about what its maker had seen: the oldest view that any of these was made with.
      cursor: changes.find(({ operation }) => operation === 'DELETE')?.cursor ?? null,
      changes: changes.map(({ raw }) => raw),
    });
    holds('I3', receipts.length === changes.length, 'not every change got one receipt', () => receipts);
    changes.forEach((change, at) => {
      const receipt = receipts[at] as Receipt;
      const right = receipt.index === at && receipt.changeId === change.changeId;
      holds('I3', right, 'a receipt is not for the change in its place', () => ({ change, receipt }));
      change.answers.push(receipt);
    });
    if (fate === 'answer-lost') return;
    around.noteGiven(this.user, 'receipts', receipts, since);
    // A moment that a push is answered with stands for the last page: whoever has not got that keeps its own.
    if (byMoment && !this.#isBehind) this.#moment = serverTime;
    changes.forEach((change, at) => {
      this.#take(change, receipts[at] as Receipt);
    });
  }

  #take(change: OutboxChange, receipt: Receipt): void {
    change.received.push(receipt);
    if (receipt.status === 'retry') return;
    this.outbox = this.outbox.filter((other) => other !== change);
    if (!isAcknowledged(receipt)) return;
    this.replica.acknowledge({ ...change, type: `travel.${change.typeName}` }, receipt);
  }

  // ---- reading

  /** One page. Gives false when there is no more, or when the page got lost. */
  async pullPage(limit: number, lost: boolean): Promise<boolean> {
    const { around } = this;
    const since = around.moment();
    const answer = await around
      .engine()
      .pull({
        actor: { userId: this.user },
        domain: 'travel',
        device: this.name,
        cursor: this.habits.readingBy === 'cursor' ? this.cursor : null,
        since: this.habits.readingBy === 'moment' ? this.#moment : 0,
        types: null,
        priority: null,
        limit,
      })
      .catch(noneIfUnreachable);
    this.#isBehind = true;
    if (answer === null) return false;
    holds('I5', answer.ok, 'the feed refused a cursor that it gave out', () => answer);
    if (!answer.ok || lost) return false;
    around.noteGiven(this.user, 'page', answer.page, since);
    const before = this.cursor;
    this.replica.applyPage(answer.page);
    this.cursor = answer.page.cursor;
    this.#moment = answer.page.serverTime;
    this.#isBehind = false;
    await around.afterPage(this, answer.page, before);
    return answer.page.hasMore;
  }

  // ---- backups

  backUp(): void {
    const { outbox, cursor } = this;
    this.#backup = { replica: this.replica.copy(), outbox, cursor, moment: this.#moment };
  }

  restore(): void {
    if (!this.#backup) return;
    const { replica, outbox, cursor, moment } = this.#backup;
    this.replica = replica.copy();
    this.outbox = outbox;
    this.cursor = cursor;
    this.#moment = moment;
    this.#isBehind = true;
  }
}

export const bareName = (type: string): TypeName => type.slice(type.indexOf('.') + 1) as TypeName;

/** The server died while it answered. */
function noneIfUnreachable(cause: unknown): null {
  if (isUnreachable(cause)) return null;
  throw cause;
}
