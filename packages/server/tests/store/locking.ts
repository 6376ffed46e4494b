/** Scopes are locked as the port says: queued or skipped, seen as the last holder left them, freed at the end. */
import { LIMITS } from '@ackord/core';
import { describe, expect, test } from 'vitest';
import {
  bookOf,
  headOf,
  hold,
  keyOf,
  libraryOf,
  lineOf,
  locationOf,
  look,
  newPlace,
  put,
  recordsIn,
  type World,
  within,
  writeSet,
  writesFor,
} from './shelf.ts';

export function registerLockingTests(world: () => World): void {
  test('a scope that nobody knew is made, empty and open', async () => {
    const { scope } = newPlace();
    const { locked, skipped, now } = await within(world().store, [scope], async (_, found) => found);
    expect(skipped).toEqual([]);
    expect(locked).toMatchObject([{ id: scope, head: 0, horizon: 0, closedAt: null }]);
    expect(locked[0]?.createdAt).toBeLessThanOrEqual(now);
  });

  test('each scope is locked once, however often and in whatever order it is named', async () => {
    const [a, b, c] = [newPlace().scope, newPlace().scope, newPlace().scope];
    const { locked } = await within(world().store, [c, a, b, a, c], async (_, found) => found);
    expect(locked.map(({ id }) => id).sort()).toEqual([a, b, c].sort());
  });

  test('no scopes are a transaction too', async () => {
    const found = await within(world().store, [], async (_, locked) => locked);
    expect(found).toMatchObject({ locked: [], skipped: [] });
  });

  test('without waiting, held scopes are skipped and the others locked', async () => {
    const { store, second } = world();
    const [held, free] = [newPlace(), newPlace()];
    await put(store, libraryOf(held, 1));
    await put(store, libraryOf(free, 1));
    const holder = await hold(store, [held.scope]);
    const end = await second.transaction((transaction) =>
      transaction.lockScopes([held.scope, free.scope], { wait: false }),
    );
    await holder.release();
    expect(end).toMatchObject({
      outcome: 'committed',
      value: { locked: [{ id: free.scope, head: 1 }], skipped: [held.scope] },
    });
    const again = await second.transaction((transaction) =>
      transaction.lockScopes([held.scope], { wait: false }),
    );
    expect(again).toMatchObject({ value: { locked: [{ id: held.scope }], skipped: [] } });
  });

  test('a scope that another transaction is just making is skipped or seen as that one left it', async () => {
    const { store, second } = world();
    const place = newPlace();
    const holder = await hold(store, [place.scope]);
    const asking = second.transaction((transaction) =>
      transaction.lockScopes([place.scope], { wait: false }),
    );
    await holder.release(writesFor([libraryOf(place, 1)]));
    const end = await asking;
    expect(end.outcome).toBe('committed');
    if (end.outcome !== 'committed') return;
    const { locked, skipped } = end.value;
    if (skipped.length > 0) expect([locked, skipped]).toEqual([[], [place.scope]]);
    else expect(locked).toMatchObject([{ id: place.scope, head: 1 }]);
  });

  describe('who waits sees head, records, locations and receipts as the one before left them', () => {
    test.each([
      ['read along with the lock', true],
      ['read after it', false],
    ])('%s', async (_, isAlong) => {
      const { store, second } = world();
      const place = newPlace();
      await put(store, libraryOf(place, 1));
      const book = bookOf(place, 2);
      const receipt = {
        actor: place.id,
        changeId: 'c1',
        fingerprint: 'f',
        scope: place.scope,
        body: { ok: true },
      };
      const request = { keys: [keyOf(book)], receipts: [receipt], scopes: [place.scope], actors: [] };
      const order: string[] = [];
      const holder = await hold(store, [place.scope]);
      const waiting = second.transaction(async (transaction) => {
        const options = { wait: true, ...(isAlong && { along: request }) };
        const { locked, state } = await transaction.lockScopes([place.scope], options);
        order.push('waiter');
        return { locked, state: isAlong ? state : await transaction.read(request) };
      });
      expect(await headOf(store, place.scope)).toBe(1);
      order.push('holder');
      await holder.release({ ...writesFor([book]), receipts: [receipt] });
      const end = await waiting;
      expect(order).toEqual(['holder', 'waiter']);
      expect(end).toMatchObject({
        outcome: 'committed',
        value: {
          locked: [{ head: 2 }],
          state: { records: [book], locations: [locationOf(book)], receipts: [receipt] },
        },
      });
    });
  });

  test('nothing counts that was read along with a lock that was not got', async () => {
    const { store, second } = world();
    const [held, free] = [newPlace(), newPlace()];
    await put(store, libraryOf(held, 1));
    const library = libraryOf(free, 1);
    await put(store, library);
    const ask = (scopes: readonly string[]) => {
      const along = { keys: [keyOf(library)], receipts: [], scopes, actors: [] };
      return second.transaction((transaction) => transaction.lockScopes(scopes, { wait: false, along }));
    };
    const holder = await hold(store, [held.scope]);
    const [both, one] = [await ask([held.scope, free.scope]), await ask([free.scope])];
    await holder.release();
    expect(both).toMatchObject({ value: { skipped: [held.scope], state: null } });
    expect(one).toMatchObject({ value: { skipped: [], state: { records: [library] } } });
  });

  test('what is read along with a scope that is made for it is there, and so is what is read and written later', async () => {
    const { store } = world();
    const [known, fresh] = [newPlace(), newPlace()];
    const [library, book] = [libraryOf(known, 1), bookOf(known, 2)];
    await put(store, library);
    const end = await store.transaction(async (transaction) => {
      const scopes = [known.scope, fresh.scope];
      const along = { keys: [keyOf(library), keyOf(book)], receipts: [], scopes, actors: [] };
      const { state } = await transaction.lockScopes(scopes, { wait: true, along });
      const again = await transaction.read({ ...along, scopes: [known.scope] });
      await transaction.write(writeSet(writesFor([book])));
      return { state, again };
    });
    expect(end).toMatchObject({ value: { state: { records: [library] }, again: { records: [library] } } });
    expect(await recordsIn(store, known.scope, [library, book])).toEqual([library, book]);
  });

  test('the clock of a transaction is read after the wait', async () => {
    const { store, second } = world();
    const { scope } = newPlace();
    const holder = await hold(store, [scope]);
    const waiting = within(second, [scope], async (_, { now }) => now);
    const start = holder.locked.now;
    let late = start;
    while (late < start + 30) late = await look(store, (snapshot) => snapshot.now());
    await holder.release();
    expect(await waiting).toBeGreaterThanOrEqual(late);
  });

  test(
    'who waits longer than the limit is told to try again',
    async () => {
      const { store, second } = world();
      const [held, free] = [newPlace().scope, newPlace().scope];
      const holder = await hold(store, [held]);
      const end = await second.transaction((transaction) =>
        transaction.lockScopes([held, free], { wait: true }),
      );
      expect(end.outcome).toBe('again');
      const other = await second.transaction((transaction) =>
        transaction.lockScopes([free], { wait: false }),
      );
      expect(other).toMatchObject({ value: { skipped: [] } });
      expect(await holder.release()).toMatchObject({ outcome: 'committed' });
    },
    20_000 + 2 * LIMITS.scopeLockWaitMsMax,
  );

  test('scopes named in opposite order do not block each other for ever', async () => {
    const { store, second } = world();
    const [a, b] = [newPlace().scope, newPlace().scope];
    const crossing = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? store : second).transaction((transaction) =>
        transaction.lockScopes(index % 2 ? [a, b] : [b, a], { wait: true }),
      ),
    );
    const outcomes = (await Promise.all(crossing)).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['committed']));
  });

  test('positions given out under the lock are gap-free, from however many servers', async () => {
    const { store, second } = world();
    const place = newPlace();
    const library = libraryOf(place, 1);
    const step = (handle: typeof store) =>
      within(handle, [place.scope], async (transaction, { now, locked }) => {
        const head = (locked[0]?.head ?? 0) + 1;
        const log = [lineOf({ ...library, seq: head, version: head })];
        await transaction.write(writeSet({ now, heads: [{ scope: place.scope, head, closed: false }], log }));
        return { head, now };
      });
    const steps = await Promise.all(
      Array.from({ length: 20 }, (_, index) => step(index % 2 ? store : second)),
    );
    const inOrder = steps.toSorted((a, b) => a.head - b.head);
    expect(inOrder.map(({ head }) => head)).toEqual(steps.map((_, index) => index + 1));
    const times = inOrder.map(({ now }) => now);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await headOf(store, place.scope)).toBe(20);
  });

  test('nothing is visible before the end, and reading waits for nobody', async () => {
    const { store, second } = world();
    const place = newPlace();
    const [library, book] = [libraryOf(place, 1), bookOf(place, 2)];
    await put(store, library);
    await within(store, [place.scope], async (transaction) => {
      await transaction.write(writeSet(writesFor([book])));
      expect(await recordsIn(second, place.scope, [library, book])).toEqual([library]);
      expect(await headOf(second, place.scope)).toBe(1);
      expect(
        (await second.place([{ userId: 'ann', keys: [keyOf(book)], scopes: [] }]))[0]?.locations,
      ).toEqual([]);
    });
    expect(await recordsIn(second, place.scope, [book])).toEqual([book]);
    expect((await second.place([{ userId: 'ann', keys: [keyOf(book)], scopes: [] }]))[0]?.locations).toEqual([
      locationOf(book),
    ]);
  });

  test('an error in the work takes everything back, frees the scopes and comes out unchanged', async () => {
    const { store, second } = world();
    const place = newPlace();
    const library = libraryOf(place, 1);
    const error = new Error('a bug');
    const failing = store.transaction(async (transaction) => {
      await transaction.lockScopes([place.scope], { wait: true });
      await transaction.write(writeSet(writesFor([library])));
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    expect(await recordsIn(store, place.scope, [library])).toEqual([]);
    expect(await headOf(store, place.scope)).toBe(0);
    const end = await second.transaction((transaction) =>
      transaction.lockScopes([place.scope], { wait: false }),
    );
    expect(end).toMatchObject({ value: { locked: [{ id: place.scope, head: 0 }], skipped: [] } });
  });
}
