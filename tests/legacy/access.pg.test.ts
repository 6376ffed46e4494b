/** Every operation of the older API × every kind of caller: what it answers, and that what is not theirs reads as unknown. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, Loose } from '../gaps/ground.ts';
import { type Ground, type Person, share, startTravel } from '../gaps/ground.ts';
import { ACCESS, type AccessRow, type Outcome, type Scene, unknownScene } from './access-table.ts';
import { type Phone, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
let people: Record<'owner' | 'editor' | 'viewer' | 'stranger' | 'friend', Phone>;
let base: string;
let common: Scene;
beforeAll(async () => {
  ground = await startTravel();
  base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
  const [owner, editor, viewer, stranger, friend] = await Promise.all(
    Array.from({ length: 5 }, () => signUp(ground)),
  );
  people = { owner: owner!, editor: editor!, viewer: viewer!, stranger: stranger!, friend: friend! };
  common = await makeScene();
});
afterAll(() => ground.close());

/** A trip of the owner with one of each, and a file; shared with the viewer and the editor. */
async function makeScene(): Promise<Scene> {
  const { owner, viewer, editor, friend } = people;
  const made = await uploadOneOfEach(owner);
  const bulk = owner.bulk();
  await share(bulk, made.trips.id, viewer, 'READ');
  await share(bulk, made.trips.id, editor, 'WRITE');
  await bulk.data(
    'mutation R($id: ID!) { createRoutePoints(tripId: $id, points: [{ latitude: 1, longitude: 2, timestamp: "2024-05-01T12:00:00Z" }]) { id } }',
    { id: made.trips.id },
  );
  return {
    trip: made.trips.id,
    memory: made.memories.id,
    media: made.mediaItems.id,
    track: made.gpxTracks.id,
    tag: made.tags.id,
    category: made.tagCategories.id,
    wish: made.bucketListItems.id,
    friend: friend.email,
    key: await uploaded(bulk, made.mediaItems.id),
  };
}

/** Uploads the file of a media item under a key of the server; gives that. */
async function uploaded(bulk: Person, id: string): Promise<string> {
  const { createUploadUrl: made } = await bulk.data(
    'mutation { createUploadUrl(filename: "a.jpg", mimeType: "image/jpeg") { uploadUrl objectKey } }',
  );
  const put = await fetch(made.uploadUrl.replace(/^http:\/\/[^/]+/, base), {
    method: 'PUT',
    body: 'picture',
    headers: { 'content-type': 'image/jpeg' },
  });
  expect(put.status).toBe(200);
  await bulk.data(
    'mutation U($id: String!, $key: String!) { updateMediaItem(id: $id, input: { objectName: $key }) { id } }',
    { id, key: made.objectKey },
  );
  const done = { id, key: made.objectKey };
  expect(
    (
      await bulk.data(
        'mutation D($id: ID!, $key: String!) { markFileUploadComplete(entityId: $id, entityType: "MediaItem", objectName: $key) }',
        done,
      )
    ).markFileUploadComplete,
  ).toBe(true);
  return made.objectKey;
}

function outcomeOf({ status, data, errors }: Answer): Outcome {
  expect(status).toBe(200);
  if (errors.length > 0) {
    expect([errors.length, data]).toEqual([1, null]);
    return errors[0]?.extensions.code as Outcome;
  }
  const value: Loose = Object.values(data)[0];
  const isEmpty = (inner: Loose): boolean => Array.isArray(inner) && inner.length === 0;
  if (value === false) return 'no';
  const lists = typeof value === 'object' && value !== null ? Object.values(value).filter(Array.isArray) : [];
  const none = value === null || isEmpty(value) || (lists.length > 0 && lists.every(isEmpty));
  return none ? 'none' : 'ok';
}

const CALLERS = ['nobody', 'stranger', 'unknown', 'viewer', 'editor', 'owner'] as const;

async function ask(row: AccessRow, caller: (typeof CALLERS)[number], scene: Scene): Promise<Answer> {
  if (caller === 'nobody') return ground.nobody(row.text, row.variables(scene));
  const known = caller === 'unknown' ? unknownScene(scene) : scene;
  return people[caller === 'unknown' ? 'owner' : caller].bulk().ask(row.text, row.variables(known));
}

/** New ones have tests of their own, and those of accounts take no ids. */
const OTHERS =
  /^(register|login|updateUser|bulkSync|enhancedSync|syncDigests|getConflicts|resolveConflict|unshareTrip|transferTrip)$/;

test('there is a row for every operation of the older API', async () => {
  const { data } = await ground.server.anonymous()(
    '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }',
  );
  const { queryType, mutationType } = data.__schema;
  const names: string[] = [...queryType.fields, ...mutationType.fields].map(({ name }: Loose) => name);
  const known = new Set(ACCESS.map(({ operation }) => operation));
  expect([...known].sort()).toEqual(names.filter((name) => !OTHERS.test(name)).sort());
});

test.each(ACCESS.map((row) => [row.operation, row] as const))('%s', async (_name, row) => {
  // Nothing that one call's success leaves behind changes what the next one is told; a deletion would.
  const deletes = row.operation.startsWith('delete');
  let scene = deletes ? await makeScene() : common;
  const answers: (Outcome | null)[] = [];
  const said: Partial<Record<(typeof CALLERS)[number], unknown>> = {};
  for (const [at, caller] of CALLERS.entries()) {
    if (row.answers[at] === null) {
      answers.push(null);
      continue;
    }
    const answer = await ask(row, caller, scene);
    const outcome = outcomeOf(answer);
    answers.push(outcome);
    said[caller] = outcome === 'ok' ? 'ok' : answer;
    if (deletes && outcome === 'ok') scene = await makeScene();
  }
  expect(answers).toEqual(row.answers);
  // Not yours and not there are one answer, to the letter. (A list of memories ignores the trip: it gives the caller's own.)
  if (row.answers[2] !== null && row.operation !== 'memories') expect(said.unknown).toEqual(said.stranger);
});

test('memories of a trip that the caller cannot see are those of all its trips', async () => {
  const { viewer, stranger } = people;
  const scene = await makeScene();
  const own = await stranger.say('CreateTrip', {
    input: { name: 'Own', startDate: '2024-05-01T12:00:00.000Z' },
  });
  const note = await stranger.say('CreateMemory', { input: { title: 'Own', tripId: own.id } });
  const text = 'query Q($tripId: ID) { memories(tripId: $tripId) { id } }';
  expect((await stranger.bulk().data(text, { tripId: scene.trip })).memories).toEqual([{ id: note.id }]);
  expect((await viewer.bulk().data(text, { tripId: scene.trip })).memories).toEqual([{ id: scene.memory }]);
});
