/** Files that were copied into the store under the keys of the older server: found, bound, and told to the records. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { adoptFiles } from '@ackord/travel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journalOf, type Loose, media, type Person, pushed, seen, update } from '../gaps/ground.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { downloads, type FileGround, sha256, startFiles } from './file-ground.ts';

let folder: TempFolder;
let ground: FileGround;
let anna: Person;
beforeAll(async () => {
  folder = await makeTempFolder('ackord-adopt');
  ground = await startFiles({ FILES_DIR: folder.path });
  anna = await ground.person();
});
afterAll(async () => {
  await ground.close();
  await folder.remove();
});

async function copied(key: string): Promise<void> {
  await mkdir(dirname(join(folder.path, key)), { recursive: true });
  await writeFile(join(folder.path, key), `content of ${key}`);
}

const adopt = (records: readonly { readonly id: string; readonly entityType: Loose }[]) => {
  const { engine, fileService } = ground.server;
  const mine = records.map(({ id, entityType }) => ({ id, entityType, actor: anna.userId }));
  return adoptFiles({ engine, files: fileService.files, domain: 'travel' }, mine);
};

test('what is there is taken over, what is missing is counted, and a second run finds the rest', async () => {
  const { parent, note, way } = await journalOf(anna);
  const key = (name: string): string => `mediaitem/1751_${name}.jpg`;
  const [one, two, lost] = ['one', 'two', 'lost'].map((name) =>
    media(note.id, { objectName: key(name), thumbnailObjectName: name === 'one' ? key('small') : null }),
  ) as [Loose, Loose, Loose];
  await pushed(anna, {
    mediaItems: [one, two, lost],
    trips: [update(parent.id, 1, { coverImageObjectName: 'trip-1/cover-1.jpg' })],
    gpxTracks: [update(way.id, 1, { gpxFileObjectName: 'gpx/day.gpx' })],
  });
  const records = [
    ...[one, two, lost].map(({ id }) => ({ id, entityType: 'MediaItem' })),
    { id: parent.id, entityType: 'Trip' },
    { id: way.id, entityType: 'GPXTrack' },
  ];
  for (const name of [key('one'), key('small'), 'trip-1/cover-1.jpg', 'gpx/day.gpx']) await copied(name);

  const { nextCursor } = await anna.pull();
  expect(await adopt(records)).toEqual({ here: 4, missing: 2 });
  // Other devices learn of it; what the record has anyway moves nothing.
  const page = await anna.pull({ cursor: nextCursor });
  expect(
    [page.mediaItems, page.gpxTracks, page.trips].map((list: Loose[]) => list.map(({ id }) => id)),
  ).toEqual([[one.id], [way.id], []]);
  expect(page.mediaItems[0]).toMatchObject({ syncStatus: 'IN_SYNC', syncVersion: 2 });
  const given = await downloads(anna, [one.id, two.id], [way.id]);
  expect(given.map(({ entityType, objectName }) => [entityType, objectName])).toEqual([
    ['MediaItem', key('one')],
    ['MediaItemThumbnail', key('small')],
    ['GPXTrack', 'gpx/day.gpx'],
  ]);
  expect(await ground.get(given[0].downloadUrl)).toBe(`content of ${key('one')}`);
  const rows = await ground.sql('SELECT sha256 FROM file WHERE key = $1', [key('one')]);
  expect(rows).toEqual([{ sha256: sha256(`content of ${key('one')}`) }]);

  await copied(key('two'));
  expect(await adopt(records)).toEqual({ here: 5, missing: 1 });
  expect(await seen(anna, 'mediaItems', one)).toMatchObject({ syncVersion: 2 });
  expect(await seen(anna, 'mediaItems', two)).toMatchObject({ syncStatus: 'IN_SYNC' });
  expect(await seen(anna, 'mediaItems', lost)).toMatchObject({ syncStatus: 'FILES_PENDING' });
});

test('in the name of somebody who sees nothing, nothing happens', async () => {
  const { picture } = await journalOf(await ground.person());
  await copied('media/foreign.jpg');
  expect(await adopt([{ id: picture.id, entityType: 'MediaItem' }])).toEqual({ here: 0, missing: 0 });
});
