/** What a batch reads second: history, descendants, deletions, unique holders, conflicts. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { BatchDetails, LogLine } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookOf,
  commit,
  conflictOf,
  deleted,
  expectSame,
  keyOf,
  libraryOf,
  lineOf,
  newPlace,
  pageOf,
  put,
  T0,
  TAG,
  tagOf,
  type World,
  within,
} from './shelf.ts';

const nothing: BatchDetails = {
  history: [],
  descendantsOf: [],
  deletions: [],
  uniques: [],
  openConflicts: [],
  conflicts: [],
  versionsAt: [],
};

export function registerBatchDetailTests(world: () => World): void {
  const details = (scope: string, request: Partial<BatchDetails>) =>
    within(world().store, [scope], (transaction) => transaction.readDetails({ ...nothing, ...request }));

  test('who asks for nothing gets nothing', async () => {
    const found = await details(newPlace().scope, {});
    expect(found).toEqual({ history: [], records: [], conflicts: [], versionsAt: [] });
  });

  test('the version at a position is the last one whose line is not behind it', async () => {
    const place = newPlace();
    const book = bookOf(place, 1);
    const other = bookOf(place, 9);
    for (const [version, seq] of [
      [1, 2],
      [2, 4],
      [2, 5],
      [3, 9],
    ] as const) {
      const log = [
        lineOf({ ...book, version, seq }),
        lineOf({ ...other, version: version + 10, seq: seq + 100 }),
      ];
      await commit(world().store, [place.scope], { now: T0 + seq, log });
    }
    const at = (seq: number) => ({ ...keyOf(book), scope: place.scope, seq });
    const unknown = { ...keyOf(bookOf(place, 5)), scope: place.scope, seq: 9 };
    const { versionsAt } = await details(place.scope, {
      versionsAt: [at(1), at(2), at(4), at(8), at(9), unknown],
    });
    const found = [...versionsAt].sort((a, b) => a.seq - b.seq).map(({ seq, version }) => [seq, version]);
    expect(found).toEqual([
      [2, 1],
      [4, 2],
      [8, 2],
      [9, 3],
    ]);
  });

  test('history is told in order of versions, after the one that is named, with times and old values', async () => {
    const place = newPlace();
    const book = bookOf(place, 1);
    const other = bookOf(place, 9);
    const line = (version: number, more: Partial<LogLine> = {}) =>
      lineOf({ ...book, version, seq: version * 2 }, { before: { title: `v${version - 1}` }, ...more });
    for (const version of [1, 2, 3, 4]) {
      const log = [version === 1 ? line(1, { before: null }) : line(version)];
      if (version === 2) log.push(lineOf({ ...other, version: 2, seq: 5 }));
      await commit(world().store, [place.scope], { now: T0 + version, log });
    }
    const { history } = await details(place.scope, {
      history: [{ ...keyOf(book), scopes: [place.scope], after: 1 }],
    });
    expect(history).toEqual(
      [2, 3, 4].map((version) => ({
        ...keyOf(book),
        version,
        at: T0 + version,
        actor: 'ann',
        before: { title: `v${version - 1}` },
      })),
    );
    const whole = await details(place.scope, {
      history: [{ ...keyOf(book), scopes: [place.scope], after: 0 }],
    });
    expect(whole.history.map(({ version, before }) => [version, before])[0]).toEqual([1, null]);
    expect(whole.history).toHaveLength(4);
  });

  test('history goes on through former scopes, and only through those that are named', async () => {
    const [from, to] = [newPlace(), newPlace()];
    const book = bookOf(from, 1);
    const moved = { ...book, scope: to.scope };
    await commit(world().store, [from.scope], {
      log: [
        lineOf({ ...book, seq: 7 }),
        lineOf({ ...book, version: 2, seq: 8 }, { before: { title: 'first' } }),
      ],
    });
    await commit(world().store, [to.scope], {
      log: [
        lineOf({ ...moved, version: 3, seq: 1 }, { operation: 'MOVE_IN', before: { libraryId: from.id } }),
        lineOf({ ...moved, version: 4, seq: 2 }, { before: { title: 'second' } }),
      ],
    });
    const versionsThrough = async (scopes: readonly string[]) => {
      const { history } = await details(to.scope, { history: [{ ...keyOf(book), scopes, after: 1 }] });
      return history.map(({ version }) => version);
    };
    expect(await versionsThrough([to.scope, from.scope])).toEqual([2, 3, 4]);
    expect(await versionsThrough([to.scope])).toEqual([3, 4]);
  });

  test('histories of several records, each after its own version', async () => {
    const place = newPlace();
    const [a, b] = [bookOf(place, 1), bookOf(place, 2)];
    const log = [1, 2, 3].flatMap((version) => [
      lineOf({ ...a, version, seq: version * 2 }),
      lineOf({ ...b, version, seq: version * 2 + 1 }),
    ]);
    await commit(world().store, [place.scope], { log });
    const { history } = await details(place.scope, {
      history: [
        { ...keyOf(a), scopes: [place.scope], after: 2 },
        { ...keyOf(b), scopes: [place.scope], after: 1 },
      ],
    });
    const versions = (id: string) => history.filter((line) => line.id === id).map(({ version }) => version);
    expect([versions(a.id), versions(b.id), history.length]).toEqual([[3], [2, 3], 3]);
  });

  test('descendants are all live ones below, of every level, and nobody else', async () => {
    const place = newPlace();
    const library = libraryOf(place, 1);
    const [first, second] = [bookOf(place, 2), bookOf(place, 3)];
    const [leaf, sibling] = [pageOf(first, 4), pageOf(second, 5)];
    const tag = tagOf(place, 6, 'red');
    const gone = deleted(pageOf(first, 7), 8);
    await put(world().store, library, first, second, leaf, sibling, tag, gone);
    const below = async (record: typeof library) =>
      (await details(place.scope, { descendantsOf: [{ ...keyOf(record), scope: place.scope }] })).records;
    expectSame(await below(library), [first, second, leaf, sibling, tag]);
    expectSame(await below(first), [leaf]);
    expectSame(await below(leaf), []);
  });

  test('a record that shares its id with one of another type has its own descendants', async () => {
    const place = newPlace();
    const library = libraryOf(place, 1);
    const [twin, book] = [bookOf(place, 2, { id: library.id }), bookOf(place, 3)];
    const leaf = pageOf(twin, 4);
    await put(world().store, library, twin, book, leaf);
    const { records } = await details(place.scope, {
      descendantsOf: [{ ...keyOf(twin), scope: place.scope }],
    });
    expectSame(records, [leaf]);
  });

  test('descendants of several records come once each', async () => {
    const place = newPlace();
    const library = libraryOf(place, 1);
    const book = bookOf(place, 2);
    const leaf = pageOf(book, 3);
    await put(world().store, library, book, leaf);
    const { records } = await details(place.scope, {
      descendantsOf: [library, book].map((record) => ({ ...keyOf(record), scope: place.scope })),
    });
    expectSame(records, [book, leaf]);
  });

  test('a deletion gives back all that it took in the scope', async () => {
    const [place, elsewhere] = [newPlace(), newPlace()];
    const deletion = randomUUID();
    const book = deleted(bookOf(place, 1), 2, deletion);
    const leaf = deleted(pageOf(book, 3), 4, deletion);
    const apart = deleted(bookOf(place, 5), 6);
    const foreign = deleted(bookOf(elsewhere, 1), 2, deletion);
    await put(world().store, book, leaf, apart, bookOf(place, 7), foreign);
    const { records } = await details(place.scope, { deletions: [{ scope: place.scope, deletion }] });
    expectSame(records, [book, leaf]);
  });

  test('a unique key leads to its live holder of that scope and type', async () => {
    const [place, elsewhere] = [newPlace(), newPlace()];
    const [red, gone, foreign] = [
      tagOf(place, 1, 'Red'),
      deleted(tagOf(place, 2, 'Blue'), 3),
      tagOf(elsewhere, 1, 'Green'),
    ];
    await put(world().store, red, gone, foreign);
    const holders = async (type: string, ...keys: string[]) =>
      (await details(place.scope, { uniques: keys.map((key) => ({ scope: place.scope, type, key })) }))
        .records;
    expectSame(await holders(TAG, 'red', 'blue', 'green', 'Red'), [red]);
    expectSame(await holders(BOOK, 'red'), []);
  });

  test('conflicts are found by record while pending, and by id whatever became of them', async () => {
    const [place, elsewhere] = [newPlace(), newPlace()];
    const [book, other] = [bookOf(place, 1), bookOf(place, 2)];
    const open = conflictOf(book, { device: null, base: null, server: null });
    const done = conflictOf(book, {
      status: 'resolved',
      winner: 'server',
      resolvedAt: T0,
      resolvedBy: 'bob',
    });
    const superseded = conflictOf(book, { status: 'superseded' });
    const [foreign, apart] = [conflictOf({ ...book, scope: elsewhere.scope }), conflictOf(other)];
    await commit(world().store, [place.scope, elsewhere.scope], {
      conflicts: [open, done, superseded, foreign, apart],
    });
    const key = { ...keyOf(book), scope: place.scope };
    const byId = ({ scope, id }: typeof open) => ({ scope, id });
    const pending = await details(place.scope, { openConflicts: [key] });
    expectSame(pending.conflicts, [open]);
    const named = await details(place.scope, { conflicts: [done, superseded].map(byId) });
    expectSame(named.conflicts, [done, superseded]);
    const elsewhereNamed = await details(place.scope, {
      conflicts: [{ ...byId(foreign), scope: place.scope }],
    });
    expectSame(elsewhereNamed.conflicts, []);
    const both = await details(place.scope, { openConflicts: [key], conflicts: [open, done].map(byId) });
    expectSame(both.conflicts, [open, done]);
  });

  test('all of it in one go', async () => {
    const place = newPlace();
    const deletion = randomUUID();
    const library = libraryOf(place, 1);
    const book = bookOf(place, 2);
    const gone = deleted(bookOf(place, 3), 4, deletion);
    const tag = tagOf(place, 5, 'red');
    const conflict = conflictOf(book);
    await put(world().store, library, book, gone, tag);
    await commit(world().store, [place.scope], { conflicts: [conflict] });
    const found = await details(place.scope, {
      history: [{ ...keyOf(gone), scopes: [place.scope], after: 0 }],
      descendantsOf: [{ ...keyOf(library), scope: place.scope }],
      deletions: [{ scope: place.scope, deletion }],
      uniques: [{ scope: place.scope, type: TAG, key: 'red' }],
      openConflicts: [{ ...keyOf(book), scope: place.scope }],
      conflicts: [],
    });
    expect(found.history).toEqual([{ ...keyOf(gone), version: 2, at: T0, actor: 'ann', before: null }]);
    expectSame(found.records, [book, gone, tag]);
    expect(found.conflicts).toEqual([conflict]);
  });
}
