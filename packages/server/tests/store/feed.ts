/** The feed: order, paging, filters, ancestors, and what a caller who lost a scope still learns. */
import { type Priority, type RecordState, toWireRecord } from '@ackord/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeedQuery, FeedRow, FeedScope, RecordText } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookOf,
  deleted,
  expectSame,
  idsOf,
  LIBRARY,
  libraryOf,
  look,
  newPlace,
  PAGE,
  pageOf,
  put,
  T0,
  type World,
} from './shelf.ts';

const part = ({ scope }: { readonly scope: string }, more: Partial<FeedScope> = {}): FeedScope => ({
  scope,
  after: 0,
  createdUntil: null,
  upTo: 1_000,
  ...more,
});

const query = (scopes: readonly FeedScope[], more: Partial<FeedQuery> = {}): FeedQuery => ({
  scopes,
  types: null,
  priority: 0,
  limit: 100,
  ...more,
});

const told = ({ text, ...row }: RecordText) => ({ ...lookedAt(row), wire: JSON.parse(text) });
const asTold = (record: RecordState) => ({ ...lookedAt(record), wire: toWireRecord(record) });
const lookedAt = ({ scope, type, id, seq, tombstone }: FeedRow): FeedRow => ({
  scope,
  type,
  id,
  seq,
  tombstone,
});

export function registerFeedTests(world: () => World): void {
  /** Of every feed the texts have to say the same as the records. */
  const feed = (scopes: readonly FeedScope[], more: Partial<FeedQuery> = {}) =>
    look(world().second, async (snapshot) => {
      const asked = query(scopes, more);
      const found = await snapshot.feed(asked);
      const texts = await snapshot.feedTexts(asked);
      expect({ rows: texts.rows.map(told), ancestors: texts.ancestors.map(told) }).toEqual({
        rows: found.rows.map(asTold),
        ancestors: found.ancestors.map(asTold),
      });
      return found;
    });

  test('texts hold whatever records do', async () => {
    const place = newPlace();
    const odd = (name: string, seq: number): RecordState => {
      const book = bookOf(newPlace(), seq, {
        createdBy: `${name} "\\`,
        updatedBy: '\u00e4\u2028\ud83d\ude00',
      });
      return {
        ...book,
        scope: place.scope,
        id: `${name}/${book.id}`,
        fields: { title: `"${name}"\n`, deep: [{ a: null }] },
      };
    };
    const gone = deleted(odd('gone', 2), 3);
    const moved: RecordState = {
      ...gone,
      id: `m/${gone.id}`,
      seq: 4,
      tombstone: { kind: 'moved' },
    };
    const alias: RecordState = {
      ...gone,
      id: `a/${gone.id}`,
      seq: 5,
      tombstone: { kind: 'alias', of: 'tenant/of "it"' },
    };
    await put(world().store, odd('quoted "\\ \u0007', 1), gone, moved, alias);
    expect((await feed([part(place)])).rows).toHaveLength(4);
  });

  test('nothing gives nothing', async () => {
    expect(await feed([])).toEqual({ rows: [], ancestors: [] });
    expect(await feed([part(newPlace())])).toEqual({ rows: [], ancestors: [] });
  });

  test('rows come by the position of their scope in the query, then by seq', async () => {
    const places = [newPlace(), newPlace(), newPlace()] as const;
    const rows = places.map((place) => [libraryOf(place, 2), bookOf(place, 10), bookOf(place, 9)] as const);
    for (const [root, late, early] of rows) await put(world().store, late, root, early);
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ] as const) {
      const found = await feed(order.map((index) => part(places[index])));
      const expected = order.flatMap((index) => {
        const [root, late, early] = rows[index] ?? [];
        return [root, early, late];
      });
      expect(found).toEqual({ rows: expected, ancestors: [] });
    }
  });

  test('each scope is read after its position and up to its end', async () => {
    const [a, b] = [newPlace(), newPlace()];
    const record = (place: typeof a) =>
      [1, 2, 3, 4, 5].map((seq) => libraryOf({ ...newPlace(), scope: place.scope }, seq));
    const [ofA, ofB] = [record(a), record(b)];
    await put(world().store, ...ofA, ...ofB);
    const { rows } = await feed([part(a, { after: 1, upTo: 3 }), part(b, { after: 4, upTo: 5 })]);
    expect(rows).toEqual([ofA[1], ofA[2], ofB[4]]);
    expect((await feed([part(a, { after: 5 })])).rows).toEqual([]);
  });

  test('the limit counts across scopes', async () => {
    const [a, b] = [newPlace(), newPlace()];
    const records = [libraryOf(a, 1), bookOf(a, 2), libraryOf(b, 1), bookOf(b, 2)];
    await put(world().store, ...records);
    for (const limit of [1, 2, 3, 4, 5]) {
      const { rows } = await feed([part(a), part(b)], { limit });
      expect(rows).toEqual(records.slice(0, limit));
    }
  });

  test('a record is there once, in its latest state, and tombstones are rows too', async () => {
    const place = newPlace();
    const book = bookOf(place, 1);
    const other = bookOf(place, 2);
    await put(world().store, book, other);
    const gone = deleted(book, 3);
    await put(world().store, gone);
    expect((await feed([part(place)])).rows).toEqual([other, gone]);
  });

  test('types are filtered, of tombstones too', async () => {
    const place = newPlace();
    const [library, book] = [libraryOf(place, 1), bookOf(place, 2)];
    const gone = deleted(pageOf(book, 3), 4);
    await put(world().store, library, book, gone);
    const typed = async (...types: string[]) => (await feed([part(place)], { types })).rows;
    expect(await typed(BOOK)).toEqual([book]);
    expect(await typed(LIBRARY, PAGE)).toEqual([library, gone]);
    expect(await typed()).toEqual([]);
  });

  test('a least priority lets pass the higher ones and every tombstone', async () => {
    const place = newPlace();
    const priorities: readonly Priority[] = [0, 1, 2, 3];
    const live = priorities.map((priority) => bookOf(place, priority + 1, { priority }));
    const gone = deleted(bookOf(place, 5, { priority: 0 }), 6);
    await put(world().store, ...live, gone);
    for (const priority of priorities) {
      const { rows } = await feed([part(place)], { priority });
      expect(rows).toEqual([...live.slice(priority), gone]);
    }
  });

  test('who lost the scope hears only of records that were there before', async () => {
    const [lost, kept] = [newPlace(), newPlace()];
    const old = bookOf(lost, 1, { createdAt: T0, updatedAt: T0 + 500 });
    const young = bookOf(lost, 2, { createdAt: T0 + 200 });
    const fresh = libraryOf(kept, 1, { createdAt: T0 + 300 });
    await put(world().store, old, young, fresh);
    const scopes = [part(lost, { createdUntil: T0 + 100 }), part(kept)];
    expect((await feed(scopes)).rows).toEqual([old, fresh]);
  });

  test('parents that lie behind the end of the page come along, of every level', async () => {
    const place = newPlace();
    const library = libraryOf(place, 30);
    const book = bookOf(place, 20);
    const [leaf, later] = [pageOf(book, 10), pageOf(book, 40)];
    await put(world().store, library, book, leaf, later);
    const first = await feed([part(place)], { limit: 1 });
    expect(first.rows).toEqual([leaf]);
    expectSame(first.ancestors, [book, library]);
    expect(await feed([part(place)], { limit: 2 })).toEqual({ rows: [leaf, book], ancestors: [library] });
    expect(await feed([part(place)], { limit: 3 })).toEqual({ rows: [leaf, book, library], ancestors: [] });
    const rest = await feed([part(place, { after: 30 })]);
    expect(rest).toEqual({ rows: [later], ancestors: [] });
  });

  test('a parent between, which the caller has, does not hide the one above it', async () => {
    const place = newPlace();
    const [library, book] = [libraryOf(place, 30), bookOf(place, 5)];
    const leaf = pageOf(book, 10);
    await put(world().store, library, book, leaf);
    const { rows, ancestors } = await feed([part(place, { after: 5 })], { limit: 1 });
    expect([rows, ancestors]).toEqual([[leaf], [library]]);
  });

  test('pages that many ask for at once are those that each would get alone', async () => {
    const places = [newPlace(), newPlace(), newPlace()];
    const heads = [12, 7, 230];
    const headOf = (at: number): number => (heads[at] ?? 0) + 2;
    for (const [at, place] of places.entries()) {
      const books = Array.from({ length: heads[at] ?? 0 }, (_, seq) =>
        bookOf(place, seq + 1, { priority: ((seq % 3) + 1) as Priority }),
      );
      await put(
        world().store,
        libraryOf(place, headOf(at) - 1),
        ...books,
        deleted(bookOf(place, 3), headOf(at)),
      );
    }
    const somePart = fc.record({ at: fc.nat(2), after: fc.nat(240) });
    const someQuery = fc.record({
      parts: fc.uniqueArray(somePart, { minLength: 1, maxLength: 3, selector: ({ at }) => at }),
      types: fc.constantFrom(null, [BOOK], [LIBRARY]),
      priority: fc.constantFrom<Priority[]>(0, 2),
      limit: fc.constantFrom(5, 100, 1_000),
    });
    const property = fc.asyncProperty(fc.array(someQuery, { minLength: 2, maxLength: 8 }), async (some) => {
      const asked = some.map(({ parts, ...more }) => {
        const scopes = parts.map(({ at, after }) => {
          const upTo = headOf(at);
          return part(places[at] ?? newPlace(), { after: Math.min(after, upTo), upTo });
        });
        return query(scopes, { ...more, endsAtHeads: true });
      });
      const together = await look(world().second, (snapshot) =>
        Promise.all(asked.map((one) => snapshot.feedTexts(one))),
      );
      const alone = [];
      for (const one of asked) alone.push(await look(world().second, (snapshot) => snapshot.feedTexts(one)));
      expect(together).toEqual(alone);
    });
    await fc.assert(property, { numRuns: 15 });
  });

  test('a parent that moved on since the run began comes along, though it lies beyond the end', async () => {
    const place = newPlace();
    const library = libraryOf(place, 50, { version: 2 });
    const book = bookOf(place, 10);
    await put(world().store, library, book);
    expect(await feed([part(place, { upTo: 20 })])).toEqual({ rows: [book], ancestors: [library] });
  });

  test('each parent comes once, for its own rows only, and not for tombstones', async () => {
    const [a, b] = [newPlace(), newPlace()];
    const [rootA, rootB] = [libraryOf(a, 90), libraryOf(b, 90)];
    const books = [bookOf(a, 1), bookOf(a, 2), bookOf(a, 3)];
    const gone = deleted(bookOf(b, 1), 2);
    await put(world().store, rootA, rootB, ...books, gone);
    const cut = await feed([part(a)], { limit: 3 });
    expect(cut).toEqual({ rows: books, ancestors: [rootA] });
    const tombstoneOnly = await feed([part(b)], { limit: 1 });
    expect(tombstoneOnly).toEqual({ rows: [gone], ancestors: [] });
  });

  test('a dead parent does not come along', async () => {
    const place = newPlace();
    const [dead, book] = [deleted(libraryOf(place, 1), 9), bookOf(place, 2)];
    await put(world().store, dead, book);
    expect(await feed([part(place)], { limit: 1 })).toEqual({ rows: [book], ancestors: [] });
  });

  test('parents pass the same filter as rows: they come again in their own place', async () => {
    const place = newPlace();
    const library = libraryOf(place, 30, { priority: 1 });
    const book = bookOf(place, 10, { priority: 2 });
    await put(world().store, library, book);
    expect((await feed([part(place)], { limit: 1, types: [BOOK] })).ancestors).toEqual([]);
    expect((await feed([part(place)], { limit: 1, types: [BOOK, LIBRARY] })).ancestors).toEqual([library]);
    expect((await feed([part(place)], { limit: 1, priority: 2 })).ancestors).toEqual([]);
  });

  test('page by page everything comes once, and no child before its parent', async () => {
    const [a, b] = [newPlace(), newPlace()];
    const records = [a, b].flatMap((place) => {
      const books = [bookOf(place, 7), bookOf(place, 2), bookOf(place, 12)] as const;
      return [libraryOf(place, 9), ...books, ...books.map((book, index) => pageOf(book, 3 + index * 5))];
    });
    await put(world().store, ...records);
    for (const limit of [1, 2, 3, 5]) {
      const known = new Set<string>();
      const rows: RecordState[] = [];
      let [afterA, afterB] = [0, 0];
      for (;;) {
        const page = await feed([part(a, { after: afterA }), part(b, { after: afterB })], { limit });
        for (const { id } of page.ancestors) known.add(id);
        for (const { id } of page.rows) known.add(id);
        for (const { fields } of page.rows) {
          for (const parent of [fields.libraryId, fields.bookId]) {
            if (typeof parent === 'string') expect(known).toContain(parent);
          }
        }
        for (const { scope, seq } of page.rows) {
          if (scope === a.scope) afterA = seq;
          else afterB = seq;
        }
        rows.push(...page.rows);
        if (page.rows.length < limit) break;
      }
      expect(idsOf(rows).toSorted()).toEqual(idsOf(records).toSorted());
    }
  });

  test('counting tells how many rows all pages have, up to a bound', async () => {
    const [a, b] = [newPlace(), newPlace()];
    const gone = deleted(bookOf(b, 8), 9);
    await put(
      world().store,
      libraryOf(a, 1),
      bookOf(a, 2),
      bookOf(a, 3),
      bookOf(b, 1, { priority: 0 }),
      gone,
    );
    const count = (scopes: readonly FeedScope[], more: Partial<FeedQuery>, countMax = 100) =>
      look(world().second, (snapshot) => snapshot.count(query(scopes, more), countMax));
    expect(await count([part(a), part(b)], { limit: 1 })).toBe(5);
    expect(await count([part(a), part(b)], {}, 3)).toBe(3);
    expect(await count([part(a), part(b)], {}, 5)).toBe(5);
    expect(await count([part(a, { after: 1, upTo: 2 })], {})).toBe(1);
    expect(await count([part(a), part(b)], { types: [BOOK], priority: 1 })).toBe(3);
    expect(await count([part(a, { createdUntil: T0 }), part(b)], {})).toBe(2);
    expect(await count([], {})).toBe(0);
  });
}
