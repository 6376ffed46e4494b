/** Whoever loses something is told: by a deletion not whoever wrote what the deleter knew, by an update each of several. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conflictsOf, type Ground, type Loose, media, pushed, share, startTravel } from '../gaps/ground.ts';
import { type Phone, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

async function shared(): Promise<{ owner: Phone; friend: Phone; made: Loose }> {
  const [owner, friend] = [await signUp(ground), await signUp(ground)];
  const made = await uploadOneOfEach(owner);
  await share(owner.bulk(), made.trips.id, friend, 'WRITE');
  return { owner, friend, made };
}

test.each(['DeleteMemory', 'DeleteTrip'])(
  '%s takes along what a friend has just added: the friend is told',
  async (document) => {
    const { owner, friend, made } = await shared();
    await owner.sync();
    const picture = media(made.memories.id);
    await pushed(friend.bulk(), { mediaItems: [picture] });
    const id = document === 'DeleteTrip' ? made.trips.id : made.memories.id;
    expect(await owner.say(document, { id })).toBe(true);
    const kept = await conflictsOf(friend.bulk());
    expect(kept).toMatchObject([
      { conflictType: 'DELETION_CONFLICT', entityId: id, conflictedFields: [`MediaItem:${picture.id}`] },
    ]);
    expect(await conflictsOf(owner.bulk())).toEqual([]);
  },
);

test('who deletes a record on an old version, with a later word of its own in it, tells the one between', async () => {
  const { owner, friend, made } = await shared();
  const bulk = friend.bulk();
  const { syncVersion } = (await bulk.pull()).memories[0];
  await owner.say('UpdateMemory', { id: made.memories.id, input: { address: 'Between' } });
  const row = (operation: string, fields: object) => ({
    operation,
    id: made.memories.id,
    syncVersion,
    clientTimestamp: new Date().toISOString(),
    ...fields,
  });
  await bulk.push({ memories: [row('UPDATE', { title: 'Of the friend' })] });
  await bulk.push({ memories: [row('DELETE', {})] });
  expect(await conflictsOf(owner.bulk())).toMatchObject([
    { conflictType: 'DELETION_CONFLICT', entityId: made.memories.id },
  ]);
});

test('an update that replaces the words of two friends tells each of its own', async () => {
  const { owner, friend, made } = await shared();
  const other = await signUp(ground);
  await share(owner.bulk(), made.trips.id, other, 'WRITE');
  const say = (phone: Phone, input: object) => phone.say('UpdateTrip', { id: made.trips.id, input });
  await friend.sync();
  await other.sync();
  await owner.sync();
  await say(friend, { name: 'Of the friend' });
  await say(other, { tripDescription: 'Of the other' });
  await say(owner, { name: 'Mine', tripDescription: 'Mine too' });
  const lostBy = async (phone: Phone) =>
    (await conflictsOf(phone.bulk())).map(({ conflictedFields, localData }) =>
      conflictedFields.map((field: string) => [field, JSON.parse(localData)[field]]),
    );
  expect(await lostBy(friend)).toEqual([[['name', 'Of the friend']]]);
  // The last of them gets the conflict that the change itself is answered with.
  expect((await lostBy(other)).flat()).toContainEqual(['tripDescription', 'Of the other']);
  expect(await lostBy(owner)).toEqual([]);
});

test('a deletion that takes the words of one friend and the picture of another tells both', async () => {
  const { owner, friend, made } = await shared();
  const other = await signUp(ground);
  await share(owner.bulk(), made.trips.id, other, 'WRITE');
  await owner.sync();
  await friend.sync();
  await friend.say('UpdateMemory', { id: made.memories.id, input: { content: 'Of the friend' } });
  await pushed(other.bulk(), { mediaItems: [media(made.memories.id)] });
  expect(await owner.say('DeleteMemory', { id: made.memories.id })).toBe(true);
  for (const loser of [friend, other])
    expect(await conflictsOf(loser.bulk())).toMatchObject([
      { conflictType: 'DELETION_CONFLICT', entityId: made.memories.id },
    ]);
  expect(await conflictsOf(owner.bulk())).toEqual([]);
});

test('a deletion that takes what another device of the deleter wrote tells the deleter', async () => {
  const { owner, made } = await shared();
  await owner.sync();
  const tablet = owner.bulk().on('tablet');
  const [memory] = (await tablet.pull()).memories;
  const { id, syncVersion } = memory;
  const clientTimestamp = new Date().toISOString();
  const row = { operation: 'UPDATE', id, syncVersion, clientTimestamp, content: 'Of the tablet' };
  await tablet.push({ memories: [row] });
  expect(await owner.say('DeleteMemory', { id: made.memories.id })).toBe(true);
  expect(await conflictsOf(owner.bulk())).toMatchObject([
    { conflictType: 'DELETION_CONFLICT', entityId: made.memories.id },
  ]);
});
