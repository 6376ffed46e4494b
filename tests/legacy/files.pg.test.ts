/** Uploading and downloading files as apps do it: over a real connection, since bodies are streams. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Ground,
  journalOf,
  type Loose,
  media,
  memory,
  type Person,
  pushed,
  seen,
  share,
  startTravel,
  track,
  trip,
  update,
} from '../gaps/ground.ts';

let ground: Ground;
let base: string;
beforeAll(async () => {
  ground = await startTravel();
  base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => ground.close());

/** URLs are signed for the address that the request named; here they have to lead to the port. */
const here = (url: string): string => url.replace(/^http:\/\/[^/]+/, base);

const UPLOADS = `mutation U($requests: [UploadRequest!]!, $expiresIn: Int) {
  generateBatchUploadUrls(uploadRequests: $requests, expiresIn: $expiresIn) {
    uploadUrls { entityId entityType objectName uploadUrl expiresIn } generatedAt } }`;
const DONE = `mutation D($entityId: ID!, $entityType: String!, $objectName: String!) {
  markFileUploadComplete(entityId: $entityId, entityType: $entityType, objectName: $objectName) }`;
const DOWNLOADS = `query G($mediaItemIds: [ID!], $gpxTrackIds: [ID!], $expiresIn: Int) {
  generateBatchDownloadUrls(mediaItemIds: $mediaItemIds, gpxTrackIds: $gpxTrackIds, expiresIn: $expiresIn) {
    downloadUrls { entityId entityType objectName downloadUrl expiresIn } generatedAt } }`;

test('upload, complete, download', async () => {
  const anna = await ground.person();
  const { picture } = await journalOf(anna);
  const request = {
    entityId: picture.id,
    entityType: 'MediaItem',
    objectName: 'a.jpg',
    mimeType: 'image/jpeg',
  };
  const { generateBatchUploadUrls: up } = await anna.data(UPLOADS, { requests: [request] });
  const [{ uploadUrl }] = up.uploadUrls;
  expect((await seen(anna, 'mediaItems', picture)).syncStatus).toBe('FILES_PENDING');
  const bytes = randomBytes(300_000);
  const put = await fetch(here(uploadUrl), {
    method: 'PUT',
    body: bytes,
    headers: { 'content-type': 'image/jpeg' },
  });
  expect([put.status, await put.text()]).toEqual([200, '']);
  expect((await anna.data(DONE, request)).markFileUploadComplete).toBe(true);
  expect((await seen(anna, 'mediaItems', picture)).syncStatus).toBe('IN_SYNC');
  const { generateBatchDownloadUrls: down } = await anna.data(DOWNLOADS, { mediaItemIds: [picture.id] });
  const got = await fetch(here(down.downloadUrls[0].downloadUrl));
  expect(got.status).toBe(200);
  expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
});
