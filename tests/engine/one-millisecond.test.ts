/** What happens within one millisecond, by the database's clock: on the memory store, whose clock a test can stop. */
import { createMemoryStore } from '@ackord/server';
import { afterAll, expect, test } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { pushAt, readSince } from './moments.ts';
import { at, newId, tripScope, World } from './world.ts';

const STOPPED = Date.now();
const world = new World(createMemoryStore({ registry, now: () => STOPPED }));
afterAll(() => world.stop());

test('what was made in the millisecond in which access ended is named to be dropped', async () => {
  const [ann, bea] = [world.person(), world.person()];
  const trip = await ann.newTrip();
  await ann.share(trip, bea, 'EDITOR');
  const memory = newId();
  await bea.phone.ack(change.memory(memory, trip, {}, at(1)));
  const { cursor } = await bea.phone.pull();
  await ann.share(trip, bea, null);
  const lost = await bea.phone.pull(cursor);
  expect(lost.droppedScopes).toEqual([tripScope(trip)]);
  expect(lost.dropped.map(({ id }) => id).sort()).toEqual([trip, memory].sort());
});

const idsOf = ({ records }: { readonly records: readonly { readonly id: string }[] }): readonly string[] =>
  records.map(({ id }) => id);

test('two devices that are given a page in the same millisecond go on from their own', async () => {
  const ann = world.person();
  const [first, second] = [await ann.newTrip(), await ann.newTrip()];
  const ofPhone = await readSince(ann.phone, 0, 1);
  const ofTablet = await readSince(ann.tablet, 0);
  expect(ofTablet.serverTime).toBe(ofPhone.serverTime);
  expect(idsOf(ofPhone)).toHaveLength(1);
  const rest = idsOf(await readSince(ann.phone, ofPhone.serverTime));
  expect([...idsOf(ofPhone), ...rest].sort()).toEqual([first, second].sort());
});

test('what a device was given in one millisecond never shares a moment', async () => {
  const ann = world.person();
  await ann.newTrip();
  const page = await readSince(ann.phone, 0);
  const pushed = await pushAt(ann.phone, change.tag(newId(), 'Sea', {}, at(0)));
  const next = await readSince(ann.phone, pushed);
  const idle = await pushAt(ann.phone);
  const moments = [page.serverTime, pushed, next.serverTime, idle];
  expect(moments).toEqual([...new Set(moments)].sort((a, b) => a - b));
});

test('two devices that push in the same millisecond stand where each of them has read to', async () => {
  const ann = world.person();
  await readSince(ann.phone, 0);
  const trip = await ann.newTrip();
  await readSince(ann.tablet, 0);
  const [since] = await Promise.all([
    pushAt(ann.phone, change.tag(newId(), 'Sea', {}, at(0))),
    pushAt(ann.tablet, change.tag(newId(), 'Food', {}, at(0))),
  ]);
  expect(idsOf(await readSince(ann.phone, since))).toContain(trip);
});

test('a moment that could not be kept begins anew, and says so', async () => {
  const store = createMemoryStore({ registry });
  let isDown = false;
  const reached = async <T>(answer: () => Promise<T>): Promise<T> => {
    if (isDown) throw Object.assign(new Error('the database is away'), { outcome: 'unavailable' });
    return answer();
  };
  const other = new World({
    ...store,
    saveBookmarks: (bookmarks) => reached(() => store.saveBookmarks(bookmarks)),
    bookmarks: (keys) => reached(() => store.bookmarks(keys)),
  });
  const ann = other.person();
  const trip = await ann.newTrip();
  await readSince(ann.phone, 0);
  isDown = true;
  const since = await pushAt(ann.phone);
  isDown = false;
  const page = await readSince(ann.phone, since);
  expect([page.fullResync, idsOf(page)]).toEqual([true, [trip]]);
  await other.stop();
});
