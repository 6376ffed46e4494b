/** Scenario 8: files as the app uploads and fetches them, with its own ids for what the server does not know. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, type Loose, share, startTravel } from '../gaps/ground.ts';
import { signIn, signUp, uploadOneOfEach } from './phone.ts';

let ground: Ground;
let base: string;
beforeAll(async () => {
  ground = await startTravel();
  base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => ground.close());

/** URLs are signed for the address that a request named; here they have to lead to the port. */
const here = (url: string): string => url.replace(/^http:\/\/[^/]+/, base);
const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.alloc(2_000, 7),
  Buffer.from([0xff, 0xd9]),
]);
const GPX = Buffer.from(
  '<?xml version="1.0"?><gpx version="1.1" creator="w" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg><trkpt lat="48" lon="-5"><ele>1</ele></trkpt><trkpt lat="48.1" lon="-5"><ele>2</ele></trkpt></trkseg></trk></gpx>',
);

test('upload URLs, PUT, complete, download URLs, GET', async () => {
  const phone = await signUp(ground);
  const made = await uploadOneOfEach(phone);
  const local = randomUUID().toUpperCase();
  const requests = [
    {
      entityId: made.mediaItems.id,
      entityType: 'MediaItem',
      objectName: 'mediaitem/1714550400_0a1b2c3d.jpg',
      mimeType: 'image/jpeg',
    },
    {
      entityId: made.gpxTracks.id,
      entityType: 'GPXTrack',
      objectName: 'gpxtrack/1714550400_0a1b2c3d.gpx',
      mimeType: 'application/gpx+xml',
    },
    {
      entityId: local,
      entityType: 'MediaItem',
      objectName: 'mediaitem/1714550401_0a1b2c3d.jpg',
      mimeType: 'image/jpeg',
    },
  ];
  const { uploadUrls, generatedAt } = await phone.say('GenerateBatchUploadUrls', {
    uploadRequests: requests,
  });
  expect(generatedAt).toMatch(/\.\d{3}Z$/);
  const known = requests.slice(0, 2);
  expect(uploadUrls.slice(0, 2)).toMatchObject(
    known.map(({ mimeType: _type, ...asked }) => ({
      ...asked,
      __typename: 'BulkUploadUrl',
      expiresIn: 3600,
    })),
  );
  const bodies = [JPEG, GPX];
  for (const [index, { mimeType, entityId, entityType, objectName }] of known.entries()) {
    const put = await fetch(here(uploadUrls[index].uploadUrl), {
      method: 'PUT',
      body: new Uint8Array(bodies[index]!),
      headers: { 'content-type': mimeType },
    });
    expect([entityType, put.status]).toEqual([entityType, 200]);
    expect(await phone.say('MarkFileUploadComplete', { entityId, entityType, objectName })).toBe(true);
  }
  for (const entityId of [local, 'x', ''])
    expect(await phone.say('MarkFileUploadComplete', { ...requests[2], entityId })).toBe(false);

  const other = await signIn(ground, phone);
  const asked = {
    mediaItemIds: [made.mediaItems.id, local, 'x'],
    gpxTrackIds: [randomUUID(), made.gpxTracks.id],
  };
  const { downloadUrls } = await other.say('GenerateBatchDownloadUrls', asked);
  expect(downloadUrls.map(({ entityId, entityType }: Loose) => [entityType, entityId])).toEqual([
    ['MediaItem', made.mediaItems.id],
    ['GPXTrack', made.gpxTracks.id],
  ]);
  for (const [index, { downloadUrl }] of downloadUrls.entries()) {
    const got = await fetch(here(downloadUrl));
    expect(got.status).toBe(200);
    expect(Buffer.from(await got.arrayBuffer()).equals(bodies[index]!)).toBe(true);
  }
  expect(await other.say('GenerateBatchDownloadUrls', {})).toMatchObject({ downloadUrls: [] });
});

test('a stranger gets no upload, no completion, no download; a viewer downloads alone', async () => {
  const [owner, viewer, stranger] = [await signUp(ground), await signUp(ground), await signUp(ground)];
  const made = await uploadOneOfEach(owner);
  await share(owner.bulk(), made.trips.id, viewer, 'READ');
  const request = {
    entityId: made.mediaItems.id,
    entityType: 'MediaItem',
    objectName: 'a.jpg',
    mimeType: 'image/jpeg',
  };
  const { uploadUrls } = await owner.say('GenerateBatchUploadUrls', { uploadRequests: [request] });
  const headers = { 'content-type': 'image/jpeg' };
  await fetch(here(uploadUrls[0].uploadUrl), { method: 'PUT', body: JPEG, headers });
  for (const phone of [viewer, stranger]) {
    const batch = await phone.say('GenerateBatchUploadUrls', { uploadRequests: [request] });
    expect(batch.uploadUrls).toEqual([]);
    expect(await phone.say('MarkFileUploadComplete', request)).toBe(false);
  }
  expect(await owner.say('MarkFileUploadComplete', request)).toBe(true);
  const asked = { mediaItemIds: [made.mediaItems.id] };
  expect((await viewer.say('GenerateBatchDownloadUrls', asked)).downloadUrls).toHaveLength(1);
  expect((await stranger.say('GenerateBatchDownloadUrls', asked)).downloadUrls).toEqual([]);
});

test('uploading again under another name is a second file, not a hole', async () => {
  const phone = await signUp(ground);
  const made = await uploadOneOfEach(phone);
  for (const objectName of ['one.jpg', 'two.jpg']) {
    const request = {
      entityId: made.mediaItems.id,
      entityType: 'MediaItem',
      objectName,
      mimeType: 'image/jpeg',
    };
    expect(await phone.say('MarkFileUploadComplete', request)).toBe(false);
    const { uploadUrls } = await phone.say('GenerateBatchUploadUrls', { uploadRequests: [request] });
    const put = await fetch(here(uploadUrls[0].uploadUrl), {
      method: 'PUT',
      body: JPEG,
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(put.status).toBe(200);
    expect(await phone.say('MarkFileUploadComplete', request)).toBe(true);
    const { mediaItems } = await phone.sync();
    expect(mediaItems).toMatchObject([{ filename: objectName }]);
  }
});
