/** Stored files as the server itself reads them, for whoever asks: after the same checks as a download. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FileOwner } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, journalOf, type Loose, media, type Person, pushed, share, update } from '../gaps/ground.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import {
  CREATE_UPLOAD,
  DOWNLOAD_QUERY,
  downloads,
  type FileGround,
  GPX_UPLOAD,
  named,
  sha256,
  signed,
  startFiles,
  upload,
} from './file-ground.ts';

let folder: TempFolder;
let ground: FileGround;
let anna: Person;
let eve: Person;
beforeAll(async () => {
  folder = await makeTempFolder('ackord-open');
  ground = await startFiles({ FILES_DIR: folder.path });
  [anna, eve] = [await ground.person(), await ground.person()];
});
afterAll(async () => {
  await ground.close();
  await folder.remove();
});

async function read(person: Person, name: string, owner?: FileOwner): Promise<Loose> {
  const { files } = ground.server.fileService;
  const file = await files.open({ userId: person.userId }, { name, ...(owner && { owner }) });
  return file && { ...file, stream: await text(file.stream) };
}

const trackFile = (id: string): FileOwner => ({ type: 'travel.GPXTrack', id, field: 'gpxFileObjectName' });

const looseTrack = async (person: Person, body: string): Promise<string> => {
  const { generateGpxUploadUrl: given } = await person.data(GPX_UPLOAD, { filename: 'a.gpx' });
  expect((await ground.put(given.uploadUrl, body, 'application/gpx+xml')).status).toBe(200);
  return given.objectKey;
};

test('an upload without a record is its uploader’s alone, also when it was looked at', async () => {
  const key = await looseTrack(anna, '<gpx/>');
  expect(await read(eve, key)).toBeNull();
  expect(await read(anna, key)).toMatchObject({
    stream: '<gpx/>',
    size: 6,
    sha256: sha256('<gpx/>'),
    contentType: 'application/gpx+xml',
  });
  expect(await read(eve, key)).toBeNull();
  expect(codeOf(await eve.ask(DOWNLOAD_QUERY, { objectKey: key }))).toBe('FORBIDDEN');
});

test('the file of a record is for those who see the record', async () => {
  const { way, parent } = await journalOf(anna);
  const file = named(way, 'GPXTrack', 'day.gpx');
  await upload(ground, anna, file, '<gpx>a</gpx>');
  expect(await read(eve, 'day.gpx', trackFile(way.id))).toBeNull();
  await share(anna, parent.id, eve);
  expect((await read(eve, 'day.gpx', trackFile(way.id))).stream).toBe('<gpx>a</gpx>');
  // By its name alone, by another name, of another field or record it is nothing.
  expect(await read(anna, 'day.gpx')).toBeNull();
  expect(await read(anna, 'other.gpx', trackFile(way.id))).toBeNull();
  expect(await read(anna, 'day.gpx', { ...trackFile(way.id), field: 'name' })).toBeNull();
  expect(await read(anna, 'day.gpx', trackFile(randomUUID()))).toBeNull();
});

test('a record that names a fresh upload of the caller', async () => {
  const { way } = await journalOf(anna);
  const key = await looseTrack(anna, '<gpx>fresh</gpx>');
  await pushed(anna, { gpxTracks: [update(way.id, 1, { gpxFileObjectName: key })] });
  expect((await read(anna, key, trackFile(way.id))).stream).toBe('<gpx>fresh</gpx>');
  // It is the record's now.
  const rows = await ground.sql('SELECT entity_id, state FROM file WHERE key = $1', [key]);
  expect(rows).toEqual([{ entity_id: way.id, state: 'complete' }]);
});

test('a record that names somebody else’s upload', async () => {
  const { way, parent } = await journalOf(anna);
  await share(anna, parent.id, eve, 'WRITE');
  const key = await looseTrack(anna, '<gpx>hers</gpx>');
  const { way: own } = await journalOf(eve);
  await pushed(eve, { gpxTracks: [update(own.id, 1, { gpxFileObjectName: key })] });
  expect(await read(eve, key, trackFile(own.id))).toBeNull();
  await pushed(eve, { gpxTracks: [update(way.id, 1, { gpxFileObjectName: key })] });
  expect(await read(eve, key, trackFile(way.id))).toBeNull();
});

test('nothing that never came', async () => {
  const { createUploadUrl } = await anna.data(CREATE_UPLOAD, { filename: 'a.jpg', mimeType: 'image/jpeg' });
  expect(await read(anna, createUploadUrl.objectKey)).toBeNull();
  const { picture } = await journalOf(anna);
  await signed(anna, [named(picture)]);
  expect(
    await read(anna, 'a.jpg', { type: 'travel.MediaItem', id: picture.id, field: 'objectName' }),
  ).toBeNull();
});

describe('moved in from elsewhere', () => {
  /** Lies in the store, and no row knows of it. */
  const foreign = async (body: string): Promise<string> => {
    const key = `mediaitem/1751_${randomUUID().slice(0, 8)}.jpg`;
    await mkdir(join(folder.path, 'mediaitem'), { recursive: true });
    await writeFile(join(folder.path, key), body);
    return key;
  };
  const adopt = (key: string, { id }: { id: string }, scope: string) =>
    ground.server.fileService.files.adopt({
      key,
      owner: { type: 'travel.MediaItem', id, field: 'objectName' },
      scope,
      userId: anna.userId,
      contentType: 'image',
      sizeMax: 100,
    });

  test('a file is adopted for the record that names it, once', async () => {
    const { note, parent } = await journalOf(anna);
    const key = await foreign('from there');
    const [item, other] = [media(note.id, { objectName: key }), media(note.id, { objectName: key })];
    await pushed(anna, { mediaItems: [item, other] });
    const scope = `trip:${parent.id}`;
    const file = await adopt(key, item, scope);
    expect(file).toMatchObject({ key, name: key, size: 10, sha256: sha256('from there') });
    expect(await adopt(key, item, scope)).toEqual(file);
    expect(await adopt(key, other, scope)).toBeNull();
    const given = await downloads(anna, [item.id, other.id]);
    expect(given.map(({ entityId }) => entityId)).toEqual([item.id]);
    expect(await ground.get(given[0].downloadUrl)).toBe('from there');
  });

  test('what is not there, or too large, leaves no trace', async () => {
    const { picture, parent } = await journalOf(anna);
    const scope = `trip:${parent.id}`;
    const large = await foreign('x'.repeat(101));
    for (const key of [large, 'media/none.jpg', '../outside', 'a\u0000b'])
      expect([key, await adopt(key, picture, scope)]).toEqual([key, null]);
    expect(await ground.sql('SELECT key FROM file WHERE entity_id = $1', [picture.id])).toEqual([]);
  });
});
