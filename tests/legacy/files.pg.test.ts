/** Files of records over HTTP: the whole way of an upload, who may take it, and what the others learn of it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  codeOf,
  journalOf,
  type Loose,
  media,
  memory,
  type Person,
  pushed,
  seen,
  share,
  track,
  trip,
  update,
} from '../gaps/ground.ts';
import {
  ASSIGN_COVER,
  COMPLETE,
  COVER_UPLOAD,
  CREATE_UPLOAD,
  CREATE_UPLOAD_PLAIN,
  complete,
  DOWNLOAD_QUERY,
  DOWNLOADS,
  downloads,
  type FileGround,
  GPX_UPLOAD,
  named,
  sha256,
  signed,
  startFiles,
  UPLOAD_QUERY,
  UPLOADS,
  upload,
} from './file-ground.ts';

let ground: FileGround;
let anna: Person;
beforeAll(async () => {
  ground = await startFiles();
  anna = await ground.person();
});
afterAll(async () => {
  expect(ground.server.log.filter((line) => /error|defect/.test(line))).toEqual([]);
  await ground.close();
});

const MEDIA = `query M($id: String!) { memory(id: $id) { mediaItems { id downloadUrl thumbnailUrl uploadedObjectName fileSha256 } } }`;
const mediaOf = async (person: Person, { id }: { id: string }): Promise<Loose> =>
  (await person.data(MEDIA, { id })).memory.mediaItems;

/** A trip with a memory that has so many media items. */
async function album(person: Person, count: number) {
  const parent = trip();
  const note = memory(parent.id);
  const items = Array.from({ length: count }, (_, at) => media(note.id, { objectName: `${at}.jpg` }));
  await pushed(person, { trips: [parent], memories: [note], mediaItems: items });
  return { parent, note, items };
}

describe('an upload', () => {
  test('goes from the URL to the bytes, the record, and every other device', async () => {
    const { picture, parent, note } = await journalOf(anna);
    const ben = await ground.person();
    await share(anna, parent.id, ben);
    const start = await ben.pull();
    expect(start.mediaItems[0]).toMatchObject({ syncStatus: 'FILES_PENDING', syncVersion: 1 });

    const body = randomBytes(300_000);
    await upload(ground, anna, named(picture), body);
    const { mediaItems } = await ben.pull({ cursor: start.nextCursor });
    expect(mediaItems).toMatchObject([
      { id: picture.id, syncStatus: 'IN_SYNC', syncVersion: 2, s3Key: 'a.jpg' },
    ]);

    const [item] = await mediaOf(ben, note);
    expect(item).toMatchObject({ uploadedObjectName: 'a.jpg', fileSha256: sha256(body), thumbnailUrl: null });
    const answer = await fetch(ground.here(item.downloadUrl));
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    expect(await downloads(ben, [picture.id])).toMatchObject([
      { entityId: picture.id, entityType: 'MediaItem', objectName: 'a.jpg', expiresIn: 3600 },
    ]);
  });

  test('is pending again when the record names another file, until that one comes', async () => {
    const { picture, note } = await journalOf(anna);
    await upload(ground, anna, named(picture), 'first');
    await pushed(anna, { mediaItems: [update(picture.id, 2, { objectName: 'b.jpg' })] });
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncStatus: 'FILES_PENDING' });
    expect((await mediaOf(anna, note))[0]).toMatchObject({ downloadUrl: null, uploadedObjectName: 'a.jpg' });
    await upload(ground, anna, named(picture, 'MediaItem', 'b.jpg'), 'second');
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncStatus: 'IN_SYNC' });
    expect(await ground.get((await mediaOf(anna, note))[0].downloadUrl)).toBe('second');
  });

  test('under another name than the record had gives the record that name', async () => {
    const { picture } = await journalOf(anna);
    const file = named(picture, 'MediaItem', 'mediaitem/1751_ab12cd34.jpg');
    await upload(ground, anna, file, 'renamed');
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({
      s3Key: file.objectName,
      syncStatus: 'IN_SYNC',
    });
  });

  test('may be completed again: the answer is the same, and nothing moves', async () => {
    const { picture } = await journalOf(anna);
    await upload(ground, anna, named(picture), 'once');
    const before = await seen(anna, 'mediaItems', picture);
    expect(await complete(anna, named(picture))).toBe(true);
    expect(await seen(anna, 'mediaItems', picture)).toEqual(before);
  });

  test('may be completed by many calls at once: the record changes once', async () => {
    const { picture } = await journalOf(anna);
    const [{ uploadUrl }] = await signed(anna, [named(picture)]);
    await ground.put(uploadUrl, 'once');
    const answers = await Promise.all(Array.from({ length: 6 }, () => complete(anna, named(picture))));
    expect(answers).toEqual(Array(6).fill(true));
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncVersion: 2, syncStatus: 'IN_SYNC' });
  });

  test('of two people for the same name: the record ends with the file that stands behind it', async () => {
    const { picture, parent, note } = await journalOf(anna);
    const ben = await ground.person();
    await share(anna, parent.id, ben, 'WRITE');
    for (const [person, body] of [
      [anna, 'hers'],
      [ben, 'his'],
    ] as const) {
      const [{ uploadUrl }] = await signed(person, [named(picture)]);
      await ground.put(uploadUrl, body);
    }
    // Hers is complete first, and told to the record last.
    const { engine } = ground.server;
    const { submit } = engine;
    let held = false;
    Object.assign(engine, {
      submit: async (submission: Parameters<typeof submit>[0]) => {
        if (submission.origin === 'server' && !held) {
          held = true;
          expect(await complete(ben, named(picture))).toBe(true);
        }
        return submit(submission);
      },
    });
    try {
      expect(await complete(anna, named(picture))).toBe(true);
    } finally {
      Object.assign(engine, { submit });
    }
    const [item] = await mediaOf(anna, note);
    expect([held, await ground.get(item.downloadUrl), item.fileSha256]).toEqual([true, 'his', sha256('his')]);
  });

  test('may be asked for twice: both URLs lead to one file', async () => {
    const { picture } = await journalOf(anna);
    const [one] = await signed(anna, [named(picture)]);
    const [other] = await signed(anna, [named(picture)]);
    expect(new URL(one.uploadUrl).pathname).toBe(new URL(other.uploadUrl).pathname);
    expect((await ground.put(one.uploadUrl, 'by the first')).status).toBe(200);
    expect(await complete(anna, named(picture))).toBe(true);
  });

  test('takes the place of an earlier one under the same name', async () => {
    const { picture, note } = await journalOf(anna);
    await upload(ground, anna, named(picture), 'old');
    const [{ uploadUrl }] = await signed(anna, [named(picture)]);
    // Until it is complete the old one is what everybody gets.
    expect((await ground.put(uploadUrl, 'new')).status).toBe(200);
    expect(await ground.get((await mediaOf(anna, note))[0].downloadUrl)).toBe('old');
    expect(await complete(anna, named(picture))).toBe(true);
    const [item] = await mediaOf(anna, note);
    expect([await ground.get(item.downloadUrl), item.fileSha256]).toEqual(['new', sha256('new')]);
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncVersion: 3 });
  });

  test('of a thumbnail and of a track', async () => {
    const { picture, way, note } = await journalOf(anna);
    await upload(ground, anna, named(picture, 'MediaItemThumbnail', 'small.jpg'), 'small');
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncStatus: 'FILES_PENDING' });
    const [item] = await mediaOf(anna, note);
    expect([item.downloadUrl, await ground.get(item.thumbnailUrl)]).toEqual([null, 'small']);

    await pushed(anna, { gpxTracks: [update(way.id, 1, { gpxFileObjectName: 'day.gpx' })] });
    expect(await seen(anna, 'gpxTracks', way)).toMatchObject({ syncStatus: 'FILES_PENDING' });
    const file = named(way, 'GPXTrack', 'day.gpx');
    const [{ uploadUrl }] = await signed(anna, [file], 'application/gpx+xml');
    expect((await ground.put(uploadUrl, '<gpx/>', 'application/gpx+xml')).status).toBe(200);
    expect(await complete(anna, file)).toBe(true);
    expect(await seen(anna, 'gpxTracks', way)).toMatchObject({ syncStatus: 'IN_SYNC' });
    expect((await downloads(anna, [picture.id], [way.id])).map((one) => one.entityType)).toEqual([
      'MediaItemThumbnail',
      'GPXTrack',
    ]);
  });

  test('a track without a file waits for none', async () => {
    const parent = trip();
    const way = track(parent.id);
    await pushed(anna, { trips: [parent], gpxTracks: [way] });
    expect(await seen(anna, 'gpxTracks', way)).toMatchObject({ syncStatus: 'IN_SYNC' });
  });

  test('two records, two files, one name', async () => {
    const [mine, other] = [await journalOf(anna), await journalOf(anna)];
    const ben = await ground.person();
    const his = await journalOf(ben);
    await upload(ground, anna, named(mine.picture), 'mine');
    await upload(ground, anna, named(other.picture), 'another of mine');
    await upload(ground, ben, named(his.picture), 'his');
    const bodies = await Promise.all(
      [
        [anna, mine],
        [anna, other],
        [ben, his],
      ].map(async ([person, { note }]: Loose) => ground.get((await mediaOf(person, note))[0].downloadUrl)),
    );
    expect(bodies).toEqual(['mine', 'another of mine', 'his']);
  });
});

describe('completing is false', () => {
  test('without bytes', async () => {
    const { picture } = await journalOf(anna);
    await signed(anna, [named(picture)]);
    expect(await complete(anna, named(picture))).toBe(false);
  });

  test('without a URL, or for what is not there', async () => {
    const { picture } = await journalOf(anna);
    for (const file of [
      named(picture, 'MediaItem', 'never signed.jpg'),
      named(picture, 'GPXTrack'),
      named(picture, 'Sandwich'),
      named({ id: randomUUID() }),
      named({ id: 'A1B2' }),
      named({ id: '' }),
      named(picture, 'MediaItem', '../../etc/passwd'),
      named(picture, 'MediaItem', 'a\u0000b'),
      named(picture, 'MediaItem', 'a\ud800b'),
    ])
      expect([file, await complete(anna, file)]).toEqual([file, false]);
  });

  test('for whoever may not change the record', async () => {
    const { picture, parent } = await journalOf(anna);
    const [reader, stranger] = [await ground.person(), await ground.person()];
    await share(anna, parent.id, reader, 'READ');
    const [{ uploadUrl }] = await signed(anna, [named(picture)]);
    await ground.put(uploadUrl, 'x');
    expect(await complete(reader, named(picture))).toBe(false);
    expect(await complete(stranger, named(picture))).toBe(false);
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncVersion: 1 });
    expect(await complete(anna, named(picture))).toBe(true);
  });

  test('but it is an error without a sign-in', async () => {
    const answer = await ground.nobody(COMPLETE, { ...named({ id: randomUUID() }) });
    expect([answer.status, codeOf(answer), answer.data]).toEqual([200, 'UNAUTHENTICATED', null]);
  });
});

describe('URLs for uploads', () => {
  test('in order; what is unknown or not the caller’s is left out', async () => {
    const mine = await album(anna, 3);
    const ben = await ground.person();
    const his = await album(ben, 1);
    const ids = [
      mine.items[2]!.id,
      randomUUID(),
      his.items[0]!.id,
      'x-coredata://local/1',
      mine.items[0]!.id.toUpperCase(),
    ];
    const urls = await signed(
      anna,
      ids.map((id) => named({ id })),
    );
    expect(urls.map(({ entityId }) => entityId)).toEqual([ids[0], ids[4]]);
    expect(urls[0]).toMatchObject({ entityType: 'MediaItem', objectName: 'a.jpg', expiresIn: 3600 });
  });

  test('a reader gets none, a writer does', async () => {
    const { picture, parent } = await journalOf(anna);
    const [reader, writer] = [await ground.person(), await ground.person()];
    await share(anna, parent.id, reader, 'READ');
    await share(anna, parent.id, writer, 'WRITE');
    expect(await signed(reader, [named(picture)])).toEqual([]);
    expect(await signed(writer, [named(picture)])).toHaveLength(1);
  });

  test('the same file twice in one call is one file', async () => {
    const { picture } = await journalOf(anna);
    const [one, other] = await signed(anna, [named(picture), named(picture)]);
    expect(one.uploadUrl).toBe(other.uploadUrl);
  });

  test('keys are the server’s own, whatever the name is', async () => {
    const { picture } = await journalOf(anna);
    const [{ uploadUrl }] = await signed(anna, [named(picture, 'MediaItem', 'Föhn über Graz.JPG')]);
    expect(new URL(uploadUrl).pathname).toMatch(/^\/files\/media\/[0-9a-f-]{36}\.jpg$/);
  });

  test.each([
    ['expiresIn', { expiresIn: 0 }],
    ['expiresIn', { expiresIn: -1 }],
    ['expiresIn', { expiresIn: LIMITS.fileUrlSecondsMax + 1 }],
    ['uploadRequests[0].mimeType', { mimeType: 'text/html' }],
    ['uploadRequests[0].mimeType', { mimeType: 'image/svg+xml' }],
    ['uploadRequests[0].entityType', { entityType: 'Sandwich' }],
    ['uploadRequests[0].objectName', { objectName: '../a.jpg' }],
    ['uploadRequests[0].objectName', { objectName: 'a\u0000.jpg' }],
    ['uploadRequests[0].objectName', { objectName: '' }],
    ['uploadRequests[0].objectName', { objectName: 'x'.repeat(LIMITS.fileNameLengthMax + 1) }],
  ])('%s: %j is refused', async (argument, { expiresIn, ...changed }: Loose) => {
    const request = { ...named({ id: randomUUID() }), mimeType: 'image/jpeg', ...changed };
    const answer = await anna.ask(UPLOADS, { requests: [request], expiresIn });
    expect([answer.status, codeOf(answer), answer.data]).toEqual([200, 'BAD_USER_INPUT', null]);
    expect(answer.errors[0]?.message).toContain(argument);
  });

  test('not more than so many in one call', async () => {
    const request = { ...named({ id: randomUUID() }), mimeType: 'image/jpeg' };
    const requests = Array.from({ length: LIMITS.fileRequestsMax + 1 }, () => request);
    expect(codeOf(await anna.ask(UPLOADS, { requests }))).toBe('BAD_USER_INPUT');
    expect(
      codeOf(await anna.ask(DOWNLOADS, { mediaItemIds: requests.map(({ entityId }) => entityId) })),
    ).toBe('BAD_USER_INPUT');
  });

  test('they hold as long as was asked', async () => {
    const { picture } = await journalOf(anna);
    const requests = [{ ...named(picture), mimeType: 'image/jpeg' }];
    const { generateBatchUploadUrls: given } = await anna.data(UPLOADS, { requests, expiresIn: 120 });
    const end = Number(new URL(given.uploadUrls[0].uploadUrl).searchParams.get('expires'));
    const seconds = end - Date.parse(given.generatedAt) / 1000;
    expect(given.uploadUrls[0].expiresIn).toBe(120);
    expect(seconds).toBeGreaterThan(110);
    expect(seconds).toBeLessThanOrEqual(121);
  });

  test.each([
    [UPLOADS, { requests: [] }],
    [DOWNLOADS, {}],
    [CREATE_UPLOAD, { filename: 'a.jpg', mimeType: 'image/jpeg' }],
    [UPLOAD_QUERY, { filename: 'a.jpg', mimeType: 'image/jpeg' }],
    [GPX_UPLOAD, { filename: 'a.gpx' }],
    [DOWNLOAD_QUERY, { objectKey: 'media/a.jpg' }],
    [COVER_UPLOAD, { tripId: randomUUID(), contentType: 'image/png' }],
    [ASSIGN_COVER, { tripId: randomUUID(), objectName: 'a' }],
  ])('a sign-in is needed: %s', async (query, variables) => {
    const answer = await ground.nobody(query, variables);
    expect([answer.status, codeOf(answer), answer.data]).toEqual([200, 'UNAUTHENTICATED', null]);
  });
});

describe('uploads before there is a record', () => {
  const create = async (person: Person, variables: object = { mimeType: 'image/png' }): Promise<Loose> =>
    (await person.data(CREATE_UPLOAD, { filename: 'a.png', ...variables })).createUploadUrl;

  test('the key is made by the server, and is the uploader’s', async () => {
    const given = await create(anna);
    expect(given.objectKey).toMatch(/^media\/[0-9a-f-]{36}\.png$/);
    expect(given.expiresIn).toBe(3600);
    expect((await ground.put(given.uploadUrl, 'early', 'image/png')).status).toBe(200);
    expect(await ground.get(given.downloadUrl)).toBe('early');
    const { getPresignedDownloadUrl } = await anna.data(DOWNLOAD_QUERY, { objectKey: given.objectKey });
    expect(await ground.get(getPresignedDownloadUrl.downloadUrl)).toBe('early');
    const ben = await ground.person();
    expect(codeOf(await ben.ask(DOWNLOAD_QUERY, { objectKey: given.objectKey }))).toBe('FORBIDDEN');
  });

  test('other ways to the same', async () => {
    const { createUploadUrl } = await anna.data(CREATE_UPLOAD_PLAIN, { filename: 'noext' });
    expect(createUploadUrl.objectKey).toMatch(/^media\/[0-9a-f-]{36}$/);
    expect((await ground.put(createUploadUrl.uploadUrl, 'x', 'application/octet-stream')).status).toBe(200);
    const { getPresignedUploadUrl } = await anna.data(UPLOAD_QUERY, {
      filename: 'a.mov',
      mimeType: 'video/quicktime',
    });
    expect(getPresignedUploadUrl.objectKey).toMatch(/^media\/.*\.mov$/);
    const { generateGpxUploadUrl } = await anna.data(GPX_UPLOAD, { filename: 'Tag 1.GPX' });
    expect(generateGpxUploadUrl.objectKey).toMatch(/^gpx\/[0-9a-f-]{36}\.gpx$/);
  });

  test('a record that names the key gets the file when it is complete', async () => {
    const given = await create(anna);
    await ground.put(given.uploadUrl, 'early', 'image/png');
    const { note, items } = await album(anna, 0);
    const picture = media(note.id, { objectName: given.objectKey });
    await pushed(anna, { mediaItems: [picture] });
    expect(items).toEqual([]);
    expect(await complete(anna, named(picture, 'MediaItem', given.objectKey))).toBe(true);
    expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncStatus: 'IN_SYNC' });
    expect(await ground.get((await mediaOf(anna, note))[0].downloadUrl)).toBe('early');
  });

  test('an item that the older API makes of it has its file at once', async () => {
    const { note } = await album(anna, 0);
    const [given, other, absent] = [await create(anna), await create(anna), await create(anna)];
    await ground.put(given.uploadUrl, 'early', 'image/png');
    await ground.put(other.uploadUrl, 'small', 'image/png');
    const input = {
      objectName: given.objectKey,
      memoryId: note.id,
      mediaType: 'image/png',
      timestamp: '2024-05-01T12:00:00.000Z',
      order: 0,
      filesize: 5,
    };
    const MAKE = `mutation M($input: MediaItemInput!) { createMediaItem(input: $input) {
      id updatedAt syncStatus syncVersion downloadUrl thumbnailUrl } }`;
    const { createMediaItem: item } = await anna.data(MAKE, { input });
    expect(item).toMatchObject({ syncStatus: 'IN_SYNC', syncVersion: 2, thumbnailUrl: null });
    expect(await ground.get(item.downloadUrl)).toBe('early');
    expect((await seen(anna, 'mediaItems', item)).updatedAt).toBe(item.updatedAt);

    const CHANGE = `mutation U($id: String!, $input: UpdateMediaItemInput!) { updateMediaItem(id: $id, input: $input) {
      id syncStatus thumbnailUrl downloadUrl } }`;
    const change = async (input: object): Promise<Loose> =>
      (await anna.data(CHANGE, { id: item.id, input })).updateMediaItem;
    const { thumbnailUrl } = await change({ thumbnailObjectName: other.objectKey });
    expect(await ground.get(thumbnailUrl)).toBe('small');
    // One that never came, and a name of the app's own, are waited for.
    for (const objectName of [absent.objectKey, 'IMG_1.jpg'])
      expect(await change({ objectName })).toMatchObject({ syncStatus: 'FILES_PENDING', downloadUrl: null });
  });

  test('naming somebody else’s key gives nothing', async () => {
    const given = await create(anna);
    await ground.put(given.uploadUrl, 'secret', 'image/png');
    const { picture } = await journalOf(anna);
    const [bound] = await signed(anna, [named(picture)]);
    await ground.put(bound.uploadUrl, 'secret too');
    expect(await complete(anna, named(picture))).toBe(true);
    const boundKey = new URL(bound.uploadUrl).pathname.slice('/files/'.length);

    const eve = await ground.person();
    const { note } = await album(eve, 0);
    for (const objectName of [given.objectKey, boundKey, 'a.jpg']) {
      const item = media(note.id, { objectName });
      await pushed(eve, { mediaItems: [item] });
      expect(await complete(eve, named(item, 'MediaItem', objectName))).toBe(false);
      expect(await downloads(eve, [item.id])).toEqual([]);
      expect(codeOf(await eve.ask(DOWNLOAD_QUERY, { objectKey: objectName }))).toBe('FORBIDDEN');
    }
    expect((await mediaOf(eve, note)).map((one: Loose) => one.downloadUrl)).toEqual([null, null, null]);
  });

  test('a file that is bound to one record is no other record’s', async () => {
    const given = await create(anna);
    await ground.put(given.uploadUrl, 'once', 'image/png');
    const { note, items } = await album(anna, 2);
    const [first, second] = items as [Loose, Loose];
    expect(await complete(anna, named(first, 'MediaItem', given.objectKey))).toBe(true);
    expect(await complete(anna, named(second, 'MediaItem', given.objectKey))).toBe(false);
    const urls = (await mediaOf(anna, note)).filter((one: Loose) => one.downloadUrl !== null);
    expect(urls.map((one: Loose) => one.id)).toEqual([first.id]);
  });

  test('access to the record is access to its file, and ends with it', async () => {
    const given = await create(anna);
    await ground.put(given.uploadUrl, 'shared', 'image/png');
    const { parent, items } = await album(anna, 1);
    await complete(anna, named(items[0]!, 'MediaItem', given.objectKey));
    const ben = await ground.person();
    const ask = () => ben.ask(DOWNLOAD_QUERY, { objectKey: given.objectKey });
    expect(codeOf(await ask())).toBe('FORBIDDEN');
    await share(anna, parent.id, ben);
    expect(await ground.get((await ask()).data.getPresignedDownloadUrl.downloadUrl)).toBe('shared');
    await anna.data('mutation U($t: ID!, $u: ID!) { unshareTrip(tripId: $t, userId: $u) }', {
      t: parent.id,
      u: ben.userId,
    });
    expect(codeOf(await ask())).toBe('FORBIDDEN');
  });

  test.each([
    ['filename', { filename: '../../a.png' }],
    ['filename', { filename: 'a\ud800.png' }],
    ['filename', { filename: ' ' }],
    ['mimeType', { mimeType: 'text/html' }],
    ['mimeType', { mimeType: '' }],
  ])('%s: %j is refused', async (argument, changed) => {
    const answer = await anna.ask(CREATE_UPLOAD, { filename: 'a.png', mimeType: 'image/png', ...changed });
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    expect(answer.errors[0]?.message).toContain(argument);
  });
});

describe('cover images', () => {
  const ask = async (person: Person, tripId: string, contentType = 'image/jpeg'): Promise<Loose> =>
    (await person.data(COVER_UPLOAD, { tripId, contentType })).generateTripCoverImageUploadUrl;
  const assign = (person: Person, tripId: string, objectName: string) =>
    person.ask(ASSIGN_COVER, { tripId, objectName });

  test('are uploaded, assigned, and seen by the others', async () => {
    const { parent } = await album(anna, 0);
    const ben = await ground.person();
    await share(anna, parent.id, ben);
    const { nextCursor } = await ben.pull();
    const given = await ask(anna, parent.id);
    expect(given.objectKey).toMatch(new RegExp(`^trip-${parent.id}/cover-[0-9a-f-]{36}\\.jpg$`));
    expect((await ground.put(given.uploadUrl, 'cover')).status).toBe(200);
    const { data } = await assign(anna, parent.id, given.objectKey);
    expect(data.assignCoverImageToTrip).toMatchObject({
      id: parent.id,
      coverImageObjectName: given.objectKey,
      syncVersion: 2,
    });
    expect(await ground.get(data.assignCoverImageToTrip.coverImageUrl)).toBe('cover');
    expect((await ben.pull({ cursor: nextCursor })).trips).toMatchObject([
      { id: parent.id, coverImageObjectName: given.objectKey },
    ]);
  });

  test('need a role: a reader, a stranger and an unknown trip get the same answer', async () => {
    const { parent } = await album(anna, 0);
    const [reader, stranger] = [await ground.person(), await ground.person()];
    await share(anna, parent.id, reader, 'READ');
    const given = await ask(anna, parent.id);
    await ground.put(given.uploadUrl, 'cover');
    for (const [person, tripId] of [
      [reader, parent.id],
      [stranger, parent.id],
      [anna, randomUUID()],
    ] as const) {
      const signing = await person.ask(COVER_UPLOAD, { tripId, contentType: 'image/png' });
      const assigning = await assign(person, tripId, given.objectKey);
      expect([codeOf(signing), codeOf(assigning)]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    }
  });

  test('that never came, are of another trip, or are no pictures are refused', async () => {
    const [{ parent }, { parent: other }] = [await album(anna, 0), await album(anna, 0)];
    const [missing, elsewhere] = [await ask(anna, parent.id), await ask(anna, other.id)];
    await ground.put(elsewhere.uploadUrl, 'of the other trip');
    const { createUploadUrl: film } = await anna.data(CREATE_UPLOAD, {
      filename: 'a.mp4',
      mimeType: 'video/mp4',
    });
    await ground.put(film.uploadUrl, 'film', 'video/mp4');
    for (const name of [missing.objectKey, elsewhere.objectKey, film.objectKey, 'no such thing', '']) {
      const answer = await assign(anna, parent.id, name);
      expect([name, codeOf(answer)]).toEqual([name, 'BAD_USER_INPUT']);
      expect(answer.errors[0]?.message).toContain('objectName');
    }
    expect(await seen(anna, 'trips', parent)).toMatchObject({ coverImageObjectName: null, syncVersion: 1 });
  });

  test.each(['image/gif', 'image/svg+xml', 'video/mp4', 'text/html', ''])(
    '%s is no cover',
    async (contentType) => {
      const { parent } = await album(anna, 0);
      const answer = await anna.ask(COVER_UPLOAD, { tripId: parent.id, contentType });
      expect(codeOf(answer)).toBe('BAD_USER_INPUT');
      expect(answer.errors[0]?.message).toContain('contentType');
    },
  );

  test.each(['image/jpeg', 'image/jpg', 'image/png', 'image/webp'])('%s is one', async (contentType) => {
    const { parent } = await album(anna, 0);
    const given = await ask(anna, parent.id, contentType);
    expect((await ground.put(given.uploadUrl, 'x', contentType)).status).toBe(200);
  });
});

test('URLs of many records cost one look at the table, and none where they are not asked for', async () => {
  const { note, items } = await album(anna, 50);
  const urls = await signed(
    anna,
    items.map((item, at) => named(item, 'MediaItem', `${at}.jpg`)),
  );
  for (const [at, { uploadUrl }] of urls.entries()) {
    await ground.put(uploadUrl, `picture ${at}`);
    if (at < 3) expect(await complete(anna, named(items[at]!, 'MediaItem', `${at}.jpg`))).toBe(true);
  }
  const { files } = ground.server.fileService;
  const original = files.urlsOf;
  const asked: number[] = [];
  Object.assign(files, {
    urlsOf: (...args: Parameters<typeof original>) => {
      asked.push(args[1].length);
      return original(...args);
    },
  });
  try {
    const found = await mediaOf(anna, note);
    expect(found.filter((one: Loose) => one.downloadUrl !== null)).toHaveLength(3);
    expect(asked).toEqual([50]);
    await anna.data('query M($id: String!) { memory(id: $id) { mediaItems { id syncStatus } } }', {
      id: note.id,
    });
    expect(asked).toEqual([50]);
  } finally {
    Object.assign(files, { urlsOf: original });
  }
});

test('PUBLIC_URL is what clients are given', async () => {
  const other = await startFiles({ PUBLIC_URL: 'https://api.example.org/ackord/' });
  try {
    const person = await other.person();
    const { createUploadUrl } = await person.data(CREATE_UPLOAD, {
      filename: 'a.jpg',
      mimeType: 'image/jpeg',
    });
    expect(createUploadUrl.uploadUrl).toMatch(/^https:\/\/api\.example\.org\/ackord\/files\/media\//);
  } finally {
    await other.close();
  }
});
