/**
 * A device: its clock, its store, its queue, its connection, and a person who edits on it. Notes what it had shown
 * before each edit, so that the judge knows what its person had seen.
 */

import { randomUUID } from 'node:crypto';
import type { TypeName } from '@ackord/finance';
import type { Chance } from '../../legacy/apps/chance.ts';
import { AppClient } from './app-client.ts';
import { type Entity, HABITS, newValue, payloadOf, type Value } from './entities.ts';
import type { Link } from './link.ts';
import { LocalStore } from './local-store.ts';
import { type Operation, OwnQueue } from './own-queue.ts';
import type { DeviceClock } from './rhythm.ts';

/** What a person did, and the entry that tells of it. */
export interface Edit {
  readonly device: Device;
  /** Counts the edits of this device. */
  readonly number: number;
  readonly entryId: string;
  /** By the device's clock. */
  readonly madeAt: number;
  readonly type: TypeName;
  readonly id: string;
  readonly operation: Operation;
  readonly payload: Entity;
  /** The fields that the person changed, with values that nobody else writes; flags are not among them. */
  readonly values: Readonly<Record<string, Value>>;
  readonly isNoChange: boolean;
}

export const shownKey = (type: TypeName, id: string, field: string, value: unknown): string =>
  `${type} ${id} ${field} ${JSON.stringify(value ?? null)}`;

export class Device {
  readonly name: string;
  readonly clock: DeviceClock;
  readonly link: Link;
  readonly queue: OwnQueue;
  readonly store: LocalStore;
  readonly client: AppClient;
  readonly edits: Edit[] = [];
  /** What it deleted itself, to bring it back. */
  readonly deleted: { readonly type: TypeName; readonly entity: Entity }[] = [];
  readonly #chance: Chance;
  /** Value → the number of edits that it had made when it showed the value first. */
  readonly #shown = new Map<string, number>();

  constructor(
    name: string,
    tenantId: string,
    clock: DeviceClock,
    link: Link,
    chance: Chance,
    onFault: (fault: string) => void,
  ) {
    this.name = name;
    this.clock = clock;
    this.link = link;
    this.#chance = chance;
    this.queue = new OwnQueue(tenantId);
    this.store = new LocalStore({
      nowIso: () => clock.iso(),
      onShown: (type, entity) => this.#noteShown(type, entity),
      isDeleteQueued: (type, id) => this.queue.isDeleteQueued(type, id),
    });
    this.client = new AppClient({
      url: () => link.url,
      clock,
      chance,
      tenantId,
      store: this.store,
      queue: this.queue,
      onFault: (fault) => onFault(`${name}: ${fault}`),
    });
  }

  /** Had its person seen the value before the edit of that number? */
  hadSeen(key: string, number: number): boolean {
    return (this.#shown.get(key) ?? Number.POSITIVE_INFINITY) < number;
  }

  create(type: TypeName, more: { readonly [field: string]: Value } = {}): void {
    const { least, paths, stampOfNew } = HABITS[type];
    const values: Record<string, Value> = { name: this.#value('text', null) };
    if (type === 'Transaction') delete values.name;
    for (const path of paths.slice(0, 2))
      for (const [field, kind] of Object.entries(path.fields))
        if (kind !== 'flag') values[field] = this.#value(kind, null);
    const entity = { ...least, ...values, ...more, id: randomUUID(), [stampOfNew]: this.clock.iso() };
    this.store.put(type, entity);
    // Of a file of the bank: by another way into the queue, with marks of its own.
    const isImported = type === 'Transaction' && this.#chance.percent(30);
    const marks = isImported ? { originalCategory: 'Food', _skipAutoRecipientMatching: true } : {};
    this.#queue(
      type,
      'create',
      { ...payloadOf(type, entity, isImported ? false : undefined), ...marks },
      values,
    );
  }

  /** The category that every device makes for itself and never tells of. */
  createUntold(): void {
    const entity = {
      ...HABITS.Category.least,
      id: randomUUID(),
      name: 'Verfügbare Mittel',
      sortOrder: 9999,
      updatedAt: this.clock.iso(),
    };
    this.store.put('Category', entity);
  }

  update(type: TypeName, before: Entity): void {
    const path = this.#chance.one(HABITS[type].paths);
    if (!path) return;
    const isNoChange = this.#chance.percent(5);
    const values: Record<string, Value> = {};
    const changes: Record<string, Value> = {};
    for (const [field, kind] of isNoChange ? [] : Object.entries(path.fields)) {
      changes[field] = this.#value(kind, before[field]);
      if (kind !== 'flag') values[field] = changes[field];
    }
    if (path.stamp) changes[path.stamp] = this.clock.iso();
    const entity = { ...before, ...changes };
    this.store.put(type, entity);
    this.#queue(type, 'update', payloadOf(type, entity), values, isNoChange);
  }

  delete(type: TypeName, entity: Entity): void {
    this.store.remove(type, entity.id);
    this.deleted.push({ type, entity });
    this.#queue(type, 'delete', { id: entity.id }, {});
  }

  /** What it deleted itself, made anew under its old id. */
  bringBack(): void {
    const at = this.#chance.number(this.deleted.length);
    const [gone] = this.deleted.splice(at, 1);
    if (!gone || this.store.get(gone.type, gone.entity.id)) return;
    const { type } = gone;
    const [path] = HABITS[type].paths;
    const values: Record<string, Value> = {};
    for (const [field, kind] of Object.entries(path?.fields ?? {})) values[field] = this.#value(kind, null);
    const entity = { ...gone.entity, ...values, [HABITS[type].stampOfNew]: this.clock.iso() };
    this.store.put(type, entity);
    this.#queue(type, 'create', payloadOf(type, entity), values);
  }

  #value(kind: Parameters<typeof newValue>[0], now: Value): Value {
    return newValue(kind, this.name, now, this.#chance);
  }

  #queue(
    type: TypeName,
    operation: Operation,
    payload: Entity,
    values: Readonly<Record<string, Value>>,
    isNoChange = false,
  ): void {
    const madeAt = this.clock.now();
    const { id: entryId } = this.queue.add(type, operation, payload, madeAt);
    const number = this.edits.length + 1;
    this.edits.push({
      device: this,
      number,
      entryId,
      madeAt,
      type,
      id: payload.id,
      operation,
      payload,
      values,
      isNoChange,
    });
  }

  #noteShown(type: TypeName, entity: Entity): void {
    for (const [field, value] of Object.entries(entity)) {
      const key = shownKey(type, entity.id, field, value);
      // Edits are numbered from 1: one that is made now counts as made after it.
      if (!this.#shown.has(key)) this.#shown.set(key, this.edits.length);
    }
  }
}
