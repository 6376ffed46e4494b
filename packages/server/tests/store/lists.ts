/** Lists of a type: in the order of making, page by page, by owner or by scope, by what is in a text. */
import { expect, test } from 'vitest';
import type { ListQuery } from '../../src/engine/ports.ts';
import { BOOK, bookOf, deleted, libraryOf, look, newPlace, pageOf, put, T0, type World } from './shelf.ts';

export function registerListTests(world: () => World): void {
  const titles = (query: Partial<ListQuery> & Pick<ListQuery, 'places'>): Promise<unknown[]> =>
    look(world().store, async (snapshot) => {
      const all = { type: BOOK, contains: null, after: null, limit: 100 };
      return (await snapshot.list({ ...all, ...query })).map(({ fields }) => fields.title);
    });

  async function shelf() {
    const [place, elsewhere] = [newPlace(), newPlace()];
    const book = (number: number, title: string, createdAt: number, at = place) => ({
      ...bookOf(at, number),
      createdAt,
      fields: { libraryId: at.id, title },
    });
    const first = book(1, 'Capes', T0 + 30);
    const books = [first, book(2, 'Bays', T0 + 10), book(3, 'Bays and 100% capes', T0 + 20)];
    await put(world().store, libraryOf(place, 10), ...books, pageOf(first, 11));
    await put(world().store, deleted(book(4, 'Gone', T0 + 5), 12));
    await put(world().store, libraryOf(elsewhere, 1), book(2, 'Foreign', T0, elsewhere));
    return { place, elsewhere, books };
  }

  test('in the order of making, whole scopes or one owner’s, without what is deleted', async () => {
    const { place, elsewhere } = await shelf();
    const inOrder = ['Bays', 'Bays and 100% capes', 'Capes'];
    expect(await titles({ places: [{ scope: place.scope, owner: null }] })).toEqual(inOrder);
    expect(await titles({ places: [{ scope: place.scope, owner: place.id }] })).toEqual(inOrder);
    expect(await titles({ places: [{ scope: place.scope, owner: elsewhere.id }] })).toEqual([]);
    const both = [
      { scope: place.scope, owner: place.id },
      { scope: elsewhere.scope, owner: null },
    ];
    expect(await titles({ places: both })).toEqual(['Foreign', ...inOrder]);
    expect(await titles({ places: both, limit: 2 })).toEqual(['Foreign', 'Bays']);
  });

  test('page by page nothing is missed and nothing comes twice, also of one moment', async () => {
    const place = newPlace();
    const made = Array.from({ length: 9 }, (_, number) => ({
      ...bookOf(place, number + 1),
      createdAt: T0 + Math.floor(number / 4),
    }));
    await put(world().store, ...made);
    const seen: string[] = [];
    let after: ListQuery['after'] = null;
    for (;;) {
      const query = {
        places: [{ scope: place.scope, owner: place.id }],
        type: BOOK,
        contains: null,
        limit: 2,
      };
      const page = await look(world().store, (snapshot) => snapshot.list({ ...query, after }));
      const last = page.at(-1);
      if (!last) break;
      seen.push(...page.map(({ id }) => id));
      after = last;
    }
    const expected = [...made].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    expect(seen).toEqual(expected.map(({ id }) => id));
  });

  test('with a text in it: letter by letter, in any of the fields, no pattern', async () => {
    const { place } = await shelf();
    const places = [{ scope: place.scope, owner: place.id }];
    const having = (text: string, fields = ['nothing', 'title']) =>
      titles({ places, contains: { fields, text } });
    expect(await having('Bays')).toEqual(['Bays', 'Bays and 100% capes']);
    expect(await having('bays')).toEqual([]);
    expect(await having('0% c')).toEqual(['Bays and 100% capes']);
    expect(await having('%')).toEqual(['Bays and 100% capes']);
    expect(await having('B_ys')).toEqual([]);
    expect(await having("'; DROP")).toEqual([]);
    expect(await having('Bays', ['nothing'])).toEqual([]);
    expect(await having('')).toHaveLength(3);
  });

  test('of nowhere there is nothing', async () => {
    expect(await titles({ places: [] })).toEqual([]);
  });
}
