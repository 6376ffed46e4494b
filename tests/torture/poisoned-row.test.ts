/**
 * A row that makes a statement of the database fail, or a decision throw, in the middle of others' commits. Nothing of
 * the kind should get past validation; so here a trigger plays the part, and a merge rule that throws.
 */
import { randomUUID } from 'node:crypto';
import { createRegistry, defineDomain, defineEntity, LIMITS, text } from '@ackord/core';
import { createEngine, type Engine, type Observer, openPostgresStore, type Receipt } from '@ackord/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { change, type Device, deviceOf, travelEngine } from '../support/engine.ts';
import { getTestPostgres } from '../support/postgres.ts';
import { type OpenedStore, openPostgres } from '../support/stores.ts';
import { until } from './support/conditions.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';
import { type GatedStore, gated } from './support/gated-store.ts';

const POISON = 'poison';
const TRIGGER = `
  CREATE FUNCTION ackord.refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.doc::text LIKE '%${POISON}%' THEN
      RAISE EXCEPTION 'invalid byte sequence for encoding "UTF8": 0x00' USING ERRCODE = '22021';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON ackord.record
    FOR EACH ROW EXECUTE FUNCTION ackord.refuse_poison()`;

let opened: OpenedStore;
let store: GatedStore;
let engine: Engine;
let defects: Parameters<Observer['defect']>[0][];

const SILENT = { batchCommitted: () => {}, queueDepth: () => {}, conflict: () => {} };

/** A rule with a defect of its own. */
const notesDomain = defineDomain({
  name: 'notes',
  ids: 'uuid',
  entities: [
    defineEntity({
      name: 'Note',
      plural: 'notes',
      scope: 'user',
      fields: { title: text() },
      rules: [
        {
          fields: ['title'],
          message: 'never',
          holds: ({ title }) => {
            if (title === POISON) throw new TypeError('A defect in a rule');
            return true;
          },
        },
      ],
    }),
  ],
});

beforeEach(async () => {
  opened = await openPostgres();
  await withClient(opened.ownerUrl!, (client) => client.query(TRIGGER));
  store = gated(opened.store);
  defects = [];
  engine = travelEngine(store, { observer: { ...SILENT, defect: (facts) => defects.push(facts) } });
});
afterEach(async () => {
  store.open();
  await engine.stop();
  expect(await faultsOf(opened.ownerUrl!)).toEqual([]);
  await opened.close();
});

interface Traveller {
  readonly device: Device;
  readonly trip: string;
}

/** Users with a trip each. */
const travellers = (count: number): Promise<Traveller[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const [device, trip] = [deviceOf(engine), randomUUID()];
      expect(await device.one(change.trip(trip))).toMatchObject({ status: 'applied' });
      return { device, trip };
    }),
  );

/** All that is sent while the committers are held up stands in one batch afterwards. */
async function inOneBatch<T>(send: () => Promise<T>[]): Promise<T[]> {
  const blockers = await travellers(LIMITS.committers);
  store.shut();
  const holdingUp = blockers.map(async ({ device, trip }, at) => {
    await until('a committer is free', () => store.waiting === at);
    return device.one(change.memory(randomUUID(), trip));
  });
  await until('all committers are held up', () => store.waiting === LIMITS.committers);
  const placed = store.placed;
  const sent = send();
  await until('all are placed', () => store.placed === placed + sent.length);
  // What is placed stands in its lane a moment later.
  await new Promise(setImmediate);
  store.open();
  await Promise.all(holdingUp);
  return Promise.all(sent);
}

const statuses = (receipts: readonly Receipt[]): string[] =>
  receipts.map((receipt) => ('code' in receipt ? `${receipt.status} ${receipt.code}` : receipt.status));

test('one poisoned row among forty users: its sender is told, all others commit', async () => {
  const [culprit, ...others] = await travellers(40);
  const rows = [0, 1, 2, 3, 4].map((at) =>
    change.memory(randomUUID(), culprit!.trip, { title: at === 2 ? POISON : 'Harbour' }),
  );
  const [own, ...theirs] = await inOneBatch(() => [
    culprit!.device.send(...rows),
    ...others.map(({ device, trip }) => device.send(change.memory(randomUUID(), trip))),
  ]);
  expect(store.largest).toBeGreaterThanOrEqual(40);
  expect(statuses(own!)).toEqual(['applied', 'applied', 'retry INTERNAL', 'applied', 'applied']);
  expect(theirs.map(statuses)).toEqual(others.map(() => ['applied']));
  expect(defects).toEqual([
    { where: 'write', cause: expect.stringContaining('22021'), changeId: own![2]!.changeId },
  ]);
  // Nothing of the database's own words reaches the caller.
  expect(JSON.stringify(own![2])).not.toMatch(/22021|UTF8|trigger/);
});

test('it is rejected for good at the fifth time, and its siblings keep their receipts', async () => {
  const [culprit] = await travellers(1);
  const rows = ['Harbour', POISON, 'Market'].map((title) =>
    change.memory(randomUUID(), culprit!.trip, { title }),
  );
  const first = await culprit!.device.send(...rows);
  for (let time = 2; time <= 5; time++) {
    const again = await culprit!.device.send(...rows);
    const verdict = time < 5 ? 'retry INTERNAL' : 'rejected INTERNAL';
    expect(statuses(again)).toEqual(['applied', verdict, 'applied']);
    for (const at of [0, 2]) expect(again[at]).toEqual({ ...first[at], replayed: true, index: at });
  }
  expect(defects).toHaveLength(5);
  expect(await storedMemories(opened.ownerUrl!)).toHaveLength(2);
});

test('what stands in a group with it is not applied, what stands beside it is', async () => {
  const [culprit] = await travellers(1);
  const transactionId = randomUUID();
  const memory = (title: string, more = {}) => ({
    ...change.memory(randomUUID(), culprit!.trip, { title }),
    ...more,
  });
  const receipts = await culprit!.device.send(
    memory('Before'),
    memory('Harbour', { transactionId }),
    memory(POISON, { transactionId }),
    memory('After'),
  );
  expect(statuses(receipts)).toEqual(['applied', 'retry INTERNAL', 'retry INTERNAL', 'applied']);
  expect((await storedMemories(opened.ownerUrl!)).map(({ title }) => title).sort()).toEqual([
    'After',
    'Before',
  ]);
});

test('a child of a poisoned record comes again with it', async () => {
  const [culprit] = await travellers(1);
  const memory = randomUUID();
  const receipts = await culprit!.device.send(
    change.memory(memory, culprit!.trip, { title: POISON }),
    change.media(randomUUID(), memory),
    change.memory(randomUUID(), culprit!.trip),
  );
  expect(statuses(receipts)).toEqual(['retry INTERNAL', expect.stringContaining('retry'), 'applied']);
});

test('a poisoned key spoils the placing of its sender alone', async () => {
  const [culprit, ...others] = await travellers(8);
  const poisoned = randomUUID();
  store.poison(poisoned);
  const sent = await Promise.allSettled([
    ...others.map(({ device, trip }) => device.one(change.update('Trip', trip, 1, { name: 'Normandy' }))),
    culprit!.device.one(change.update('Trip', poisoned, 1, { name: 'Normandy' })),
  ]);
  const lost = sent.pop();
  expect(lost?.status === 'fulfilled' ? lost.value.status : lost?.status).not.toBe('applied');
  expect(sent.map((one) => one.status === 'fulfilled' && one.value.status)).toEqual(
    others.map(() => 'applied'),
  );
});

test('many poisoned rows at once: each is found', async () => {
  const users = await travellers(20);
  const receipts = await inOneBatch(() =>
    users.map(({ device, trip }, at) =>
      device.send(
        change.memory(randomUUID(), trip),
        change.memory(randomUUID(), trip, { title: at % 3 === 0 ? POISON : 'Harbour' }),
        change.memory(randomUUID(), trip),
      ),
    ),
  );
  expect(receipts.map(statuses)).toEqual(
    users.map((_, at) => ['applied', at % 3 === 0 ? 'retry INTERNAL' : 'applied', 'applied']),
  );
  expect(defects).toHaveLength(7);
});

test('a decision that throws harms nobody else either', async () => {
  const notes = createRegistry([notesDomain]);
  const database = await (await getTestPostgres()).createDatabase();
  const plain = await openPostgresStore({ ...database, registry: notes, log: () => {} });
  const gatedNotes = gated(plain.store);
  const thrown: string[] = [];
  const notesEngine = createEngine({
    registry: notes,
    store: gatedNotes,
    observer: { ...SILENT, defect: ({ changeId }) => thrown.push(String(changeId)) },
  });
  const write = (title: string) =>
    notesEngine.submit({
      domain: 'notes',
      actor: { userId: randomUUID() },
      device: null,
      batchId: randomUUID(),
      origin: 'client',
      changes: [{ entityType: 'Note', operation: 'CREATE', id: randomUUID(), base: 0, fields: { title } }],
    });
  gatedNotes.shut();
  const sent = ['a', POISON, 'b', 'c', POISON, 'd', 'e', 'f', 'g'].map(write);
  await until('all are placed', () => gatedNotes.placed === sent.length);
  await new Promise(setImmediate);
  gatedNotes.open();
  const receipts = (await Promise.all(sent)).flatMap((result) => result.receipts);
  expect(statuses(receipts)).toEqual([
    'applied',
    'retry INTERNAL',
    'applied',
    'applied',
    'retry INTERNAL',
    ...Array(4).fill('applied'),
  ]);
  expect(thrown.sort()).toEqual([1, 4].map((at) => receipts[at]?.changeId).sort());
  await notesEngine.stop();
  await plain.close();
  await database.drop();
});
