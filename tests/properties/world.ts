/**
 * Three devices of two users, a server and its database, and a plan of what happens to them. Runs the plan, then lets
 * everything become quiet: faults end, every outbox is emptied, every device reads to the end.
 */
import { setTimeout } from 'node:timers/promises';
import { LIMITS, type Registry, roleReaches } from '@ackord/core';
import { createEngine, type Engine, type Page, type Store } from '@ackord/server';
import { Faults, type FaultyStore, faultyStore, isUnreachable } from './faulty-store.ts';
import { Observer } from './observer.ts';
import { keyOf } from './replica.ts';
import { bareName, SimulatedDevice } from './simulated-device.ts';
import { FURNISHING, type Plan, type Step, type TypeName } from './steps.ts';
import { type ReadLogs, readTruth, type Truth } from './truth.ts';
import { markOf, newValues } from './values.ts';
import { holds } from './violation.ts';

/** `before`: the cursor that the device had before the page. */
export type AfterPage = (
  world: World,
  device: SimulatedDevice,
  page: Page,
  before: string | null,
) => Promise<void>;

export interface Ground {
  readonly registry: Registry;
  readonly store: Store;
  readonly readLogs: ReadLogs;
  /** True time, milliseconds since 1970. */
  readonly now: () => number;
  /** Lets so many milliseconds pass. */
  readonly pause: (ms: number) => Promise<void>;
  /** Lets others run. */
  readonly turn: () => Promise<void>;
  /** Eight hex digits that no other run on this database has. */
  readonly run: string;
  /** Called after each page that a device has applied. */
  readonly afterPage?: AfterPage;
  /** What the engine gets for a store instead, to show that the properties can fail. */
  readonly spoilStore?: (store: Store) => Store;
}

const QUIET_ROUNDS_MAX = 6;
/** After so many, it is forgotten, and the invariants say so. */
const LOOKS_MAX = 200;
const PAGES_MAX = 200;
const PAGE_ROWS_AT_REST = 7;

export class World {
  readonly ground: Ground;
  readonly plan: Plan;
  readonly observer = new Observer();
  readonly devices: readonly SimulatedDevice[];
  readonly users: readonly string[];
  readonly #faults = new Faults();
  /** As the engine sees it. */
  readonly #store: Store;
  #server: FaultyStore;
  #engine: Engine;
  #ids = 0;

  constructor(plan: Plan, ground: Ground) {
    this.plan = plan;
    this.ground = ground;
    this.#store = ground.spoilStore?.(ground.store) ?? ground.store;
    this.#server = faultyStore(this.#store, this.#faults);
    this.#engine = this.#startEngine();
    this.users = [`${ground.run}-ann`, `${ground.run}-bob`];
    const owners = [0, 0, 1];
    this.devices = plan.clockOffsets.map((minutes, at) => {
      const user = this.users[owners[at] ?? 0] ?? '';
      const habits = { clockOffsetMs: minutes * 60_000, readingBy: plan.readingBy[at] ?? 'cursor' };
      return new SimulatedDevice(user, `${ground.run}-device-${at}`, habits, this.#surroundings());
    });
  }

  #surroundings() {
    const { ground, observer } = this;
    return {
      registry: ground.registry,
      engine: () => this.#engine,
      now: ground.now,
      newId: (purpose: 'record' | 'change' | 'group') => this.#newId(purpose),
      everMade: (type: TypeName) => observer.made.get(type) ?? [],
      noteChange: (change: Parameters<Observer['noteChange']>[0]) => observer.noteChange(change),
      noteGiven: (user: string, what: string, given: unknown, since: number) =>
        observer.noteGiven(user, what, given, since),
      moment: () => observer.moment(),
      afterPage: async (device: SimulatedDevice, page: Page, before: string | null) =>
        ground.afterPage?.(this, device, page, before),
    };
  }

  #newId(purpose: 'record' | 'change' | 'group'): string {
    const number = String(++this.#ids).padStart(12, '0');
    return purpose === 'record'
      ? `${this.ground.run}-0000-4000-8000-${number}`
      : `${this.ground.run} ${purpose} ${number}`;
  }

  #startEngine(): Engine {
    const { ground, plan, observer } = this;
    return createEngine({
      registry: ground.registry,
      store: this.#server.store,
      strategy: plan.strategy,
      now: ground.now,
      observer: {
        batchCommitted: () => {},
        queueDepth: () => {},
        conflict: () => {},
        defect: ({ where, cause, changeId }) => {
          if (!/injected fault|unavailable/i.test(cause))
            observer.defects.push(`${where} ${changeId}: ${cause}`);
        },
      },
    });
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Scopes that may exist: those of the users, and of every trip that anybody named. */
  get scopes(): readonly string[] {
    const trips = this.observer.changes
      .filter(({ typeName }) => typeName === 'Trip')
      .map(({ id }) => `trip:${id}`);
    return [...new Set([...this.users.map((user) => `user:${user}`), ...trips])];
  }

  readTruth(): Promise<Truth> {
    return readTruth(this.ground.store, this.ground.readLogs, this.scopes);
  }

  // ---- the plan

  async run(): Promise<void> {
    let beside: Step[] = [];
    const { steps, furnished } = this.plan;
    for (const step of [...(furnished ? FURNISHING : []), ...steps]) {
      if (!('beside' in step && step.beside)) {
        await this.#together(beside);
        beside = [];
      }
      beside.push(step);
    }
    await this.#together(beside);
  }

  /** Steps at the same time; those of one device stay one after the other, and so do changes of access. */
  async #together(steps: readonly Step[]): Promise<void> {
    const byLane = new Map<number | string, Promise<void>>();
    for (const step of steps) {
      const lane = laneOf(step);
      byLane.set(
        lane,
        (byLane.get(lane) ?? Promise.resolve()).then(() => this.#take(step)),
      );
    }
    await Promise.all(byLane.values());
  }

  async #take(step: Step): Promise<void> {
    await this.ground.turn();
    if (step.kind === 'restart') return this.#restart();
    if (step.kind === 'pause') return this.ground.pause(step.minutes * 60_000);
    const device = this.devices[step.device];
    if (!device) return;
    switch (step.kind) {
      case 'edit':
        return device.edit(step.edit);
      case 'group':
        return device.editGroup(step.edits);
      case 'push':
        return this.#push(device, step);
      case 'pull': {
        let more = true;
        for (let page = 0; more && page < step.pages; page++)
          more = await device.pullPage(step.limit, page === step.lost);
        return;
      }
      case 'sync':
        await device.push(device.outbox, 'answered');
        return this.#readAll(device);
      case 'share':
        return unlessUnreachable(this.#share(device, step));
      case 'resolve':
        return unlessUnreachable(this.#resolve(device, step));
      case 'back-up':
        return device.backUp();
      case 'restore':
        return device.restore();
    }
  }

  /** The old server is cut off wherever it is; a new one goes on. */
  #restart(): void {
    this.#server.cut();
    void this.#engine.stop();
    this.#server = faultyStore(this.#store, this.#faults);
    this.#engine = this.#startEngine();
  }

  async #push(device: SimulatedDevice, step: Extract<Step, { kind: 'push' }>): Promise<void> {
    const changes = device.next(step.count);
    const poisoned = step.poison === null ? undefined : changes[step.poison % Math.max(1, changes.length)];
    if (poisoned) this.#poison(poisoned.changeId);
    if (step.fault !== null) this.#faults.commits.push(step.fault);
    await device.push(changes, step.fate);
  }

  #poison(changeId: string): void {
    const { poisonings } = this.observer;
    this.#faults.poisoned.set(changeId, 1);
    poisonings.set(changeId, (poisonings.get(changeId) ?? 0) + 1);
  }

  async #share(device: SimulatedDevice, step: Extract<Step, { kind: 'share' }>): Promise<void> {
    const trips = device.shown().filter(({ type }) => type === 'Trip');
    const trip = trips[step.trip % Math.max(1, trips.length)];
    const userId = this.users.find((user) => user !== device.user);
    if (!trip || userId === undefined) return;
    const { observer } = this;
    const scope = `trip:${trip.id}`;
    const hadAccess = observer.hadAccess(userId, scope, observer.moment(), Number.POSITIVE_INFINITY);
    if (step.role !== null && !hadAccess) observer.opened(scope, userId);
    const answer = await this.#engine.setMember({
      actor: { userId: device.user },
      scope,
      userId,
      role: step.role,
    });
    const isClosed = answer.ok ? step.role === null : !hadAccess && answer.code === 'FORBIDDEN';
    if (isClosed) observer.closed(scope, userId);
  }

  async #resolve(device: SimulatedDevice, step: Extract<Step, { kind: 'resolve' }>): Promise<void> {
    const { observer } = this;
    const actor = { userId: device.user };
    const since = observer.moment();
    const conflicts = await this.#engine.conflicts({
      actor,
      domain: 'travel',
      type: null,
      limit: LIMITS.conflictsMax,
    });
    observer.noteGiven(device.user, 'conflicts', conflicts, since);
    const conflict = conflicts[step.conflict % Math.max(1, conflicts.length)];
    if (!conflict) return;
    const type = bareName(conflict.type);
    const writing = { mark: markOf(device.user, conflict.entityId), user: device.user, value: step.value };
    const chosen = newValues(type, conflict.server ?? {}, writing, (at) => at === step.value % 3);
    const answer = await this.#engine.resolve({
      actor,
      domain: 'travel',
      conflictId: conflict.id,
      strategy: step.strategy,
      resolvedFields: step.strategy === 'MANUAL_RESOLUTION' ? chosen : null,
      device: device.name,
    });
    observer.noteGiven(device.user, 'resolution', answer, since);
    if (answer.ok) observer.resolutions.push({ conflictId: conflict.id, by: device.user });
  }

  // ---- quiet

  async becomeQuiet(): Promise<void> {
    this.#faults.heal();
    for (let round = 0; this.devices.some(({ outbox }) => outbox.length > 0); round++) {
      holds('I3', round < QUIET_ROUNDS_MAX, 'changes that never get a final receipt', () =>
        this.devices.map(({ outbox }) => outbox),
      );
      for (const device of this.devices) await device.push(device.outbox, 'answered');
    }
    await this.settle();
    for (const device of this.devices) await this.#readAll(device);
  }

  /** Waits for what the server still does by itself: it looks for forgotten waits when it starts, by a timer. */
  async settle(): Promise<void> {
    await setTimeout(2);
    await this.#engine.stop();
    this.#restart();
    for (let looks = 0; looks < LOOKS_MAX && (await this.#isOwed()); looks++) await setTimeout(10);
  }

  /** Does a change wait although its parent is there? */
  async #isOwed(): Promise<boolean> {
    const { store, registry } = this.ground;
    for (const userId of this.users) {
      const waits = await store.waitingOf(userId);
      if (waits.length === 0) continue;
      const roles = await this.#engine.scopes({ userId });
      const keys = waits.map(({ parent }) => parent);
      const found = await store.snapshot((snapshot) => snapshot.records([...roles.keys()], keys));
      const live = found.filter(({ tombstone }) => tombstone === null);
      const isOwed = waits.some(({ parent, target }) => {
        const scope = live.find((record) => keyOf(record) === keyOf(parent))?.scope;
        return (
          scope !== undefined &&
          roleReaches(roles.get(scope) ?? null, registry.type(target.type).access.write)
        );
      });
      if (isOwed) return true;
    }
    return false;
  }

  close(): Promise<void> {
    return this.#engine.stop();
  }

  async #readAll(device: SimulatedDevice): Promise<void> {
    let pages = 0;
    while (await device.pullPage(PAGE_ROWS_AT_REST, false))
      holds('I5', ++pages < PAGES_MAX, 'the feed has no end', () => device.cursor);
  }
}

const laneOf = (step: Step): number | string =>
  step.kind === 'share' || step.kind === 'restart' || step.kind === 'pause' ? step.kind : step.device;

/** A server that dies while it is asked answers with an error that the caller takes for a lost connection. */
async function unlessUnreachable(call: Promise<void>): Promise<void> {
  await call.catch((cause: unknown) => {
    if (!isUnreachable(cause)) throw cause;
  });
}
