/**
 * Gaps G: the cache of the plan. This version keeps no rows and no answers, so none of them can be stale; what is
 * shown here is what a cache would have to keep.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Ground,
  journal,
  type Loose,
  memory,
  NEVER,
  type Person,
  pushed,
  seen,
  share,
  startTravel,
  trip,
  unshare,
  update,
} from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

test('G1 each argument has its say in the answer, also when the same was asked a moment ago', async () => {
  const person = await ground.person();
  const { input } = journal();
  await pushed(person, { ...input, trips: [...input.trips, trip({ syncPriority: 'HIGH' })] });
  const first = await person.pull();
  const asked: [Record<string, unknown>, number][] = [
    [{}, 8],
    [{ entityTypes: ['Tag'] }, 1],
    [{ syncPriority: 'HIGH' }, 1],
    [{ cursor: first.nextCursor }, 0],
    [{ since: first.serverTimestamp }, 0],
    [{ batchSize: 3 }, 8],
  ];
  for (const [args, totalCount] of [...asked, ...asked.toReversed()])
    expect([args, (await person.pull(args)).totalCount]).toEqual([args, totalCount]);
});

test('G2 what one member writes is in the very next answer of all others, at every server', async () => {
  const other = await startTravel({}, ground.server);
  const [owner, guest] = [await ground.person(), await ground.person()];
  const parent = trip();
  const note = memory(parent.id);
  await pushed(owner, { trips: [parent], memories: [note] });
  await share(owner, parent.id, guest, 'WRITE');
  const places: Person[] = [owner, guest, other.guest(owner), other.guest(guest)];
  for (let version = 1; version <= 12; version++) {
    const writer = places[version % places.length] as Person;
    await pushed(writer, { memories: [update(note.id, version, { title: `Version ${version + 1}` })] });
    const answers = await Promise.all(places.map((place) => seen(place, 'memories', note)));
    for (const answer of answers)
      expect(answer).toMatchObject({ title: `Version ${version + 1}`, syncVersion: version + 1 });
  }
  await other.close();
});

test('G5 moments are moments, however often a page is asked for', async () => {
  const person = await ground.person();
  await pushed(person, journal().input);
  const document = `{ enhancedSync(lastSyncedAt: "${NEVER}") { trips { startDate createdAt } memories { date updatedAt } serverTimestamp } }`;
  for (let time = 0; time < 3; time++) {
    const { enhancedSync } = await person.data(document);
    const moments = [enhancedSync.trips[0], enhancedSync.memories[0]].flatMap((one: Loose) =>
      Object.values(one),
    );
    for (const moment of [...moments, enhancedSync.serverTimestamp])
      expect(moment).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test('G6 a Redis that is not there is no reason not to serve', async () => {
  const without = await startTravel({ REDIS_URL: 'redis://127.0.0.1:9' });
  const person = await without.person();
  const parent = trip();
  await pushed(person, { trips: [parent] });
  expect((await person.pull()).trips).toMatchObject([{ id: parent.id }]);
  await without.close();
});

test('G7 access that was taken away is gone at the very next call, of whatever kind', async () => {
  const [owner, guest] = [await ground.person(), await ground.person()];
  const { input, parent, note } = journal();
  await pushed(owner, input);
  await share(owner, parent.id, guest, 'WRITE');
  const reading = `{ enhancedSync(lastSyncedAt: "${NEVER}") { trips { id memories { title } } memories { id } } }`;
  expect((await guest.data(reading)).enhancedSync.trips).toHaveLength(1);
  await unshare(owner, parent.id, guest);
  expect((await guest.data(reading)).enhancedSync).toEqual({ trips: [], memories: [] });
  const { failed } = await guest.push({ memories: [update(note.id, 1, { title: 'Too late' })] });
  expect(failed).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect((await guest.ask(`{ getTripMembers(tripId: "${parent.id}") { userId } }`)).data).toBeNull();
  expect((await seen(owner, 'memories', note)).title).toBe('Lighthouse');
});
