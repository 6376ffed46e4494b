/** The way of a file where files are kept in S3: the same calls, and URLs that lead to the store. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type S3Server, startS3 } from '../../packages/server/tests/files/s3-server.ts';
import { codeOf, journalOf, type Person, pushed, remove, seen } from '../gaps/ground.ts';
import {
  CREATE_UPLOAD,
  complete,
  DOWNLOAD_QUERY,
  downloads,
  type FileGround,
  named,
  sha256,
  signed,
  startFiles,
  upload,
} from './file-ground.ts';

let s3: S3Server;
let ground: FileGround;
let anna: Person;
beforeAll(async () => {
  s3 = await startS3();
  const { settings } = s3;
  ground = await startFiles({
    S3_ENDPOINT: settings.endpoint,
    S3_BUCKET: settings.bucket,
    S3_ACCESS_KEY_ID: settings.accessKeyId,
    S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
  });
  anna = await ground.person();
});
afterAll(async () => {
  await ground.close();
  await s3.close();
});

test('an upload, its completion, its download', async () => {
  const { picture } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'in the bucket');
  expect(await seen(anna, 'mediaItems', picture)).toMatchObject({ syncStatus: 'IN_SYNC', syncVersion: 2 });
  const [{ downloadUrl }] = await downloads(anna, [picture.id]);
  expect(downloadUrl).toMatch(new RegExp(`^${s3.settings.endpoint}/journal/media/`));
  expect(await ground.get(downloadUrl)).toBe('in the bucket');
  const rows = await ground.sql('SELECT size, sha256 FROM file WHERE entity_id = $1', [picture.id]);
  expect(rows).toEqual([{ size: '13', sha256: sha256('in the bucket') }]);
});

test('a tampered URL is refused by the store, and nothing counts as uploaded', async () => {
  const { picture } = await journalOf(anna);
  const [{ uploadUrl }] = await signed(anna, [named(picture)]);
  const forged = uploadUrl.replace(
    /Signature=(.)/,
    (_all: string, digit: string) => `Signature=${digit === '0' ? '1' : '0'}`,
  );
  expect((await ground.put(forged, 'x')).status).toBe(403);
  expect((await ground.put(uploadUrl, '<html>', 'text/html')).status).toBe(403);
  expect(await complete(anna, named(picture))).toBe(false);
});

test('what is larger than it may be does not count, though the store took it', async () => {
  const { picture } = await journalOf(anna);
  const [{ uploadUrl }] = await signed(anna, [named(picture)]);
  expect((await ground.put(uploadUrl, 'x'.repeat(2000))).status).toBe(200);
  await ground.sql('UPDATE file SET size_max = 1999 WHERE entity_id = $1', [picture.id]);
  expect(await complete(anna, named(picture))).toBe(false);
  await ground.sql('UPDATE file SET size_max = 2000 WHERE entity_id = $1', [picture.id]);
  expect(await complete(anna, named(picture))).toBe(true);
});

test('what nobody uses is removed from the bucket', async () => {
  const { picture } = await journalOf(anna);
  await upload(ground, anna, named(picture), 'x');
  const [{ downloadUrl }] = await downloads(anna, [picture.id]);
  await pushed(anna, { mediaItems: [remove(picture.id, 2)] });
  const late = `check_at = now() - interval '1 minute'`;
  await ground.sql(`UPDATE file SET ${late} WHERE entity_id = $1`, [picture.id]);
  expect(await ground.server.fileService.sweep.run()).toBe(0);
  await ground.sql(`UPDATE file SET ${late}, orphaned_at = now() - interval '31 days' WHERE entity_id = $1`, [
    picture.id,
  ]);
  expect(await ground.server.fileService.sweep.run()).toBe(1);
  expect((await fetch(downloadUrl)).status).toBe(404);
});

test('a store that is away: not now, and no word of it', async () => {
  const away = await startFiles({
    S3_ENDPOINT: 'http://127.0.0.1:1',
    S3_BUCKET: 'journal',
    S3_ACCESS_KEY_ID: 'id',
    S3_SECRET_ACCESS_KEY: 'secret',
  });
  try {
    const person = await away.person();
    // Signing needs no store.
    const { createUploadUrl } = await person.data(CREATE_UPLOAD, {
      filename: 'a.jpg',
      mimeType: 'image/jpeg',
    });
    const answer = await person.ask(DOWNLOAD_QUERY, { objectKey: createUploadUrl.objectKey });
    expect([answer.status, codeOf(answer), answer.data]).toEqual([200, 'UNAVAILABLE', null]);
    expect(JSON.stringify(answer)).not.toContain('127.0.0.1');
    expect(await complete(person, named({ id: randomUUID() }))).toBe(false);
  } finally {
    await away.close();
  }
});
