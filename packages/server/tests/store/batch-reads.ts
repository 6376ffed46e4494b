/** What a batch reads first, after its scopes are locked, and what is read outside of any transaction. */
import { expect, test } from 'vitest';
import type { BatchRead, Membership } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookOf,
  commit,
  conflictOf,
  deleted,
  expectSame,
  keyOf,
  libraryOf,
  locationOf,
  newPlace,
  put,
  T0,
  tagOf,
  type World,
  waitingChange,
  within,
  writesFor,
} from './shelf.ts';

const nothing: BatchRead = { keys: [], receipts: [], scopes: [], actors: [] };

export function registerBatchReadTests(world: () => World): void {
  const read = (scopes: readonly string[], request: Partial<BatchRead>) =>
    within(world().store, scopes, (transaction) => transaction.read({ ...nothing, scopes, ...request }));

  test('what was never heard of is left out', async () => {
    const place = newPlace();
    const state = await read([place.scope], {
      keys: [{ type: BOOK, id: place.id }],
      receipts: [{ actor: place.id, changeId: 'c1' }],
      actors: [place.id],
    });
    expect(state).toEqual({
      locations: [],
      records: [],
      receipts: [],
      memberships: [],
      digests: [],
      conflicts: [],
      actorsWaiting: [],
    });
  });

  test('records come from the scopes alone, dead ones too; locations from everywhere', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const [live, gone, foreign] = [bookOf(here, 2), deleted(bookOf(here, 3), 4), bookOf(there, 2)];
    await put(world().store, libraryOf(here, 1), live, gone);
    await put(world().store, libraryOf(there, 1), foreign);
    const state = await read([here.scope], { keys: [live, gone, foreign, live].map(keyOf) });
    expectSame(state.records, [live, gone]);
    expectSame(state.locations, [live, gone, foreign].map(locationOf));
  });

  test('a moved record is a tombstone in the old scope and lives in the new one', async () => {
    const [from, to] = [newPlace(), newPlace()];
    const before = bookOf(from, 2);
    await put(world().store, libraryOf(from, 1), before);
    const tombstone = { ...before, seq: 3, version: 2, tombstone: { kind: 'moved' }, deletedAt: T0 } as const;
    const fields = { ...before.fields, libraryId: to.id };
    const after = { ...before, scope: to.scope, seq: 1, version: 2, fields, formerScopes: [from.scope] };
    await put(world().store, tombstone, after);
    const state = await read([from.scope, to.scope], { keys: [keyOf(before)] });
    expectSame(state.records, [tombstone, after]);
    expect(state.locations).toEqual([locationOf(after)]);
  });

  test.each([
    ['where it was expected', 0],
    ['where nobody expected it', 1],
    ['in a scope that is not read', 2],
  ])('a record that lies %s is found wherever the scopes have it', async (_, expectedIn) => {
    const places = [newPlace(), newPlace(), newPlace()] as const;
    // More scopes than are tried one by one.
    const others = Array.from({ length: 6 }, () => newPlace().scope);
    const [from, to] = places;
    const old = bookOf(from, 2);
    const tombstone = { ...old, seq: 3, version: 2, tombstone: { kind: 'moved' }, deletedAt: T0 } as const;
    const fields = { ...old.fields, libraryId: to.id };
    const now = { ...old, scope: to.scope, seq: 1, version: 2, fields, formerScopes: [from.scope] };
    await put(world().store, libraryOf(from, 1), old);
    await put(world().store, tombstone, now);
    const likely = [[to.scope], [from.scope], [places[2].scope]][expectedIn]!;
    const state = await read([from.scope, to.scope, ...others], { keys: [{ ...keyOf(old), likely }] });
    expectSame(state.records, [tombstone, now]);
    expect(state.locations).toEqual([locationOf(now)]);
  });

  test.each([
    ['where the record is expected', true],
    ['where nobody expects it', false],
  ])('pending conflicts come along %s, if they are asked for', async (_, isExpected) => {
    const place = newPlace();
    const others = Array.from({ length: 6 }, () => newPlace().scope);
    const [asked, other] = [bookOf(place, 2), bookOf(place, 3)];
    const open = conflictOf(asked);
    const conflicts = [open, conflictOf(asked, { status: 'resolved' }), conflictOf(other)];
    await put(world().store, libraryOf(place, 1), asked, other);
    await commit(world().store, [place.scope], { conflicts });
    const likely = { likely: [isExpected ? place.scope : others[0]!] };
    const keys = [
      { ...keyOf(asked), ...likely, withConflicts: true },
      { ...keyOf(other), ...likely },
    ];
    expect((await read([place.scope, ...others], { keys })).conflicts).toEqual([open]);
    expect((await read(others, { keys })).conflicts).toEqual([]);
  });

  test('it is told of whom among those who are named any change waits', async () => {
    const place = newPlace();
    const [waiter, other, idle] = [newPlace().id, newPlace().id, newPlace().id];
    const parent = { type: BOOK, id: place.id };
    const waiting = [
      waitingChange(waiter, parent),
      waitingChange(waiter, parent),
      waitingChange(other, parent),
    ];
    await commit(world().store, [place.scope], { waiting });
    const state = await read([place.scope], { waiters: [idle, waiter, idle] });
    expect(state.actorsWaiting).toEqual([waiter]);
  });

  test('an alias is filed with the id that it stands for', async () => {
    const place = newPlace();
    const kept = tagOf(place, 1, 'red');
    const tombstone = { kind: 'alias', of: kept.id } as const;
    const alias = tagOf(place, 2, 'Red', { tombstone, deletedAt: T0 });
    const location = { ...locationOf(alias), aliasOf: kept.id };
    const writes = writesFor([kept, alias]);
    await commit(world().store, [place.scope], { ...writes, locations: [locationOf(kept), location] });
    const state = await read([place.scope], { keys: [keyOf(alias)] });
    expect([state.locations, state.records]).toEqual([[location], [alias]]);
    expect(
      (await world().second.place([{ userId: 'ann', keys: [keyOf(alias)], scopes: [] }]))[0]!.locations,
    ).toEqual([location]);
  });

  test('a receipt belongs to its actor and its change', async () => {
    const place = newPlace();
    const receipts = ['ann', 'bob'].map((name) => ({
      actor: `${name}-${place.id}`,
      changeId: 'c1',
      fingerprint: `print of ${name}`,
      scope: place.scope,
      body: { status: 'applied', record: { text: 'Ünïcode 🗺', list: [1, null, { deep: true }] } },
    }));
    const [own] = receipts;
    await commit(world().store, [place.scope], { receipts });
    const state = await read([place.scope], {
      receipts: [
        { actor: `ann-${place.id}`, changeId: 'c1' },
        { actor: `ann-${place.id}`, changeId: 'c2' },
      ],
    });
    expect(state.receipts).toEqual([own]);
  });

  test('memberships are those of the actors in the scopes, former ones too', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const [ann, bob, cy] = [newPlace().id, newPlace().id, newPlace().id];
    const member = (scope: string, userId: string, revokedAt: number | null): Membership => ({
      scope,
      userId,
      role: 'EDITOR',
      grantedAt: T0,
      revokedAt,
    });
    const memberships = [
      member(here.scope, ann, null),
      member(here.scope, bob, T0 + 9),
      member(here.scope, cy, null),
      member(there.scope, ann, null),
    ];
    await commit(world().store, [here.scope, there.scope], { memberships });
    const state = await read([here.scope], { actors: [ann, bob] });
    expectSame(state.memberships, memberships.slice(0, 2));
    expectSame(
      (await world().second.place([{ userId: ann, keys: [], scopes: [here.scope, there.scope] }]))[0]!
        .memberships,
      [memberships[0], memberships[3]],
    );
  });

  test('digests are those of the scopes, to the last bit', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const digest = { count: 3, high: 2n ** 64n - 1n, low: 2n ** 63n };
    const digests = [
      { scope: here.scope, type: BOOK, digest },
      { scope: here.scope, type: 'shelf.Page', digest: { count: 0, high: 0n, low: 0n } },
      { scope: there.scope, type: BOOK, digest },
    ];
    await commit(world().store, [here.scope, there.scope], { digests });
    expectSame((await read([here.scope], {})).digests, digests.slice(0, 2));
  });

  test('every read of a transaction sees what is committed by then', async () => {
    const { store, second } = world();
    const [here, there] = [newPlace(), newPlace()];
    const library = libraryOf(there, 1);
    const keys = [keyOf(library)];
    await within(store, [here.scope], async (transaction) => {
      expect((await transaction.read({ ...nothing, keys })).locations).toEqual([]);
      await put(second, library);
      expect((await transaction.read({ ...nothing, keys })).locations).toEqual([locationOf(library)]);
    });
  });

  test('placing tells the time, and the changes of the caller that wait for one of the keys', async () => {
    const { store, second } = world();
    const place = newPlace();
    const parent = { type: BOOK, id: place.id };
    const [own, other] = [waitingChange(place.id, parent), waitingChange(place.id, parent)];
    const foreign = waitingChange('somebody else', parent, { target: own.target });
    await commit(store, [place.scope], { waiting: [own, other, foreign] });
    const placement = (await second.place([{ userId: place.id, keys: [own.target], scopes: [] }]))[0]!;
    expect(placement).toMatchObject({ waiting: [own], hasWaiting: true });
    const elsewhere = { keys: [keyOf(bookOf(place, 1))], scopes: [] };
    const asked = [place.id, newPlace().id].map((userId) => ({ userId, ...elsewhere }));
    expect(await second.place(asked)).toMatchObject([
      { waiting: [], hasWaiting: true },
      { waiting: [], hasWaiting: false },
    ]);
    const { now } = await within(store, [place.scope], async (_, locked) => locked);
    expect(now).toBeGreaterThanOrEqual(placement.now);
    expect(Number.isInteger(placement.now) && Number.isInteger(now)).toBe(true);
    expect(Math.abs(Date.now() - now)).toBeLessThan(600_000);
  });

  test('calls of one user that share a read get what each asked for, and everything once', async () => {
    const { store, second } = world();
    const place = newPlace();
    const parent = { type: BOOK, id: place.id };
    const [one, other] = [waitingChange(place.id, parent), waitingChange(place.id, parent)];
    await commit(store, [place.scope], { waiting: [one, other] });
    const asked = [[one.target], [one.target], [one.target, other.target], [other.target]];
    const placements = await second.place(asked.map((keys) => ({ userId: place.id, keys, scopes: [] })));
    const sorted = (changes: readonly { readonly id: string }[]) => changes.map(({ id }) => id).sort();
    expect(placements.map(({ waiting }) => sorted(waiting))).toEqual(
      [[one], [one], [one, other], [other]].map(sorted),
    );
  });
}
