/** GPX files over HTTP: uploaded, read, refused. What the totals are is shown in domains/travel/src/gpx. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, type Loose, NEVER, type Person, startTravel } from '../gaps/ground.ts';

let ground: Ground;
let base: string;
beforeAll(async () => {
  ground = await startTravel();
  base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => ground.close());

const point = (latitude: number, time: string, elevation: number): string =>
  `<trkpt lat="${latitude}" lon="-4"><ele>${elevation}</ele><time>${time}</time></trkpt>`;
const gpx = (inside: string): string =>
  `<?xml version="1.0"?><gpx version="1.1" creator="Compass" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`;
/** Two segments of 0.01 degrees to the north each, and a gap between them. */
const TWO_SEGMENTS = gpx(
  `<trk><trkseg>${point(48, '2024-05-01T10:00:00Z', 10)}${point(48.01, '2024-05-01T10:10:00Z', 40)}</trkseg>` +
    `<trkseg>${point(49, '2024-05-01T12:00:00Z', 40)}${point(49.01, '2024-05-01T12:10:00Z', 15)}</trkseg></trk>`,
);

async function upload(of: Person, file: string | Buffer): Promise<string> {
  const ask = 'mutation { generateGpxUploadUrl(filename: "tour.gpx") { uploadUrl objectKey } }';
  const { generateGpxUploadUrl: given } = await of.data(ask);
  const answer = await fetch(given.uploadUrl.replace(/^http:\/\/[^/]+/, base), {
    method: 'PUT',
    body: file,
    headers: { 'content-type': 'application/gpx+xml' },
  });
  expect(answer.status).toBe(200);
  return given.objectKey;
}

const TRACK =
  'id name creator totalDistance totalDuration averageSpeed maxSpeed elevationGain elevationLoss minElevation maxElevation ' +
  'totalPoints startTime endTime syncStatus downloadUrl segments { startDate distance originalPointCount points { latitude altitude } }';
const create = (of: Person, input: Record<string, unknown>) =>
  of.ask(`mutation($input: GPXTrackInput!) { createGpxTrack(input: $input) { ${TRACK} } }`, { input });

async function newTrip(of: Person): Promise<string> {
  const input = { name: 'Tour', startDate: '2024-05-01T00:00:00.000Z' };
  return (await of.data('mutation($input: TripInput!) { createTrip(input: $input) { id } }', { input }))
    .createTrip.id;
}

async function newMemory(of: Person, tripId: string): Promise<string> {
  const input = { title: 'Cape', tripId };
  const made = await of.data('mutation($input: MemoryInput!) { createMemory(input: $input) { id } }', {
    input,
  });
  return made.createMemory.id;
}

test('createGpxTrack reads the file: totals, times, one segment per segment', async () => {
  const anna = await ground.person();
  const gpxFileObjectName = await upload(anna, TWO_SEGMENTS);
  const answer = await create(anna, { name: 'Coast', tripId: await newTrip(anna), gpxFileObjectName });
  expect(answer.errors).toEqual([]);
  const track = answer.data.createGpxTrack;
  expect(track).toMatchObject({
    name: 'Coast',
    creator: 'Compass',
    totalDuration: 1_200,
    elevationGain: 30,
    elevationLoss: 25,
    minElevation: 10,
    maxElevation: 40,
    totalPoints: 4,
    startTime: '2024-05-01T10:00:00.000Z',
    endTime: '2024-05-01T12:10:00.000Z',
    syncStatus: 'IN_SYNC',
  });
  expect(track.totalDistance).toBeGreaterThan(2 * 1_110);
  expect(track.totalDistance).toBeLessThan(2 * 1_113);
  expect(track.segments.map((one: Loose) => [one.startDate, one.originalPointCount])).toEqual([
    ['2024-05-01T10:00:00.000Z', 2],
    ['2024-05-01T12:00:00.000Z', 2],
  ]);
  expect(track.segments[1].points).toEqual([
    { latitude: 49, altitude: 40 },
    { latitude: 49.01, altitude: 15 },
  ]);
  const got = await fetch(track.downloadUrl.replace(/^http:\/\/[^/]+/, base));
  expect(await got.text()).toBe(TWO_SEGMENTS);
});

test('points and segments are the same however often they are asked for', async () => {
  const anna = await ground.person();
  const tripId = await newTrip(anna);
  const gpxFileObjectName = await upload(anna, TWO_SEGMENTS);
  const { id } = (await create(anna, { name: 'Coast', tripId, gpxFileObjectName })).data.createGpxTrack;
  const points = [{ latitude: 1, longitude: 2, timestamp: '2024-05-01T10:00:00.000Z' }];
  await anna.data(
    'mutation($t: ID!, $points: [RoutePointInput!]!) { createRoutePoints(tripId: $t, points: $points) { id } }',
    { t: tripId, points },
  );
  const fields = 'id latitude longitude altitude speed timestamp created_at';
  for (const text of [
    `query($id: ID!) { gpxTrack(id: $id) { segments { id distance points { ${fields} } metadata { id elevationGain } } } }`,
    `query($t: ID!, $id: ID!) { gpxTrack(id: $id) { segments { points { latitude } } } trip(id: $t) { trackSegments { points { ${fields} } } routePoints { ${fields} } } routePoints(tripId: $t) { ${fields} } }`,
  ]) {
    const first = await anna.data(text, { id, t: tripId });
    expect(JSON.stringify(first)).toContain('"latitude":49.01');
    for (let again = 0; again < 3; again++) expect(await anna.data(text, { id, t: tripId })).toEqual(first);
  }
  const { routePoints } = await anna.data(`query($t: ID!) { routePoints(tripId: $t) { ${fields} } }`, {
    t: tripId,
  });
  expect(routePoints).toMatchObject(points);
});

test('processGpxFile does so under a name; another file takes the place of the first; deleting takes all along', async () => {
  const anna = await ground.person();
  const tripId = await newTrip(anna);
  const process =
    'mutation($o: String!, $t: ID!) { processGpxFile(objectName: $o, tripId: $t, trackName: "Way") { id name totalPoints } }';
  const made = await anna.data(process, { o: await upload(anna, TWO_SEGMENTS), t: tripId });
  expect(made.processGpxFile).toMatchObject({ name: 'Way', totalPoints: 4 });
  const { id } = made.processGpxFile;
  const route = await upload(anna, gpx('<rte><rtept lat="1" lon="1"/><rtept lat="1" lon="2"/></rte>'));
  const update = `mutation($id: ID!, $input: UpdateGPXTrackInput!) { updateGpxTrack(id: $id, input: $input) { ${TRACK} } }`;
  const changed = (await anna.data(update, { id, input: { gpxFileObjectName: route } })).updateGpxTrack;
  expect(changed).toMatchObject({ name: 'Way', totalPoints: 2, totalDuration: null, startTime: null });
  expect(changed.segments).toHaveLength(1);
  expect((await anna.data('mutation($id: ID!) { deleteGpxTrack(id: $id) }', { id })).deleteGpxTrack).toBe(
    true,
  );
  const rows = await ground.sql(
    "SELECT count(*)::int AS live FROM record WHERE type = 'travel.TrackSegment' AND doc ->> 'gpxTrackId' = $1 AND tombstone IS NULL",
    [id],
  );
  expect(rows).toEqual([{ live: 0 }]);
});

test('a file that comes after its track fills it in, and the others hear of it', async () => {
  const [anna, ben] = [await ground.person(), await ground.person()];
  const tripId = await newTrip(anna);
  const share =
    'mutation($t: ID!, $e: String!) { shareTrip(tripId: $t, email: $e, permission: READ) { role } }';
  await anna.data(share, { t: tripId, e: ben.email });
  const { id } = (await create(anna, { name: 'Later', tripId })).data.createGpxTrack;
  const sync =
    'query($since: DateTime!) { sync(lastSyncedAt: $since) { gpxTracks { id totalPoints } serverTimestamp } }';
  const before = (await ben.data(sync, { since: NEVER })).sync;
  expect(before.gpxTracks).toEqual([{ id, totalPoints: null }]);
  const requests = [
    { entityId: id, entityType: 'GPXTrack', objectName: 'way.gpx', mimeType: 'application/gpx+xml' },
  ];
  const urls = await anna.data(
    'mutation($requests: [UploadRequest!]!) { generateBatchUploadUrls(uploadRequests: $requests) { uploadUrls { uploadUrl } } }',
    { requests },
  );
  const [{ uploadUrl }] = urls.generateBatchUploadUrls.uploadUrls;
  const headers = { 'content-type': 'application/gpx+xml' };
  await fetch(uploadUrl.replace(/^http:\/\/[^/]+/, base), { method: 'PUT', body: TWO_SEGMENTS, headers });
  const done =
    'mutation($id: ID!) { markFileUploadComplete(entityId: $id, entityType: "GPXTrack", objectName: "way.gpx") }';
  expect((await anna.data(done, { id })).markFileUploadComplete).toBe(true);
  const after = (await ben.data(sync, { since: before.serverTimestamp })).sync;
  expect(after.gpxTracks).toEqual([{ id, totalPoints: 4 }]);
});

test('track and memory know of each other, from both ends, and let go of each other', async () => {
  const anna = await ground.person();
  const tripId = await newTrip(anna);
  const [one, two] = [await newMemory(anna, tripId), await newMemory(anna, tripId)];
  const { id } = (await create(anna, { name: 'Way', tripId, memoryId: one })).data.createGpxTrack;
  const tracks = async () => {
    const { memories } = await anna.data('query($t: ID) { memories(tripId: $t) { id gpxTrack { id } } }', {
      t: tripId,
    });
    return Object.fromEntries(memories.map((memory: Loose) => [memory.id, memory.gpxTrack?.id ?? null]));
  };
  const move = (memoryId: string | null) =>
    anna.data('mutation($id: ID!, $m: ID) { updateGpxTrack(id: $id, input: { memoryId: $m }) { id } }', {
      id,
      m: memoryId,
    });
  expect(await tracks()).toEqual({ [one]: id, [two]: null });
  await move(two);
  expect(await tracks()).toEqual({ [one]: null, [two]: id });
  await move('');
  expect(await tracks()).toEqual({ [one]: null, [two]: null });
  await move(one);
  await move(null);
  expect(await tracks()).toEqual({ [one]: null, [two]: null });
});

test.each([
  ['no XML', 'just words'],
  ['no GPX', '<kml/>'],
  ['cut off', TWO_SEGMENTS.slice(0, -20)],
  ['entities of its own', `<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">]>${gpx('<name>&a;</name>')}`],
  ['an outside entity', `<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]>${gpx('<name>&a;</name>')}`],
  ['places beyond the poles', gpx('<trk><trkseg><trkpt lat="91" lon="0"/></trkseg></trk>')],
])('a file with %s is refused, and there is no track', async (_name, file) => {
  const anna = await ground.person();
  const tripId = await newTrip(anna);
  const answer = await create(anna, { name: 'Way', tripId, gpxFileObjectName: await upload(anna, file) });
  expect(answer).toMatchObject({ status: 200, data: null });
  expect(answer.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(answer.errors[0]?.message).toContain('gpxFileObjectName');
  expect(answer.errors[0]?.message).not.toMatch(/aaaa|root:/);
  const tracks = await anna.data('query($t: ID!) { gpxTracksByTrip(tripId: $t) { id } }', { t: tripId });
  expect(tracks.gpxTracksByTrip).toEqual([]);
});

test('an upload of somebody else, and none at all, are the same to the caller', async () => {
  const [anna, ben] = [await ground.person(), await ground.person()];
  const [theirs, tripId] = [await upload(ben, TWO_SEGMENTS), await newTrip(anna)];
  const messages = [];
  for (const gpxFileObjectName of [theirs, theirs.replace(/\w{4}\.gpx$/, '0000.gpx'), 'way.gpx']) {
    const { data, errors } = await create(anna, { name: 'Way', tripId, gpxFileObjectName });
    expect(data).toBeNull();
    messages.push(errors[0]?.message);
  }
  expect(new Set(messages).size).toBe(1);
});

const folder = process.env.GPX_FOLDER;
test.runIf(folder)('all files of a folder become tracks', async () => {
  const anna = await ground.person();
  const tripId = await newTrip(anna);
  const files = readdirSync(folder ?? '').filter((name) => name.endsWith('.gpx'));
  for (const name of files) {
    const key = await upload(anna, readFileSync(join(folder ?? '', name)));
    const { data, errors } = await create(anna, { name, tripId, gpxFileObjectName: key });
    expect([name, errors]).toEqual([name, []]);
    expect(data.createGpxTrack.totalPoints).toBeGreaterThan(0);
  }
  expect(files.length).toBeGreaterThan(0);
});
