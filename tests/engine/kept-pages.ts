/** Long parts of the feed that were kept say to everybody what the store would have said. */
import type { WireRecord } from '@ackord/core';
import { createCachedPages, createMemoryCache, type Engine, type Store } from '@ackord/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person, type World } from './world.ts';

const LIMIT = 8;

/** A server that keeps pages, and how often it had one. */
function keepingServer(world: World) {
  const store: Store = world.store;
  const kept = createCachedPages({ cache: createMemoryCache(), store, registry, ttlSeconds: 60 });
  let hits = 0;
  const engine = world.engineWith({
    pages: {
      ...kept,
      get: async (name) => {
        const found = await kept.get(name);
        if (found) hits++;
        return found;
      },
    },
  });
  return { engine, hits: () => hits };
}

interface Replica {
  cursor: string | null;
  readonly records: Map<string, WireRecord>;
  /** Of its last sync: how many were announced, and came. */
  total: number;
  came: number;
  gone: string[];
}

const newReplica = (): Replica => ({ cursor: null, records: new Map(), total: 0, came: 0, gone: [] });

/** Pulls as sessions do until there is nothing left. */
async function sync(replica: Replica, engine: Engine, { userId }: Person): Promise<Replica> {
  replica.came = 0;
  replica.gone = [];
  for (let hasMore = true; hasMore; ) {
    const read = await engine.pullTexts({
      actor: { userId },
      domain: 'travel',
      device: null,
      cursor: replica.cursor,
      since: 0,
      types: null,
      priority: null,
      limit: LIMIT,
      live: { seen: {} },
    });
    if (!read.ok) throw new Error(read.message);
    const { page } = read;
    const texts = page.records.map(({ utf8 }) => Buffer.from(utf8).toString());
    const records: WireRecord[] = JSON.parse(`[${texts.join()}]`);
    expect(page.count).toBe(records.length);
    for (const record of records) take(replica, record);
    for (const { scope, fields } of records)
      if ('tripId' in fields) expect(replica.records.get(`Trip ${fields.tripId}`)?.scope).toBe(scope);
    for (const scope of page.droppedScopes)
      for (const [key, record] of replica.records) if (record.scope === scope) replica.records.delete(key);
    replica.came += records.length;
    replica.total = page.total;
    ({ cursor: replica.cursor, hasMore } = page);
  }
  return replica;
}

function take({ records, gone }: Replica, record: WireRecord): void {
  const key = `${record.type} ${record.id}`;
  if (record.gone === undefined) records.set(key, record);
  else {
    // Of what has moved it may be told only now that it left, when it has arrived elsewhere long ago.
    if (record.gone !== 'moved' || records.get(key)?.scope === record.scope) records.delete(key);
    gone.push(`${record.scope} ${key}`);
  }
}

/** What the replica of a caller holds that has the records themselves read, which are never kept. */
async function pulled(person: Person): Promise<readonly string[]> {
  const { records } = await person.phone.pull();
  return records
    .filter(({ tombstone }) => tombstone === null)
    .map(({ id, version }) => `${id} ${version}`)
    .sort();
}

const held = ({ records }: Replica): readonly string[] =>
  [...records.values()].map(({ id, version }) => `${id} ${version}`).sort();

const told = ({ records, gone }: Replica) => ({
  records: [...records].sort(([a], [b]) => (a < b ? -1 : 1)),
  gone: gone.toSorted(),
});

export function registerKeptPageTests(name: string, makeStore: MakeStore): void {
  async function newMemories(ann: Person, trip: string, count: number): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, newId);
    await ann.phone.send(...ids.map((id) => change.memory(id, trip, { title: 'Ebbe und Flut: ä' }, at(1))));
    return ids;
  }

  describeOn(`kept pages on ${name}`, makeStore, (world) => {
    test('what one has read is kept for all who see the scope, until something is committed there', async () => {
      const { engine, hits } = keepingServer(world());
      const [ann, bea, stranger] = [world().person(), world().person(), world().person()];
      const trip = await ann.newTrip();
      const [edited = ''] = await newMemories(ann, trip, 3 * LIMIT);
      await ann.share(trip, bea, 'VIEWER');
      const first = await sync(newReplica(), engine, ann);
      expect(first.records.size).toBe(3 * LIMIT + 1);
      expect(first.total).toBe(first.came);
      const second = await sync(newReplica(), engine, bea);
      expect(hits()).toBe(0);
      // Three parts, and how many there are.
      expect(told(await sync(newReplica(), engine, bea))).toEqual(told(first));
      expect(hits()).toBe(4);
      expect(told(second)).toEqual(told(first));
      expect((await sync(newReplica(), engine, stranger)).records.size).toBe(0);

      await ann.newMemory(trip);
      await ann.phone.ack(change.update('Memory', edited, 1, { title: 'Tide' }, at(2)));
      const third = await sync(newReplica(), engine, bea);
      expect(third).toMatchObject({ total: third.came, came: third.records.size });
      expect(third.records.size).toBe(3 * LIMIT + 2);
      await ann.share(trip, bea, null);
      expect((await sync(second, engine, bea)).records.size).toBe(0);
      expect((await sync(newReplica(), engine, bea)).records.size).toBe(0);
    });

    test('what has moved away is told by who asks, also where another one asked before', async () => {
      const { engine } = keepingServer(world());
      const [ann, bea] = [world().person(), world().person()];
      const [from, to] = [await ann.newTrip(), await ann.newTrip()];
      const moving = await newMemories(ann, from, LIMIT);
      await ann.share(from, bea, 'VIEWER');
      await ann.phone.send(...moving.map((id) => change.update('Memory', id, 1, { tripId: to }, at(2))));
      for (const _ of [1, 2, 3]) {
        expect((await sync(newReplica(), engine, ann)).gone).toEqual([]);
        expect((await sync(newReplica(), engine, bea)).gone).toHaveLength(LIMIT);
      }
    });

    test('whatever happens in between, a replica is as if nothing had been kept', async () => {
      const step = fc.oneof(
        fc.record({
          kind: fc.constant('make' as const),
          trip: fc.nat(1),
          count: fc.integer({ min: 1, max: 20 }),
        }),
        fc.record({
          kind: fc.constantFrom('edit' as const, 'delete' as const, 'move' as const),
          which: fc.nat(),
        }),
        fc.record({ kind: fc.constant('rename' as const), trip: fc.nat(1) }),
        fc.record({ kind: fc.constant('share' as const), trip: fc.nat(1), isGiven: fc.boolean() }),
        fc.record({ kind: fc.constant('sync' as const), who: fc.nat(1), isNew: fc.boolean() }),
      );
      let hitsOfAll = 0;
      const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        const { engine, hits } = keepingServer(world());
        const people = [world().person(), world().person()] as const;
        const [ann, bea] = people;
        const trips = [await ann.newTrip(), await ann.newTrip()] as const;
        const made: { id: string; trip: number; version: number }[] = [];
        const replicas = people.map(() => ({ kept: newReplica(), bare: newReplica() }));
        const compare = async (who: number, isNew: boolean): Promise<void> => {
          const { kept, bare } =
            !isNew && replicas[who] ? replicas[who] : { kept: newReplica(), bare: newReplica() };
          const person = people[who] ?? ann;
          await sync(bare, world().engine, person);
          expect(held(bare)).toEqual(await pulled(person));
          // What is asked for twice is kept, and given out from then on.
          for (const replica of isNew ? [kept, newReplica(), newReplica()] : [kept]) {
            await sync(replica, engine, person);
            expect(told(replica)).toEqual(told(bare));
            expect([replica.total, replica.came]).toEqual([bare.total, bare.came]);
          }
        };
        for (const one of steps) {
          if (one.kind === 'make') {
            const ids = await newMemories(ann, trips[one.trip as 0 | 1], one.count);
            made.push(...ids.map((id) => ({ id, trip: one.trip, version: 1 })));
          } else if (one.kind === 'rename')
            await ann.phone.ack(change.update('Trip', trips[one.trip as 0 | 1], null, { name: newId() }));
          else if (one.kind === 'share')
            await ann.share(trips[one.trip as 0 | 1], bea, one.isGiven ? 'EDITOR' : null);
          else if (one.kind === 'sync') await compare(one.who, one.isNew);
          else {
            const memory = made[one.which % made.length];
            if (!memory) continue;
            const { id, version } = memory;
            if (one.kind === 'delete') {
              made.splice(made.indexOf(memory), 1);
              await ann.phone.ack(change.remove('Memory', id, version));
              continue;
            }
            if (one.kind === 'move') memory.trip = 1 - memory.trip;
            const fields = one.kind === 'move' ? { tripId: trips[memory.trip as 0 | 1] } : { title: newId() };
            await ann.phone.ack(change.update('Memory', id, version, fields));
            memory.version++;
          }
        }
        for (const who of [0, 1]) for (const isNew of [true, false]) await compare(who, isNew);
        hitsOfAll += hits();
      });
      await fc.assert(property, { numRuns: 12 });
      // How often something is found there is up to the seed: forty to some hundred times.
      expect(hitsOfAll).toBeGreaterThan(12);
    });
  });
}
