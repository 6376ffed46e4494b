/** Every member of a write set comes back as it went in, and a second write replaces the first. */
import { expect, test } from 'vitest';
import type { Membership, StoredReceipt } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookmarkAt,
  bookOf,
  commit,
  conflictOf,
  deleted,
  expectSame,
  headOf,
  keyOf,
  libraryOf,
  locationOf,
  look,
  newPlace,
  pageOf,
  put,
  recordOf,
  recordsIn,
  rowOf,
  T0,
  tagOf,
  type World,
  waitingChange,
  within,
  writeSet,
  writesFor,
} from './shelf.ts';

export function registerWriteTests(world: () => World): void {
  test('a record comes back with every bit of it', async () => {
    const place = newPlace();
    const fields = {
      libraryId: place.id,
      title: 'Ünï "quoted" \\ back\tslash \u2028 🗺️ \u0001 \u007f $1 %s \'',
      empty: '',
      nothing: null,
      flags: [true, false],
      numbers: [0, -1, 0.1, 1e-7, 1e21, 9007199254740991, 123456789.125],
      nested: { list: [{ deep: [[]] }, {}], 'odd key"': 1 },
      money: '0.10',
      looksLikeDate: '2024-02-30T25:00:00Z',
      long: 'ä'.repeat(100_000),
    };
    const stamp = { version: 7, time: T0 - 5, device: null, change: 'c"7' };
    const record = recordOf(BOOK, place.scope, 4_000_000_000, fields, {
      version: 2_000_000_000,
      createdAt: 0,
      updatedAt: T0 + 123,
      createdBy: 'Ärzte',
      priority: 3,
      clock: { '*': stamp, title: { ...stamp, device: 'tablet', version: 8 } },
      formerScopes: ['library:b', 'library:a'],
    });
    await put(world().store, record);
    expect(await recordsIn(world().second, place.scope, [record])).toEqual([record]);
    expect(await headOf(world().second, place.scope)).toBe(4_000_000_000);
  });

  test('tombstones of every kind come back', async () => {
    const place = newPlace();
    const [a, b, c] = [bookOf(place, 1), bookOf(place, 2), bookOf(place, 3)];
    const gone = [
      deleted(a, 1),
      { ...b, tombstone: { kind: 'moved' }, deletedAt: T0 },
      { ...c, tombstone: { kind: 'alias', of: a.id }, deletedAt: T0 + 1 },
    ] as const;
    await put(world().store, ...gone);
    expectSame(await recordsIn(world().second, place.scope, gone), gone);
  });

  test('a later state replaces the whole row, its owner and its unique key too', async () => {
    const { store } = world();
    const place = newPlace();
    const [first, second] = [bookOf(place, 1), bookOf(place, 2)];
    const [leaf, tag] = [pageOf(first, 3), tagOf(place, 4, 'red')];
    await put(store, first, second, leaf, tag);
    const moved = {
      ...leaf,
      seq: 5,
      version: 2,
      fields: { bookId: second.id, text: 'x' },
      priority: 0,
    } as const;
    const renamed = { ...tag, seq: 6, version: 2, fields: { ...tag.fields, name: 'blue' } };
    await put(store, moved, renamed);
    expectSame(await recordsIn(store, place.scope, [leaf, tag]), [moved, renamed]);
    const owners = await look(store, async (snapshot) => [
      await snapshot.children([place.scope], leaf.type, [first.id]),
      await snapshot.children([place.scope], leaf.type, [second.id]),
    ]);
    expect(owners).toEqual([[], [moved]]);
    await put(store, tagOf(place, 7, 'red'));
  });

  test('a revived record is live again in every way', async () => {
    const { store } = world();
    const place = newPlace();
    const tag = tagOf(place, 1, 'red');
    const gone = deleted(tag, 2);
    await put(store, tag);
    await put(store, gone);
    const back = { ...tag, seq: 3, version: 3 };
    await put(store, back);
    expect(await recordsIn(store, place.scope, [tag])).toEqual([back]);
    const { records } = await within(store, [place.scope], (transaction) =>
      transaction.readDetails({
        history: [],
        descendantsOf: [],
        deletions: [
          { scope: place.scope, deletion: gone.tombstone?.kind === 'deleted' ? gone.tombstone.deletion : '' },
        ],
        uniques: [{ scope: place.scope, type: tag.type, key: 'red' }],
        openConflicts: [],
        conflicts: [],
        versionsAt: [],
      }),
    );
    expect(records).toEqual([back]);
  });

  test('heads move, a scope closes at the time of the write, stays so, and opens again', async () => {
    const { store, second } = world();
    const { scope } = newPlace();
    const after = async (now: number, head: number, closed: boolean) => {
      await commit(store, [scope], { now, heads: [{ scope, head, closed }] });
      const [state] = await look(second, (snapshot) => snapshot.scopes([scope]));
      return [state?.head, state?.closedAt];
    };
    expect(await after(T0, 5, false)).toEqual([5, null]);
    expect(await after(T0 + 10, 6, true)).toEqual([6, T0 + 10]);
    expect(await after(T0 + 20, 7, true)).toEqual([7, T0 + 10]);
    const { locked } = await within(store, [scope], async (_, found) => found);
    expect(locked).toMatchObject([{ head: 7, closedAt: T0 + 10 }]);
    expect(await after(T0 + 30, 8, false)).toEqual([8, null]);
  });

  test('a record that moves is filed in its new scope', async () => {
    const { store } = world();
    const [from, to] = [newPlace(), newPlace()];
    const book = bookOf(from, 1);
    await put(store, book);
    const after = { ...book, scope: to.scope, version: 2 };
    const tombstone = { ...book, seq: 2, version: 2, tombstone: { kind: 'moved' }, deletedAt: T0 } as const;
    await put(store, after, tombstone);
    const [locations, records] = await look(store, async (snapshot) => [
      await snapshot.locations([keyOf(book)]),
      await snapshot.records([from.scope, to.scope], [keyOf(book)]),
    ]);
    expect(locations).toEqual([locationOf(after)]);
    expectSame(records, [after, tombstone]);
  });

  test('memberships are granted, changed, revoked and granted again', async () => {
    const { store, second } = world();
    const { id: userId, scope } = newPlace();
    const member = { scope, userId, role: 'VIEWER', grantedAt: T0, revokedAt: null } as const;
    const states: readonly Membership[] = [
      member,
      { ...member, role: 'OWNER' },
      { ...member, role: 'OWNER', revokedAt: T0 + 10 },
      { ...member, role: 'EDITOR', grantedAt: T0 + 20 },
    ];
    for (const state of states) {
      await commit(store, [scope], { memberships: [state] });
      const seen = await look(second, async (snapshot) => [
        await snapshot.memberships(userId),
        await snapshot.members([scope]),
        (await second.place([{ userId, keys: [], scopes: [scope] }]))[0]!.memberships,
      ]);
      expect(seen).toEqual([[state], [state], [state]]);
    }
  });

  test('a digest is replaced, not added to', async () => {
    const { store, second } = world();
    const { scope } = newPlace();
    for (const digest of [
      { count: 2, high: 2n ** 64n - 1n, low: 7n },
      { count: 1, high: 0n, low: 2n ** 63n },
    ]) {
      await commit(store, [scope], { digests: [{ scope, type: BOOK, digest }] });
      expect(await look(second, (snapshot) => snapshot.digests([scope]))).toEqual([
        { scope, type: BOOK, digest },
      ]);
    }
  });

  test('a conflict is replaced by its next state', async () => {
    const { store, second } = world();
    const place = newPlace();
    const open = conflictOf(bookOf(place, 1), { payload: [{ fields: { title: 'kept' } }, null] });
    const resolution = {
      conflictId: open.id,
      type: BOOK,
      strategy: 'LAST_WRITE_WINS',
      resolvedData: { title: 'both' },
      resolvedAt: T0 + 50,
      resolvedBy: 'bob',
      newEntityId: null,
      version: 4,
    } as const;
    const done = {
      ...open,
      status: 'resolved',
      winner: 'mixed',
      resolvedAt: T0 + 50,
      resolvedBy: 'bob',
      resolution,
      decidedVersion: 4,
    } as const;
    for (const state of [open, done]) {
      await commit(store, [place.scope], { conflicts: [state] });
      const query = {
        scopes: [place.scope],
        id: open.id,
        actor: null,
        types: null,
        openOnly: false,
        limit: 10,
      };
      expect(await look(second, (snapshot) => snapshot.conflicts(query))).toEqual([state]);
    }
  });

  test('waiting changes come back whole and go when they are done', async () => {
    const { store, second } = world();
    const { id: actor, scope } = newPlace();
    const changes = [1, 2, 3].map(() => waitingChange(actor, { type: BOOK, id: actor }));
    await commit(store, [scope], { waiting: changes });
    const targets = changes.map(({ target }) => target);
    expectSame((await second.place([{ userId: actor, keys: targets, scopes: [] }]))[0]!.waiting, changes);
    await commit(store, [scope], { waitingDone: changes.slice(1).map(({ id }) => id) });
    expectSame(
      (await second.place([{ userId: actor, keys: targets, scopes: [] }]))[0]!.waiting,
      changes.slice(0, 1),
    );
    expect(await second.waitingOf(actor)).toEqual(changes.slice(0, 1));
  });

  test('bookmarks that a write carries are there when it is', async () => {
    const { store, second } = world();
    const { id: userId, scope } = newPlace();
    for (const state of [{ at: 1 }, { at: 2 }]) {
      const bookmarks = ['a', 'b'].map((key) => ({ userId, key, state }));
      await commit(store, [scope], { bookmarks });
      expect([await bookmarkAt(second, userId, 'a'), await bookmarkAt(second, userId, 'b')]).toEqual(
        bookmarks,
      );
    }
  });

  test('a batch of a thousand records over many scopes, in one write', async () => {
    const { store, second } = world();
    const places = Array.from({ length: 10 }, newPlace);
    const records = places.flatMap((place) => [
      libraryOf(place, 1),
      ...Array.from({ length: 99 }, (_, index) => bookOf(place, index + 2)),
    ]);
    await put(store, ...records);
    const scopes = places.map(({ scope }) => scope);
    const found = await look(second, (snapshot) => snapshot.records(scopes, records.map(keyOf)));
    expectSame(found, records);
  });

  test('the value of the work comes out, with or without a write', async () => {
    const { scope } = newPlace();
    const value = { some: 'value' };
    const silent = await world().store.transaction(async () => value);
    expect(silent).toEqual({ outcome: 'committed', value });
    const empty = await world().store.transaction(async (transaction) => {
      await transaction.lockScopes([scope], { wait: true });
      await transaction.write(writeSet({}));
      return value;
    });
    expect(empty).toEqual({ outcome: 'committed', value });
  });

  test('what was written does not follow when the caller goes on changing it', async () => {
    const place = newPlace();
    const record = libraryOf(place, 1);
    const body = { list: [1] };
    const receipt = { actor: place.id, changeId: 'c', fingerprint: 'f', scope: place.scope, body };
    const writes = writesFor([record]);
    await commit(world().store, [place.scope], { ...writes, records: [rowOf(record)], receipts: [receipt] });
    body.list.push(2);
    const { receipts } = await within(world().store, [place.scope], (transaction) =>
      transaction.read({ keys: [], receipts: [receipt], scopes: [], actors: [] }),
    );
    expect(receipts).toMatchObject([{ body: { list: [1] } }]);
  });

  test('the final receipt takes the place of the one that is there, and of no other', async () => {
    const { store } = world();
    const place = newPlace();
    const [waits, other] = ['c1', 'c2'].map((changeId) => ({
      actor: place.id,
      changeId,
      fingerprint: 'f',
      scope: place.scope,
      body: { status: 'conflict' },
    })) as [StoredReceipt, StoredReceipt];
    await commit(store, [place.scope], { receipts: [waits, other] });
    const { fingerprint: _, ...known } = waits;
    const final = { ...known, scope: 'library:other', body: { version: 1, list: [null, 'ä'] } };
    await commit(store, [place.scope], { finalReceipts: [final, { ...final, changeId: 'trimmed' }] });
    const { receipts } = await within(world().second, [place.scope], (transaction) =>
      transaction.read({
        keys: [],
        receipts: ['c1', 'c2', 'trimmed'].map((changeId) => ({ actor: place.id, changeId })),
        scopes: [],
        actors: [],
      }),
    );
    expectSame(receipts, [{ ...waits, ...final }, other]);
  });
}
