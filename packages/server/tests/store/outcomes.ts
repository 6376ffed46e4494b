/** How transactions end that do not commit: what is refused, what may be tried again, and that neither leaves a trace. */
import { canonicalJson } from '@ackord/core';
import { expect, test } from 'vitest';
import type { RecordWrite, Store, WriteSet } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookmarkAt,
  bookOf,
  commit,
  conflictOf,
  deleted,
  expectSame,
  gate,
  headOf,
  idsOf,
  keyOf,
  libraryOf,
  lineOf,
  look,
  newPlace,
  type Place,
  put,
  recordsIn,
  rowOf,
  T0,
  tagOf,
  type World,
  waitingChange,
  within,
  write,
  writeSet,
  writesFor,
} from './shelf.ts';

export function registerOutcomeTests(world: () => World): void {
  /** Writes a good book together with what is to fail, and shows that nothing of both stays. */
  async function expectNoTrace(
    outcome: 'refused' | 'again',
    place: Place,
    bad: Partial<WriteSet>,
    scopes: readonly string[] = [place.scope],
  ) {
    const { store, second } = world();
    const head = await headOf(store, place.scope);
    const good = bookOf(place, head + 1);
    const receipt = { actor: place.id, changeId: good.id, fingerprint: 'f', scope: place.scope, body: {} };
    const waiting = waitingChange(good.id, keyOf(good));
    const parts = writesFor([good]);
    const merged = {
      ...parts,
      ...bad,
      records: [...(parts.records ?? []), ...(bad.records ?? [])],
      locations: [...(parts.locations ?? []), ...(bad.locations ?? [])],
      log: [...(parts.log ?? []), ...(bad.log ?? [])],
      receipts: [receipt, ...(bad.receipts ?? [])],
      waiting: [waiting, ...(bad.waiting ?? [])],
      bookmarks: [{ userId: good.id, key: 'k', state: 1 }, ...(bad.bookmarks ?? [])],
    };
    const end = await write(store, scopes, merged);
    expect(end).toMatchObject({ outcome, cause: expect.any(String) });
    expect(await headOf(second, place.scope)).toBe(head);
    expect(await recordsIn(second, place.scope, [good])).toEqual([]);
    expect((await second.place([{ userId: 'ann', keys: [keyOf(good)], scopes: [] }]))[0]!.locations).toEqual(
      [],
    );
    expect(await second.waitingOf(good.id)).toEqual([]);
    expect(await bookmarkAt(second, good.id, 'k')).toBeNull();
    // The same good part alone goes through: nothing of it was kept, and the scope is free.
    await commit(second, [place.scope], { ...parts, receipts: [receipt] });
    expect(await recordsIn(store, place.scope, [good])).toEqual([good]);
  }

  const badRow = (place: Place, change: (row: RecordWrite) => RecordWrite): Partial<WriteSet> => ({
    records: [change(rowOf(bookOf(place, 100)))],
  });
  const withFields = (title: string) => (row: RecordWrite) => {
    const fields = { ...row.record.fields, title };
    return { ...row, fieldsText: canonicalJson(fields), record: { ...row.record, fields } };
  };

  test.each([
    ['a NUL in a field', withFields('a\0b')],
    ['a NUL in an id', (row) => ({ ...row, record: { ...row.record, id: 'a\0b' } })],
    ['a NUL in the name of a user', (row) => ({ ...row, record: { ...row.record, createdBy: 'a\0b' } })],
    ['a NUL in a unique key', (row) => ({ ...row, uniqueKey: 'a\0b' })],
    ['a version that is no integer', (row) => ({ ...row, record: { ...row.record, version: 1.5 } })],
    ['a seq that is no integer', (row) => ({ ...row, record: { ...row.record, seq: 100.5 } })],
  ] satisfies [string, (row: RecordWrite) => RecordWrite][])('%s is refused', async (_, change) => {
    const place = newPlace();
    await expectNoTrace('refused', place, badRow(place, change));
  });

  test('a head that is no integer is refused', async () => {
    const place = newPlace();
    await expectNoTrace('refused', place, { heads: [{ scope: place.scope, head: 1.5, closed: false }] });
  });

  test('a NUL is refused in receipts, conflicts, waiting changes, members and bookmarks too', async () => {
    const nul = 'a\0b';
    const place = newPlace();
    const scope = place.scope;
    const member = { scope, userId: nul, role: 'OWNER', grantedAt: T0, revokedAt: null } as const;
    const receipt = { actor: place.id, changeId: 'c', fingerprint: 'f', scope, body: { deep: [nul] } };
    const waiting = { ...waitingChange(place.id, { type: BOOK, id: 'x' }), payload: { [nul]: 1 } };
    await expectNoTrace('refused', place, { memberships: [member] });
    await expectNoTrace('refused', place, { receipts: [receipt] });
    const conflict = conflictOf(bookOf(place, 9), { client: { title: nul } });
    await expectNoTrace('refused', place, { waiting: [waiting] });
    await expectNoTrace('refused', place, { conflicts: [conflict] });
    await expectNoTrace('refused', place, { bookmarks: [{ userId: place.id, key: nul, state: 1 }] });
  });

  test('a position of the log is given once', async () => {
    const place = newPlace();
    const book = bookOf(place, 1);
    await put(world().store, book);
    await expectNoTrace('refused', place, { log: [lineOf({ ...book, version: 2, seq: 1 })] });
    const twice = lineOf({ ...book, version: 2, seq: 50 });
    await expectNoTrace('refused', place, { log: [twice, twice] });
  });

  test('a unique key has one live holder in its scope and type', async () => {
    const place = newPlace();
    await put(world().store, tagOf(place, 1, 'red'));
    await expectNoTrace('refused', place, { records: [rowOf(tagOf(place, 9, 'RED'))] });
    const twins = [tagOf(place, 10, 'blue'), tagOf(place, 11, 'Blue')];
    await expectNoTrace('refused', place, { records: twins.map(rowOf) });
  });

  test('the same unique key in another scope, of another type, or of the dead is no matter', async () => {
    const { store } = world();
    const [place, elsewhere] = [newPlace(), newPlace()];
    await put(store, tagOf(place, 1, 'red'), deleted(tagOf(place, 2, 'red'), 3), tagOf(elsewhere, 1, 'red'));
    const book = bookOf(place, 4);
    await commit(store, [place.scope], {
      ...writesFor([book]),
      records: [{ ...rowOf(book), uniqueKey: 'red' }],
    });
  });

  test('a unique key that is set free by a write can be taken by the same write', async () => {
    const { store } = world();
    const place = newPlace();
    const [red, blue] = [tagOf(place, 1, 'red'), tagOf(place, 2, 'blue')];
    await put(store, red, blue);
    const next = (tag: typeof red, seq: number, name: string) => ({
      ...tag,
      seq,
      version: tag.version + 1,
      fields: { ...tag.fields, name },
    });
    const [nowBlue, nowRed] = [next(red, 3, 'blue'), next(blue, 4, 'red')];
    await put(store, nowBlue, nowRed);
    const [gone, heir] = [deleted(nowRed, 6), tagOf(place, 5, 'red')];
    await put(store, heir, gone);
    expectSame(await recordsIn(store, place.scope, [red, blue, heir]), [nowBlue, gone, heir]);
  });

  test('a receipt that is there already: again, so that the next try finds it', async () => {
    const { store } = world();
    const [place, elsewhere] = [newPlace(), newPlace()];
    const receipt = { actor: place.id, changeId: 'c1', fingerprint: 'f', scope: elsewhere.scope, body: 1 };
    await commit(store, [elsewhere.scope], { receipts: [receipt] });
    await expectNoTrace('again', place, { receipts: [{ ...receipt, scope: place.scope, body: 2 }] });
    const { receipts } = await within(store, [place.scope], (transaction) =>
      transaction.read({ keys: [], receipts: [receipt], scopes: [place.scope], actors: [] }),
    );
    expect(receipts).toEqual([receipt]);
  });

  test('a record that is filed in a scope which is not locked: again', async () => {
    const { store } = world();
    const [place, elsewhere] = [newPlace(), newPlace()];
    const foreign = bookOf(elsewhere, 1);
    await put(store, foreign);
    const stolen = { ...foreign, scope: place.scope, seq: 50 };
    const bad = { records: [rowOf(stolen)], locations: writesFor([stolen]).locations ?? [] };
    await expectNoTrace('again', place, bad);
    expect(
      (await store.place([{ userId: 'ann', keys: [keyOf(foreign)], scopes: [] }]))[0]!.locations,
    ).toMatchObject([{ scope: elsewhere.scope }]);
  });

  /** Two servers that both looked, found nothing, and now write at once. */
  async function race(parts: (place: Place) => Partial<WriteSet>) {
    const { store, second } = world();
    const places = [newPlace(), newPlace()] as const;
    const ready = [gate<void>(), gate<void>()] as const;
    const run = (handle: Store, own: 0 | 1) =>
      handle.transaction(async (transaction) => {
        await transaction.lockScopes([places[own].scope], { wait: true });
        ready[own].open();
        await Promise.all(ready.map(({ opened }) => opened));
        await transaction.write(writeSet(parts(places[own])));
      });
    const ends = await Promise.all([run(store, 0), run(second, 1)]);
    expect(ends.map(({ outcome }) => outcome).sort()).toEqual(['again', 'committed']);
    const [winner, loser] = ends[0].outcome === 'committed' ? places : [places[1], places[0]];
    expect(await headOf(store, loser.scope)).toBe(0);
    return winner;
  }

  test('of two that create the same id in two scopes at once, one commits and one tries again', async () => {
    const { id } = newPlace();
    const winner = await race((place) => writesFor([bookOf(place, 1, { id })]));
    const locations = await look(world().store, (snapshot) => snapshot.locations([{ type: BOOK, id }]));
    expect(locations).toMatchObject([{ scope: winner.scope }]);
  });

  test('of two that answer the same change at once, one commits and one tries again', async () => {
    const { id: actor } = newPlace();
    await race((place) => ({
      ...writesFor([libraryOf(place, 1)]),
      receipts: [{ actor, changeId: 'c1', fingerprint: 'f', scope: place.scope, body: {} }],
    }));
  });

  test('a failed write ends the transaction, also when the work goes on as if nothing was', async () => {
    const { store } = world();
    const place = newPlace();
    const bad = withFields('a\0b')(rowOf(bookOf(place, 1)));
    const end = await store.transaction(async (transaction) => {
      await transaction.lockScopes([place.scope], { wait: true });
      await transaction.write(writeSet({ records: [bad] })).catch(() => undefined);
      return 'done';
    });
    expect(end.outcome).toBe('refused');
    expect(idsOf(await recordsIn(store, place.scope, [bad.record]))).toEqual([]);
  });
}
