/** What a device is told of its rejected changes: kept for records that its user can see, the newest, and so many. */
import { type ErrorCode, LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import type { RecordKey, SyncFailure } from '../../src/engine/ports.ts';
import {
  BOOK,
  bookOf,
  commit,
  deleted,
  expectSame,
  idsOf,
  keyOf,
  libraryOf,
  locationOf,
  newPlace,
  put,
  recordOf,
  T0,
  tagOf,
  type World,
  writesFor,
} from './shelf.ts';

const refusal = (key: RecordKey, message = 'No.', code: ErrorCode = 'INVALID') => ({
  ...keyOf(key),
  code,
  message,
  field: null,
});

export function registerFailureTests(world: () => World): void {
  /** A library with members. */
  async function shared(...members: readonly string[]) {
    const place = newPlace();
    const since = { scope: place.scope, role: 'VIEWER', grantedAt: T0, revokedAt: null } as const;
    const memberships = members.map((userId) => ({ ...since, userId }));
    await commit(world().store, [place.scope], { ...writesFor([libraryOf(place, 1)]), memberships });
    return place;
  }

  const save = (userId: string, device: string, ...refused: ReturnType<typeof refusal>[]) =>
    world().store.saveFailures({ userId, device, refused });
  const kept = (userId: string, device: string): Promise<readonly SyncFailure[]> =>
    world().second.failures(userId, device);

  test('it is kept with the version that the record has, for this user and this device', async () => {
    const [ann, bob] = [newPlace().id, newPlace().id];
    const place = await shared(ann, bob);
    const book = bookOf(place, 2, { version: 7 });
    await put(world().store, book);
    const before = Date.now() - 60_000;
    const refused = { ...refusal(book, 'title is too long.'), field: 'title' };
    await world().store.saveFailures({ userId: ann, device: 'phone', refused: [refused] });
    const [failure, ...more] = await kept(ann, 'phone');
    expect(failure).toEqual({ ...refused, version: 7, at: expect.any(Number) });
    expect(more).toEqual([]);
    expect(Number.isInteger(failure?.at) && (failure?.at ?? 0) > before).toBe(true);
    expect(await kept(ann, 'tablet')).toEqual([]);
    expect(await kept(bob, 'phone')).toEqual([]);
  });

  test('a record in the own scope needs no membership', async () => {
    const ann = newPlace().id;
    const own = recordOf('shelf.Tag', `user:${ann}`, 1, { name: 'Mine' });
    await put(world().store, own);
    await save(ann, 'phone', refusal(own));
    await save(newPlace().id, 'phone', refusal(own));
    expect(idsOf(await kept(ann, 'phone'))).toEqual([own.id]);
  });

  test('nothing is kept of what is unknown, foreign, of another type, deleted, or seen no more', async () => {
    const ann = newPlace().id;
    const [open, closed, left] = [await shared(ann), newPlace(), newPlace()];
    await put(world().store, bookOf(closed, 1));
    const [foreign, former] = [bookOf(closed, 2), bookOf(left, 2)];
    const [live, gone] = [bookOf(open, 2), deleted(bookOf(open, 3), 4)];
    await put(world().store, foreign, live, gone);
    await put(world().store, former);
    await commit(world().store, [left.scope], {
      memberships: [{ scope: left.scope, userId: ann, role: 'OWNER', grantedAt: T0, revokedAt: T0 + 1 }],
    });
    const unknown = { type: BOOK, id: newPlace().id };
    const other = { type: 'shelf.Tag', id: live.id };
    await save(ann, 'phone', ...[foreign, former, gone, unknown, other].map((key) => refusal(key)));
    expect(await kept(ann, 'phone')).toEqual([]);
    // One of them spoils nothing for the others.
    await save(ann, 'phone', refusal(unknown), refusal(live), refusal(foreign));
    expect(idsOf(await kept(ann, 'phone'))).toEqual([live.id]);
  });

  test('an alias leads to the record that it stands for', async () => {
    const ann = newPlace().id;
    const place = await shared(ann);
    const tag = tagOf(place, 2, 'Red');
    const alias = tagOf(place, 3, 'Red', { tombstone: { kind: 'alias', of: tag.id }, deletedAt: T0 });
    await commit(world().store, [place.scope], {
      ...writesFor([tag, alias]),
      locations: [locationOf(tag), { ...locationOf(alias), aliasOf: tag.id }],
    });
    await save(ann, 'phone', refusal(alias, 'By its alias.'));
    expect(await kept(ann, 'phone')).toMatchObject([{ id: tag.id, message: 'By its alias.' }]);
    await save(ann, 'phone', refusal(alias, 'First.'), refusal(tag, 'Then.'));
    expect(await kept(ann, 'phone')).toMatchObject([{ id: tag.id, message: 'Then.' }]);
  });

  test('the newest takes the place of the older one about the same record and device', async () => {
    const ann = newPlace().id;
    const place = await shared(ann);
    const book = bookOf(place, 2);
    await put(world().store, book);
    await save(ann, 'phone', refusal(book, 'First.'));
    await save(ann, 'tablet', refusal(book, 'Of the tablet.'));
    await put(world().store, { ...book, seq: 3, version: 2 });
    await save(ann, 'phone', refusal(book, 'Second.', 'UNIQUE'), refusal(book, 'Third.', 'FORBIDDEN'));
    expect(await kept(ann, 'phone')).toMatchObject([{ message: 'Third.', code: 'FORBIDDEN', version: 2 }]);
    expect(await kept(ann, 'tablet')).toMatchObject([{ message: 'Of the tablet.', version: 1 }]);
  });

  test('a user has so many, over all devices; the oldest go', async () => {
    const [ann, bob] = [newPlace().id, newPlace().id];
    const place = await shared(ann, bob);
    const books = Array.from({ length: LIMITS.failuresPerUserMax }, (_, index) => bookOf(place, index + 2));
    await put(world().store, ...books);
    const [first, second, ...rest] = books;
    if (!first || !second) throw new Error('The limit is too small for this test.');
    await save(bob, 'phone', refusal(first));
    // Moments are whole milliseconds in one of the stores.
    const next = async (...saved: Parameters<typeof save>) => {
      const { at } = (await kept(ann, 'phone'))[0] ?? { at: 0 };
      await expect.poll(() => Date.now() > at + 1, { interval: 1 }).toBe(true);
      await save(...saved);
    };
    await save(ann, 'phone', refusal(first), refusal(second));
    await next(ann, 'tablet', ...rest.map((book) => refusal(book)));
    expect((await kept(ann, 'phone')).length).toBe(2);
    await next(ann, 'phone', refusal(first, 'Again.'));
    await next(ann, 'watch', refusal(second));
    expectSame(idsOf(await kept(ann, 'phone')), [first.id]);
    expect((await kept(ann, 'tablet')).length).toBe(rest.length);
    expect(idsOf(await kept(bob, 'phone'))).toEqual([first.id]);
  });

  test('a submission without any writes nothing', async () => {
    const ann = newPlace().id;
    await save(ann, 'phone');
    expect(await kept(ann, 'phone')).toEqual([]);
  });
}
