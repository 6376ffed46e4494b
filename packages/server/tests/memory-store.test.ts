/** The store in memory passes what every store must, and has what only tests need: a clock, turns and faults. */
import { expect, test } from 'vitest';
import { type CommitFault, createMemoryStore } from '../src/store/memory.ts';
import {
  bookOf,
  commit,
  headOf,
  libraryOf,
  look,
  newPlace,
  put,
  recordsIn,
  within,
  write,
  writesFor,
} from './store/shelf.ts';
import { registerStoreTests, storeTestRegistry } from './store-conformance.ts';

registerStoreTests('memory', async () => ({
  store: createMemoryStore({ registry: storeTestRegistry }),
  registry: storeTestRegistry,
  close: async () => undefined,
}));

test('its clock is the one that it is given, and never runs backwards', async () => {
  let time = 1_000.7;
  const store = createMemoryStore({ now: () => time });
  const now = () => within(store, [newPlace().scope], async (_, locked) => locked.now);
  expect(await now()).toBe(1_000);
  time = 500;
  expect(await now()).toBe(1_000);
  expect((await store.place([{ userId: 'ann', keys: [], scopes: [] }]))[0]!.now).toBe(1_000);
  time = 2_000;
  expect(await look(store, (snapshot) => snapshot.now())).toBe(2_000);
});

test('faults meet a commit as the test says', async () => {
  let fault: CommitFault | null = null;
  const store = createMemoryStore({ faults: { beforeCommit: () => fault } });
  const expected = [
    ['again', 'again', 0],
    ['unavailable', 'unavailable', 0],
    ['lost-answer', 'unavailable', 1],
    [null, 'committed', 1],
  ] as const;
  for (const [injected, outcome, head] of expected) {
    const place = newPlace();
    fault = injected;
    const end = await write(store, [place.scope], writesFor([libraryOf(place, 1)]));
    expect(end.outcome).toBe(outcome);
    expect(await headOf(store, place.scope)).toBe(head);
  }
});

test('every call takes the turn that the test gives it', async () => {
  let turns = 0;
  const store = createMemoryStore({
    turn: async () => {
      turns++;
    },
  });
  await put(store, libraryOf(newPlace(), 1));
  // Lock, write, commit.
  expect(turns).toBe(3);
});

test('a lock is waited for no longer than the test says', async () => {
  const store = createMemoryStore({ lockWaitMsMax: 1 });
  const { scope } = newPlace();
  await within(store, [scope], async () => {
    const end = await store.transaction((transaction) => transaction.lockScopes([scope], { wait: true }));
    expect(end.outcome).toBe('again');
  });
});

test('misuse of the port throws: it is a bug', async () => {
  const store = createMemoryStore();
  const [place, other] = [newPlace(), newPlace()];
  const read = { keys: [], receipts: [], scopes: [], actors: [] };
  await expect(store.transaction((transaction) => transaction.read(read))).rejects.toThrow('Out of turn');
  const lockTwice = within(store, [place.scope], (transaction) =>
    transaction.lockScopes([other.scope], { wait: true }),
  );
  await expect(lockTwice).rejects.toThrow('Out of turn');
  const unheld = commit(store, [place.scope], writesFor([bookOf(other, 1)]));
  await expect(unheld).rejects.toThrow('does not hold');
  const escaped = await look(store, async (snapshot) => snapshot);
  await expect(escaped.scopes([place.scope])).rejects.toThrow('ended');
});

test('rows that are handed out cannot be changed', async () => {
  const store = createMemoryStore();
  const place = newPlace();
  await put(store, libraryOf(place, 1));
  const [record] = await recordsIn(store, place.scope, [libraryOf(place, 1)]);
  expect(record && Object.isFrozen(record) && Object.isFrozen(record.fields)).toBe(true);
});
