/** Which conflicts a caller is shown: the open ones and those that it lost, newest first. */
import { expect, test } from 'vitest';
import type { ConflictView } from '../../src/engine/conflict-view.ts';
import type { ConflictQuery } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookOf,
  commit,
  conflictOf,
  expectSame,
  idsOf,
  look,
  newPlace,
  PAGE,
  pageOf,
  T0,
  type World,
} from './shelf.ts';

export function registerConflictTests(world: () => World): void {
  const conflicts = (scopes: readonly string[], more: Partial<ConflictQuery> = {}) =>
    look(world().second, (snapshot) =>
      snapshot.conflicts({
        scopes,
        id: null,
        actor: null,
        types: null,
        openOnly: false,
        limit: 100,
        ...more,
      }),
    );

  /** One conflict in each state that there is, all of `ann`. */
  function inEveryState(place: ReturnType<typeof newPlace>) {
    const book = bookOf(place, 1);
    const resolved = (winner: ConflictView['winner']) =>
      conflictOf(book, { status: 'resolved', winner, resolvedAt: T0 + 40, resolvedBy: 'ann' });
    return {
      pending: conflictOf(book),
      lost: resolved('server'),
      half: resolved('mixed'),
      won: resolved('client'),
      kept: resolved('both'),
      superseded: conflictOf(book, { status: 'superseded' }),
      bobs: conflictOf(book, { actor: 'bob' }),
    };
  }

  test('a caller sees its pending ones and those that it lost, in full or in part', async () => {
    const place = newPlace();
    const { pending, lost, half, ...others } = inEveryState(place);
    await commit(world().store, [place.scope], {
      conflicts: [pending, lost, half, ...Object.values(others)],
    });
    expectSame(await conflicts([place.scope], { actor: 'ann' }), [pending, lost, half]);
    expectSame(await conflicts([place.scope], { actor: 'bob' }), [others.bobs]);
    expectSame(await conflicts([place.scope], { actor: 'nobody' }), []);
  });

  test('whoever lost to a later change sees it too, in full or in part, and nothing else of it', async () => {
    const place = newPlace();
    const book = bookOf(place, 1);
    const against = (winner: ConflictView['winner'], status: ConflictView['status'] = 'resolved') =>
      conflictOf(book, { rival: 'cy', status, winner });
    const [beaten, half] = [against('client'), against('mixed')];
    const others = [
      against('server'),
      against('both'),
      against(null, 'pending'),
      against('client', 'superseded'),
    ];
    await commit(world().store, [place.scope], { conflicts: [beaten, half, ...others] });
    expectSame(await conflicts([place.scope], { actor: 'cy' }), [beaten, half]);
    expectSame(await conflicts([place.scope], { actor: 'cy', id: beaten.id }), [beaten]);
    expectSame(await conflicts([place.scope], { actor: 'cy', id: others[0]?.id ?? null }), []);
  });

  test('without an actor all of the scopes are told', async () => {
    const place = newPlace();
    const all = Object.values(inEveryState(place));
    await commit(world().store, [place.scope], { conflicts: all });
    expectSame(await conflicts([place.scope]), all);
  });

  test('by its id a conflict is found whoever won, but not for another actor', async () => {
    const place = newPlace();
    const every = inEveryState(place);
    await commit(world().store, [place.scope], { conflicts: Object.values(every) });
    for (const conflict of Object.values(every)) {
      const { id, actor } = conflict;
      expect(await conflicts([place.scope], { id })).toEqual([conflict]);
      expect(await conflicts([place.scope], { id, actor })).toEqual([conflict]);
      expect(await conflicts([place.scope], { id, actor: 'nobody' })).toEqual([]);
    }
  });

  test('only those of the given scopes and of the type, also by id', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const book = bookOf(here, 1);
    const [ofBook, ofPage] = [conflictOf(book), conflictOf(pageOf(book, 2))];
    const foreign = conflictOf(bookOf(there, 1));
    await commit(world().store, [here.scope, there.scope], { conflicts: [ofBook, ofPage, foreign] });
    expectSame(await conflicts([here.scope]), [ofBook, ofPage]);
    expectSame(await conflicts([here.scope, there.scope], { types: [BOOK] }), [ofBook, foreign]);
    expectSame(await conflicts([here.scope], { types: [PAGE], actor: 'ann' }), [ofPage]);
    expect(await conflicts([here.scope], { id: foreign.id })).toEqual([]);
    expect(await conflicts([], { id: ofBook.id })).toEqual([]);
  });

  test('open ones alone, where that is asked for', async () => {
    const place = newPlace();
    const every = Object.values(inEveryState(place));
    await commit(world().store, [place.scope], { conflicts: every });
    const open = every.filter(({ status }) => status === 'pending');
    expect(open.length).toBeGreaterThan(0);
    expectSame(await conflicts([place.scope], { openOnly: true }), open);
  });

  test('newest first, across scopes, at most as many as asked for', async () => {
    const [here, there] = [newPlace(), newPlace()];
    const ages = [30, 10, 40, 20].map((age, index) =>
      conflictOf(bookOf(index % 2 ? here : there, 1), { createdAt: T0 + age }),
    );
    const scopes = [here.scope, there.scope];
    await commit(world().store, scopes, { conflicts: ages });
    const newestFirst = idsOf(ages.toSorted((a, b) => b.createdAt - a.createdAt));
    expect(idsOf(await conflicts(scopes))).toEqual(newestFirst);
    expect(idsOf(await conflicts(scopes, { limit: 3, actor: 'ann' }))).toEqual(newestFirst.slice(0, 3));
  });
}
