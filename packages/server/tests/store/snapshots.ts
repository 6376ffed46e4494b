/** A snapshot is one moment over all scopes, and answers every question of readers. */
import { expect, test } from 'vitest';
import {
  BOOK,
  bookOf,
  commit,
  deleted,
  expectSame,
  headOf,
  keyOf,
  libraryOf,
  lineOf,
  locationOf,
  look,
  newPlace,
  PAGE,
  pageOf,
  put,
  T0,
  type World,
  within,
} from './shelf.ts';

export function registerSnapshotTests(world: () => World): void {
  test('it does not move while others commit', async () => {
    const { store, second } = world();
    const [a, b] = [newPlace(), newPlace()];
    const [old, other] = [libraryOf(a, 1), libraryOf(b, 1)];
    await put(store, old);
    const next = { ...old, seq: 2, version: 2, fields: { name: 'Renamed' } };
    const member = { scope: a.scope, userId: a.id, role: 'OWNER', grantedAt: T0, revokedAt: null } as const;
    const scopes = [a.scope, b.scope];
    await look(second, async (snapshot) => {
      const see = async () => ({
        records: await snapshot.records(scopes, [old, other]),
        heads: (await snapshot.scopes(scopes)).filter(({ head }) => head > 0).map(({ head }) => head),
        members: await snapshot.members([a.scope]),
        locations: await snapshot.locations([other]),
      });
      const before = await see();
      expect(before).toEqual({ records: [old], heads: [1], members: [], locations: [] });
      await put(store, next, other);
      await commit(store, [a.scope], { memberships: [member] });
      expect(await see()).toEqual(before);
    });
    const after = await look(second, (snapshot) => snapshot.records(scopes, [old, other]));
    expectSame(after, [next, other]);
  });

  test('it never shows half of a commit', async () => {
    const { store, second } = world();
    const [a, b] = [newPlace(), newPlace()];
    const heads = (head: number) => [a, b].map(({ scope }) => ({ scope, head, closed: false }));
    let writing = true;
    const writer = (async () => {
      for (let head = 1; head <= 20; head++) await commit(store, [a.scope, b.scope], { heads: heads(head) });
      writing = false;
    })();
    while (writing) {
      const seen = await look(second, async (snapshot) => {
        const [first] = await snapshot.scopes([a.scope]);
        const [last] = await snapshot.scopes([b.scope]);
        return [first?.head ?? 0, last?.head ?? 0];
      });
      expect(seen[0]).toBe(seen[1]);
    }
    await writer;
    expect(await headOf(second, b.scope)).toBe(20);
  });

  test('the value of the work comes out, and so does its error', async () => {
    expect(await look(world().store, async () => 42)).toBe(42);
    const error = new Error('a bug');
    const failing = look(world().store, async () => {
      throw error;
    });
    await expect(failing).rejects.toBe(error);
  });

  test('its time is that of the transactions', async () => {
    const { store, second } = world();
    const { scope } = newPlace();
    const before = await look(second, (snapshot) => snapshot.now());
    const { now } = await within(store, [scope], async (_, locked) => locked);
    const after = await look(second, (snapshot) => snapshot.now());
    expect([before, now, after]).toEqual([before, now, after].toSorted((a, b) => a - b));
    expect(Number.isInteger(before)).toBe(true);
  });

  test('scopes that nobody knows have no row', async () => {
    const place = newPlace();
    await put(world().store, libraryOf(place, 3));
    const states = await look(world().second, (snapshot) => snapshot.scopes([newPlace().scope, place.scope]));
    expect(states).toMatchObject([{ id: place.scope, head: 3, horizon: 0, closedAt: null }]);
  });

  test('a moment leads to the last seq that was there by then', async () => {
    const { store, second } = world();
    const [a, b, empty] = [newPlace(), newPlace(), newPlace()];
    const log = async (place: typeof a, now: number, ...seqs: number[]) =>
      commit(store, [place.scope], { now, log: seqs.map((seq) => lineOf(bookOf(place, seq))) });
    await log(a, T0, 1, 2);
    await log(a, T0 + 100, 3);
    await log(a, T0 + 200, 4, 5);
    await log(b, T0 + 150, 1);
    const scopes = [a.scope, b.scope, empty.scope];
    const at = async (moment: number) => {
      const seqs = await look(second, (snapshot) => snapshot.seqsAt(scopes, moment));
      return scopes.map((scope) => seqs.get(scope) ?? 0);
    };
    expect(await at(T0 - 1)).toEqual([0, 0, 0]);
    expect(await at(T0)).toEqual([2, 0, 0]);
    expect(await at(T0 + 99)).toEqual([2, 0, 0]);
    expect(await at(T0 + 150)).toEqual([3, 1, 0]);
    expect(await at(T0 + 10_000)).toEqual([5, 1, 0]);
  });

  test('records come by key from the given scopes alone, live and dead', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const [live, gone, foreign] = [bookOf(here, 1), deleted(bookOf(here, 2), 3), bookOf(there, 1)];
    await put(world().store, live, gone, foreign);
    const keys = [...[live, gone, foreign, live].map(keyOf), { type: PAGE, id: live.id }];
    const found = (scopes: readonly string[]) =>
      look(world().second, (snapshot) => snapshot.records(scopes, keys));
    expectSame(await found([here.scope]), [live, gone]);
    expectSame(await found([there.scope, here.scope]), [live, gone, foreign]);
    expectSame(await found([]), []);
  });

  test('children are the live ones of the type, of those owners, in the given scopes', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const [first, second] = [bookOf(here, 1), bookOf(here, 2)];
    const pages = [pageOf(first, 3), pageOf(first, 4), pageOf(second, 5)];
    const gone = deleted(pageOf(first, 6), 7);
    const foreign = bookOf(there, 1);
    await put(world().store, libraryOf(here, 8), first, second, ...pages, gone, foreign);
    const children = (scopes: readonly string[], type: string, ...owners: string[]) =>
      look(world().second, (snapshot) => snapshot.children(scopes, type, owners));
    expectSame(await children([here.scope], PAGE, first.id), pages.slice(0, 2));
    expectSame(await children([here.scope], PAGE, first.id, second.id), pages);
    expectSame(await children([here.scope], BOOK, here.id, there.id), [first, second]);
    expectSame(await children([here.scope, there.scope], BOOK, here.id, there.id), [first, second, foreign]);
    expectSame(await children([here.scope], BOOK, first.id), []);
    expectSame(await children([here.scope], PAGE), []);
  });

  test('locations come by key, wherever the record is filed', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const [book, foreign] = [bookOf(here, 1), bookOf(there, 1)];
    await put(world().store, book, foreign);
    const unknown = { type: PAGE, id: book.id };
    const found = await look(world().second, (snapshot) =>
      snapshot.locations([book, foreign, unknown, book]),
    );
    expectSame(found, [book, foreign].map(locationOf));
  });

  test('members of a scope and memberships of a user, former ones too', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const member = (scope: string, userId: string, revokedAt: number | null = null) =>
      ({ scope, userId, role: 'VIEWER', grantedAt: T0, revokedAt }) as const;
    const memberships = [
      member(here.scope, here.id),
      member(here.scope, there.id, T0 + 5),
      member(there.scope, here.id, T0 + 6),
    ];
    await commit(world().store, [here.scope, there.scope], { memberships });
    await look(world().second, async (snapshot) => {
      expectSame(await snapshot.members([here.scope]), memberships.slice(0, 2));
      expectSame(await snapshot.memberships(here.id), [memberships[0], memberships[2]]);
      expectSame(await snapshot.members([newPlace().scope]), []);
    });
  });

  test('digests come for the given scopes, per type', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const digest = { count: 1, high: 5n, low: 6n };
    const digests = [here, there].flatMap(({ scope }) =>
      [BOOK, PAGE].map((type) => ({ scope, type, digest })),
    );
    await commit(world().store, [here.scope, there.scope], { digests });
    const found = await look(world().second, (snapshot) => snapshot.digests([here.scope]));
    expectSame(found, digests.slice(0, 2));
  });
}
