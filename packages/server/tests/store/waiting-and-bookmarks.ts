/** Changes that wait for a parent, positions that are kept for callers, and what all servers of a database share. */
import { LIMITS } from '@ackord/core';
import type { RecordKey } from '@ackord/server';
import { expect, test } from 'vitest';
import {
  BOOK,
  bookmarkAt,
  bookOf,
  commit,
  deleted,
  expectSame,
  idsOf,
  keyOf,
  newPlace,
  put,
  T0,
  type World,
  waitingChange,
} from './shelf.ts';

/** Bookmarks are durable soon, not at once. */
const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 10_000, interval: 20 });

export function registerWaitingTests(world: () => World): void {
  test('a waiting change is due when its parent is there and alive', async () => {
    const { store, second } = world();
    const place = newPlace();
    const [live, gone, missing] = [bookOf(place, 1), deleted(bookOf(place, 2), 3), bookOf(place, 4)];
    await put(store, live, gone);
    const changes = [live, gone, missing].map((parent) => waitingChange(place.id, keyOf(parent)));
    await commit(store, [place.scope], { waiting: changes });
    const parents = [live, gone, missing].map(keyOf);
    expect(await second.waitingFor(parents)).toEqual(changes.slice(0, 1));
    await put(store, missing);
    expectSame(await second.waitingFor(parents), [changes[0], changes[2]]);
    expect(await second.waitingFor([keyOf(live)])).toEqual(changes.slice(0, 1));
    expect(await second.waitingFor([])).toEqual([]);
  });

  test('a parent that was moved is there, where it is filed now', async () => {
    const { store, second } = world();
    const [from, to] = [newPlace(), newPlace()];
    const book = bookOf(from, 1);
    const change = waitingChange(from.id, keyOf(book));
    await put(store, book);
    await commit(store, [from.scope], { waiting: [change] });
    const tombstone = { ...book, seq: 2, version: 2, tombstone: { kind: 'moved' }, deletedAt: T0 } as const;
    await put(store, tombstone, { ...book, scope: to.scope, version: 2 });
    expect(await second.waitingFor([keyOf(book)])).toEqual([change]);
  });

  test('a parent of another type with the same id is not the one', async () => {
    const { store, second } = world();
    const place = newPlace();
    const book = bookOf(place, 1);
    await put(store, book);
    await commit(store, [place.scope], {
      waiting: [waitingChange(place.id, { type: 'shelf.Tag', id: book.id })],
    });
    expect(await second.waitingFor([keyOf(book)])).toEqual([]);
    expect(await second.waitingFor([{ type: 'shelf.Tag', id: book.id }])).toEqual([]);
  });

  test('parents are awaited as soon as they are filed where the one who waits may enter', async () => {
    const { store, second } = world();
    const place = newPlace();
    const [here, missing] = [bookOf(place, 1), bookOf(place, 2)];
    const [member, former, stranger] = [newPlace().id, newPlace().id, newPlace().id];
    const awaited = async () => {
      const all = await second.awaitedParents(1_000_000);
      return idsOf(all).filter((id) => id === here.id || id === missing.id);
    };
    await put(store, here);
    const waitFor = (actor: string, parent: RecordKey) =>
      commit(store, [place.scope], { waiting: [waitingChange(actor, keyOf(parent))] });
    await waitFor(stranger, here);
    await waitFor(former, here);
    await waitFor(member, missing);
    const since = { scope: place.scope, role: 'EDITOR', grantedAt: T0, revokedAt: null } as const;
    await commit(store, [place.scope], {
      memberships: [
        { ...since, userId: member },
        { ...since, userId: former, revokedAt: T0 + 1 },
      ],
    });
    expect(await awaited()).toEqual([]);
    await waitFor(member, here);
    await waitFor(member, here);
    expect(await awaited()).toEqual([here.id]);
    expect(await second.awaitedParents(0)).toEqual([]);
  });

  test('those due come oldest first, of all callers and parents', async () => {
    const { store, second } = world();
    const place = newPlace();
    const parents = [bookOf(place, 1), bookOf(place, 2)] as const;
    await put(store, ...parents);
    const changes = [3, 1, 4, 2].map((age, index) =>
      waitingChange(`${place.id}-${index % 3}`, keyOf(parents[index % 2 ? 0 : 1]), { createdAt: T0 + age }),
    );
    await commit(store, [place.scope], { waiting: changes });
    const oldestFirst = idsOf(changes.toSorted((a, b) => a.createdAt - b.createdAt));
    expect(idsOf(await second.waitingFor(parents.map(keyOf)))).toEqual(oldestFirst);
  });

  test('all that a caller has waiting comes, oldest first', async () => {
    const { store, second } = world();
    const [ann, bob] = [newPlace(), newPlace()];
    const parent = { type: BOOK, id: ann.id };
    expect(await second.waitingOf(ann.id)).toEqual([]);
    const own = [2, 3, 1].map((age) => waitingChange(ann.id, parent, { createdAt: T0 + age }));
    const foreign = waitingChange(bob.id, parent);
    await commit(store, [ann.scope], { waiting: [...own, foreign] });
    expect(await second.waitingOf(ann.id)).toEqual(own.toSorted((a, b) => a.createdAt - b.createdAt));
    expect(await second.waitingOf(bob.id)).toEqual([foreign]);
  });

  test('a bookmark is kept for its user, and replaced', async () => {
    const { store, second } = world();
    const [ann, bob] = [newPlace().id, newPlace().id];
    expect(await bookmarkAt(store, ann, 'k')).toBeNull();
    const bookmark = { userId: ann, key: 'k', state: { scopes: { 'library:1': 7 }, list: [null, 'ä'] } };
    await store.saveBookmarks([bookmark]);
    await soon(() => bookmarkAt(second, ann, 'k')).toEqual(bookmark);
    expect(await bookmarkAt(second, bob, 'k')).toBeNull();
    expect(await bookmarkAt(second, ann, 'other')).toBeNull();
    await second.saveBookmarks([{ ...bookmark, state: 'next' }]);
    await soon(() => bookmarkAt(store, ann, 'k')).toEqual({ ...bookmark, state: 'next' });
  });

  test('a user has so many bookmarks; the one saved longest ago goes first', async () => {
    const { store, second } = world();
    const [ann, bob] = [newPlace().id, newPlace().id];
    const save = (userId: string, key: string) => store.saveBookmarks([{ userId, key, state: key }]);
    await save(bob, 'mark-0');
    for (let index = 0; index < LIMITS.bookmarksPerUserMax; index++) await save(ann, `mark-${index}`);
    await save(ann, 'mark-0');
    await save(ann, 'one more');
    const state = async (userId: string, key: string) =>
      (await bookmarkAt(second, userId, key))?.state ?? null;
    await soon(() => state(ann, 'one more')).toBe('one more');
    await soon(() => state(ann, 'mark-1')).toBeNull();
    for (const kept of ['mark-0', 'mark-2', `mark-${LIMITS.bookmarksPerUserMax - 1}`]) {
      expect(await state(ann, kept)).toBe(kept);
    }
    expect(await state(bob, 'mark-0')).toBe('mark-0');
  });

  test('all servers of a database share its epoch and its cursor keys', () => {
    const { store, second } = world();
    expect(Number.isInteger(store.epoch) && store.epoch >= 1).toBe(true);
    expect(second.epoch).toBe(store.epoch);
    expect(store.cursorKeys.length).toBeGreaterThanOrEqual(1);
    for (const key of store.cursorKeys) expect(key.length).toBeGreaterThanOrEqual(32);
    const texts = (keys: readonly Uint8Array[]) => keys.map((key) => Buffer.from(key).toString('hex'));
    expect(texts(second.cursorKeys)).toEqual(texts(store.cursorKeys));
  });
}
