/** Files that nobody uses go, after their grace; all others stay. Time is moved by hand, in the table. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../packages/server/src/store/database.ts';
import { createFileTable } from '../../packages/server/src/store/files.ts';
import {
  journalOf,
  type Loose,
  type Person,
  pushed,
  remove,
  share,
  unshare,
  update,
} from '../gaps/ground.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import {
  CREATE_UPLOAD,
  complete,
  downloads,
  type FileGround,
  named,
  signed,
  startFiles,
  upload,
} from './file-ground.ts';

let folder: TempFolder;
let ground: FileGround;
let anna: Person;
beforeAll(async () => {
  folder = await makeTempFolder('ackord-sweep');
  ground = await startFiles({ FILES_DIR: folder.path, FILE_GRACE_DAYS: '30' });
  anna = await ground.person();
});
afterAll(async () => {
  await ground.close();
  await folder.remove();
});
beforeEach(() => ground.sql('DELETE FROM file'));

const sweep = (): Promise<number> => ground.server.fileService.sweep.run();
/** All that is known of files is so much older now. */
const pass = (days: number): Promise<Loose> =>
  ground.sql(
    `UPDATE file SET check_at = check_at - $1 * interval '1 day', expires_at = expires_at - $1 * interval '1 day',
      orphaned_at = orphaned_at - $1 * interval '1 day'`,
    [days],
  );
const keys = async (): Promise<string[]> =>
  (await ground.sql('SELECT key FROM file ORDER BY key')).map(({ key }) => key);
const isStored = (key: string): Promise<boolean> =>
  access(join(folder.path, key)).then(
    () => true,
    () => false,
  );
const onlyKey = async (): Promise<string> => {
  const [key = '', ...more] = await keys();
  expect(more).toEqual([]);
  return key;
};
/** Sweeps once a day for so many days; how many files went. */
async function live(days: number): Promise<number> {
  let gone = 0;
  for (let day = 0; day < days; day += 1) {
    await pass(1);
    gone += await sweep();
  }
  return gone;
}

test('a file that its record names stays for ever', async () => {
  const { picture } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'kept');
  const key = await onlyKey();
  expect(await live(70)).toBe(0);
  expect([await keys(), await isStored(key)]).toEqual([[key], true]);
  expect(await downloads(anna, [picture.id])).toHaveLength(1);
});

test('an upload that never came, and one that was never completed', async () => {
  const { picture, way } = await journalOf(anna);
  await signed(anna, [named(picture)]);
  const [{ uploadUrl }] = await signed(anna, [named(way, 'GPXTrack', 'a.gpx')], 'text/xml');
  await ground.put(uploadUrl, '<gpx/>', 'text/xml');
  expect(await live(29)).toBe(0);
  // It may still be completed, long after the URL has expired.
  expect(await complete(anna, named(way, 'GPXTrack', 'a.gpx'))).toBe(true);
  expect(await live(3)).toBe(1);
  expect(await keys()).toHaveLength(1);
});

test('a file that no record ever named', async () => {
  const { createUploadUrl: given } = await anna.data(CREATE_UPLOAD, {
    filename: 'a.jpg',
    mimeType: 'image/jpeg',
  });
  await ground.put(given.uploadUrl, 'x');
  expect([await live(29), await isStored(given.objectKey)]).toEqual([0, true]);
  expect([await live(3), await isStored(given.objectKey)]).toEqual([1, false]);
  expect(await keys()).toEqual([]);
});

test('a file whose record was deleted, with all that lay under it', async () => {
  const { picture, parent } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'x');
  const key = await onlyKey();
  await pushed(anna, { trips: [remove(parent.id, 1)] });
  expect([await live(30), await isStored(key)]).toEqual([0, true]);
  expect([await live(3), await isStored(key), await keys()]).toEqual([1, false, []]);
});

test('a file of a trip that was closed by one event, without a tombstone for each record', async () => {
  const { picture, parent } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'x');
  await ground.sql('UPDATE scope SET closed_at = now() WHERE id = $1', [`trip:${parent.id}`]);
  expect(await live(33)).toBe(1);
});

test('a file whose record names another one by now, and the one that was replaced', async () => {
  const { picture } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'first');
  await upload(ground, anna, named(picture), 'again, under the same name');
  await upload(ground, anna, named(picture, 'MediaItem', 'b.jpg'), 'second');
  expect(await keys()).toHaveLength(3);
  expect(await live(33)).toBe(2);
  const [one] = await downloads(anna, [picture.id]);
  expect(await ground.get(one.downloadUrl)).toBe('second');
});

test('a record that comes back in time finds its file', async () => {
  const { picture } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'x');
  await pushed(anna, { mediaItems: [update(picture.id, 2, { objectName: 'b.jpg' })] });
  expect(await live(20)).toBe(0);
  await pushed(anna, { mediaItems: [update(picture.id, 3, { objectName: 'a.jpg' })] });
  expect(await live(20)).toBe(0);
  // The count begins anew.
  await pushed(anna, { mediaItems: [update(picture.id, 4, { objectName: 'b.jpg' })] });
  expect(await live(20)).toBe(0);
  expect(await live(13)).toBe(1);
});

test('that a member leaves takes no file of the trip', async () => {
  const { picture, parent } = await journalOf(anna);
  const ben = await ground.person();
  await share(anna, parent.id, ben, 'WRITE');
  await upload(ground, ben, named(picture), 'by a guest');
  await unshare(anna, parent.id, ben);
  expect(await live(40)).toBe(0);
  expect(await downloads(anna, [picture.id])).toHaveLength(1);
});

test('a record that moved to another trip keeps its file', async () => {
  const { picture, note } = await journalOf(anna);
  const other = await journalOf(anna);
  await upload(ground, anna, named(picture), 'x');
  await pushed(anna, { memories: [update(note.id, 1, { tripId: other.parent.id })] });
  expect(await live(40)).toBe(0);
  expect(await downloads(anna, [picture.id])).toHaveLength(1);
});

test('a removal that broke off is ended by the next sweep', async () => {
  const { createUploadUrl: given } = await anna.data(CREATE_UPLOAD, {
    filename: 'a.jpg',
    mimeType: 'image/jpeg',
  });
  await ground.put(given.uploadUrl, 'x');
  await ground.sql(`UPDATE file SET state = 'removing', check_at = now() - interval '1 minute'`);
  expect(await sweep()).toBe(1);
  expect([await keys(), await isStored(given.objectKey)]).toEqual([[], false]);
});

test('what is on its way out can be neither uploaded, completed nor downloaded', async () => {
  const { createUploadUrl: given } = await anna.data(CREATE_UPLOAD, {
    filename: 'a.jpg',
    mimeType: 'image/jpeg',
  });
  await ground.put(given.uploadUrl, 'x');
  const { picture } = await journalOf(anna);
  await ground.sql(`UPDATE file SET state = 'removing'`);
  expect((await ground.put(given.uploadUrl, 'y')).status).toBe(403);
  expect(await complete(anna, named(picture, 'MediaItem', given.objectKey))).toBe(false);
});

test('two servers that sweep at once share the work', async () => {
  const journals = await Promise.all(Array.from({ length: 20 }, () => journalOf(anna)));
  for (const { picture } of journals) await signed(anna, [named(picture)]);
  await pass(40);
  const { database } = ground.server;
  const opened = openDatabase({
    url: database.appUrl,
    poolMax: 4,
    role: null,
    statementMsMax: 10_000,
    log: () => {},
  });
  try {
    const table = createFileTable(opened);
    const taken = await Promise.all([1, 2, 3, 4].map(() => table.claimDue(8)));
    const all = taken.flat().map(({ key }) => key);
    expect([all.length, new Set(all).size]).toEqual([20, 20]);
    // Nobody else takes them for a while.
    expect(await table.claimDue(8)).toEqual([]);
  } finally {
    await opened.close();
  }
});
