/**
 * What the engine's suites share: an engine on some store, people with devices, and looks at what came of their
 * changes. Every suite is an exported function, so that it runs on the memory store and on PostgreSQL alike; tests of
 * a suite share one store and meet nobody, because ids and people are always new.
 */
import { randomUUID } from 'node:crypto';
import type { ConflictStrategy, RecordState, Role } from '@ackord/core';
import {
  type Acknowledged,
  type ConflictView,
  createEngine,
  createMemoryBus,
  type Engine,
  type EngineOptions,
  type LogLine,
  type Page,
  type RawChange,
  type Receipt,
  type Refused,
  type Store,
  type Submission,
} from '@ackord/server';
import { afterAll, beforeAll, describe } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { RidingNews } from './riding-news.ts';

export type MakeStore = () => Promise<{ readonly store: Store; close(): Promise<void> }>;

/** A moment within the last hour; edits are told apart by `second`. */
const hourAgo = Date.now() - 3_600_000;
export const at = (second: number): number => hourAgo + second * 1_000;

export const newId = (): string => randomUUID();

/** Registers a block of tests on one store. `tests` gets the world when a test runs, not before. */
export function describeOn(name: string, makeStore: MakeStore, tests: (world: () => World) => void): void {
  describe(name, () => {
    let world: World | null = null;
    let close = async (): Promise<void> => {};
    beforeAll(async () => {
      const opened = await makeStore();
      world = new World(opened.store);
      close = opened.close;
    });
    afterAll(async () => {
      await world?.stop();
      await close();
    });
    tests(() => {
      if (!world) throw new Error('The store was not made.');
      return world;
    });
  });
}

export class World {
  readonly store: Store;
  readonly #engines: Engine[] = [];
  readonly #riding: RidingNews;
  readonly #byStrategy = new Map<ConflictStrategy, Engine>();

  constructor(store: Store) {
    this.store = store;
    this.#riding = new RidingNews(store);
  }

  /** The usual engine: later edits win. */
  get engine(): Engine {
    return this.engineFor('LAST_WRITE_WINS');
  }

  engineFor(strategy: ConflictStrategy): Engine {
    const engine = this.#byStrategy.get(strategy) ?? this.engineWith({ strategy });
    this.#byStrategy.set(strategy, engine);
    return engine;
  }

  engineWith(options: Partial<EngineOptions>): Engine {
    const bus = this.#riding.watch(createMemoryBus());
    const engine = createEngine({ registry, store: this.store, bus, ...options });
    this.#engines.push(engine);
    return engine;
  }

  /** A new person. */
  person(engine: Engine = this.engine): Person {
    return new Person(this, engine, newId());
  }

  /** The record as it is filed in the scope, tombstones included. */
  record(scope: string, type: string, id: string): Promise<RecordState | null> {
    return this.store.snapshot(async (snapshot) => {
      const [record] = await snapshot.records([scope], [{ type: `travel.${type}`, id }]);
      return record ?? null;
    });
  }

  head(scope: string): Promise<number> {
    return this.store.snapshot(async (snapshot) => (await snapshot.scopes([scope]))[0]?.head ?? 0);
  }

  /** The conflict, whoever asks. */
  conflict(scope: string, id: string): Promise<ConflictView | null> {
    return this.store.snapshot(async (snapshot) => {
      const found = await snapshot.conflicts({
        scopes: [scope],
        id,
        actor: null,
        types: null,
        openOnly: false,
        limit: 1,
      });
      return found[0] ?? null;
    });
  }

  waiting(user: Person): ReturnType<Store['waitingOf']> {
    return this.store.waitingOf(user.userId);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.stop()));
    await this.#riding.check();
  }
}

export type Facts = Partial<Pick<Submission, 'origin' | 'cursor' | 'bookmark' | 'batchId'>>;

/** A device in a person's hand; `device: null` names none. */
export class Device {
  readonly person: Person;
  readonly name: string | null;

  constructor(person: Person, name: string | null) {
    this.person = person;
    this.name = name;
  }

  async submit(facts: Facts, ...changes: RawChange[]): Promise<readonly Receipt[]> {
    const { receipts } = await this.person.engine.submit({
      domain: 'travel',
      actor: { userId: this.person.userId },
      device: this.name,
      batchId: newId(),
      origin: 'client',
      ...facts,
      changes,
    });
    return receipts;
  }

  send(...changes: RawChange[]): Promise<readonly Receipt[]> {
    return this.submit({}, ...changes);
  }

  /** Sends one change that must be acknowledged. */
  async ack(change: RawChange, facts: Facts = {}): Promise<Acknowledged> {
    return acked((await this.submit(facts, change))[0]);
  }

  /** Sends one change that must be refused. */
  async nack(change: RawChange, facts: Facts = {}): Promise<Refused> {
    return nacked((await this.submit(facts, change))[0]);
  }

  async pull(cursor: string | null = null): Promise<Page> {
    const result = await this.person.engine.pull({
      actor: this.person,
      domain: 'travel',
      device: this.name,
      cursor,
      since: 0,
      types: null,
      priority: null,
      limit: 1_000,
    });
    if (!result.ok) throw new Error(result.message);
    return result.page;
  }
}

export class Person {
  readonly world: World;
  readonly engine: Engine;
  readonly userId: string;
  readonly phone: Device;
  readonly tablet: Device;
  /** A client that does not say which device it is. */
  readonly nameless: Device;

  constructor(world: World, engine: Engine, userId: string) {
    this.world = world;
    this.engine = engine;
    this.userId = userId;
    this.phone = new Device(this, `phone of ${userId}`);
    this.tablet = new Device(this, `tablet of ${userId}`);
    this.nameless = new Device(this, null);
  }

  get scope(): string {
    return `user:${this.userId}`;
  }

  /** The same person, on a server with other settings. */
  on(engine: Engine): Person {
    return new Person(this.world, engine, this.userId);
  }

  /** Makes a trip, edited at second 0. */
  async newTrip(fields: Record<string, unknown> = {}): Promise<string> {
    const id = newId();
    await this.phone.ack(change.trip(id, fields, at(0)));
    return id;
  }

  /** Makes a memory in a trip, edited at second 0. */
  async newMemory(trip: string, fields: Record<string, unknown> = {}): Promise<string> {
    const id = newId();
    await this.phone.ack(change.memory(id, trip, fields, at(0)));
    return id;
  }

  async newMedia(memory: string, fields: Record<string, unknown> = {}): Promise<string> {
    const id = newId();
    await this.phone.ack(change.media(id, memory, fields, at(0)));
    return id;
  }

  async newTag(name: string = newId()): Promise<string> {
    const id = newId();
    await this.phone.ack(change.tag(id, name, {}, at(0)));
    return id;
  }

  async share(trip: string, with_: Person, role: Role | null): Promise<void> {
    const result = await this.setRole(trip, with_, role);
    if (!result.ok) throw new Error(result.message);
  }

  setRole(trip: string, of: Person, role: Role | null): ReturnType<Engine['setMember']> {
    return this.engine.setMember({ actor: this, scope: tripScope(trip), userId: of.userId, role });
  }

  conflicts(): Promise<readonly ConflictView[]> {
    return this.engine.conflicts({ actor: this, domain: 'travel', type: null, limit: 100 });
  }

  resolve(
    conflictId: string,
    strategy: ConflictStrategy,
    resolvedFields: Record<string, unknown> | null = null,
  ): ReturnType<Engine['resolve']> {
    return this.engine.resolve({
      actor: this,
      domain: 'travel',
      conflictId,
      strategy,
      resolvedFields,
      device: this.phone.name,
    });
  }

  /**
   * Edits a memory's title on phone and tablet at once, until the one that came too late had been there before the
   * other was committed: moments are whole milliseconds, so a very quick race can't be told from none.
   */
  async race(): Promise<{ memory: string; conflict: ConflictView }> {
    const trip = await this.newTrip();
    for (let attempt = 0; attempt < 500; attempt++) {
      const memory = await this.newMemory(trip);
      const receipts = await Promise.all(
        [this.phone, this.tablet].map((device) =>
          device.ack(change.update('Memory', memory, 1, { title: device.name }, at(6))),
        ),
      );
      const [conflict, ...more] = receipts.flatMap((receipt) => receipt.conflict ?? []);
      if (!conflict || more.length > 0) throw new Error('One of two edits is in conflict.');
      if (conflict.conflictType === 'CONCURRENT_MODIFICATION') return { memory, conflict };
    }
    throw new Error('No edit was ever overtaken.');
  }

  /** The live record as this person sees it. */
  async sees(type: string, id: string): Promise<RecordState | null> {
    const [record] = await this.engine.records(this, [{ type: `travel.${type}`, id }]);
    return record ?? null;
  }
}

export const tripScope = (trip: string): string => `trip:${trip}`;

export function acked(receipt: Receipt | undefined): Acknowledged {
  if (receipt && 'stands' in receipt) return receipt;
  throw new Error(`Not acknowledged: ${JSON.stringify(receipt)}`);
}

export function nacked(receipt: Receipt | undefined): Refused {
  if (receipt && 'code' in receipt) return receipt;
  throw new Error(`Not refused: ${JSON.stringify(receipt)}`);
}

export type { LogLine };
