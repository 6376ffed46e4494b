/** Files as apps handle them: signed URLs by GraphQL, bytes over a real connection. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { type Ground, type Loose, type Person, startTravel } from '../gaps/ground.ts';

export const UPLOADS = `mutation U($requests: [UploadRequest!]!, $expiresIn: Int) {
  generateBatchUploadUrls(uploadRequests: $requests, expiresIn: $expiresIn) {
    uploadUrls { entityId entityType objectName uploadUrl expiresIn } generatedAt } }`;
export const COMPLETE = `mutation D($entityId: ID!, $entityType: String!, $objectName: String!) {
  markFileUploadComplete(entityId: $entityId, entityType: $entityType, objectName: $objectName) }`;
export const DOWNLOADS = `query G($mediaItemIds: [ID!], $gpxTrackIds: [ID!], $expiresIn: Int) {
  generateBatchDownloadUrls(mediaItemIds: $mediaItemIds, gpxTrackIds: $gpxTrackIds, expiresIn: $expiresIn) {
    downloadUrls { entityId entityType objectName downloadUrl expiresIn } generatedAt } }`;
const SINGLE = 'uploadUrl downloadUrl expiresIn objectKey';
export const CREATE_UPLOAD = `mutation C($filename: String!, $mimeType: String) { createUploadUrl(filename: $filename, mimeType: $mimeType) { ${SINGLE} } }`;
export const CREATE_UPLOAD_PLAIN = `mutation C($filename: String!) { createUploadUrl(filename: $filename) { ${SINGLE} } }`;
export const UPLOAD_QUERY = `query C($filename: String!, $mimeType: String!) { getPresignedUploadUrl(filename: $filename, mimeType: $mimeType) { ${SINGLE} } }`;
export const GPX_UPLOAD = `mutation C($filename: String!) { generateGpxUploadUrl(filename: $filename) { ${SINGLE} } }`;
export const DOWNLOAD_QUERY = `query C($objectKey: String!) { getPresignedDownloadUrl(objectKey: $objectKey) { ${SINGLE} } }`;
export const COVER_UPLOAD = `mutation C($tripId: ID!, $contentType: String!) { generateTripCoverImageUploadUrl(tripId: $tripId, contentType: $contentType) { ${SINGLE} } }`;
export const ASSIGN_COVER = `mutation C($tripId: ID!, $objectName: String!) { assignCoverImageToTrip(tripId: $tripId, objectName: $objectName) { id coverImageObjectName coverImageUrl syncVersion } }`;

export interface FileGround extends Ground {
  /** Where it listens. */
  readonly base: string;
  /** The URL as it leads to this server: requests here name no port. */
  here(url: string): string;
  put(url: string, body: string | Buffer, type?: string): Promise<Response>;
  get(url: string): Promise<string>;
}

export async function startFiles(environment: Record<string, string> = {}): Promise<FileGround> {
  const ground = await startTravel(environment);
  const base = await ground.server.app.listen({ port: 0, host: '127.0.0.1' });
  const here = (url: string): string => url.replace(/^http:\/\/localhost(:80)?\//, `${base}/`);
  return {
    ...ground,
    base,
    here,
    put: (url, body, type = 'image/jpeg') =>
      fetch(here(url), { method: 'PUT', body, headers: { 'content-type': type } }),
    async get(url) {
      const answer = await fetch(here(url));
      expect(answer.status).toBe(200);
      return answer.text();
    },
  };
}

export interface Named {
  readonly entityId: string;
  readonly entityType: string;
  readonly objectName: string;
}

export const named = ({ id }: { id: string }, entityType = 'MediaItem', objectName = 'a.jpg'): Named => ({
  entityId: id,
  entityType,
  objectName,
});

/** The URLs that were given, for requests in order. */
export async function signed(
  person: Person,
  requests: readonly Named[],
  mimeType = 'image/jpeg',
): Promise<Loose[]> {
  const { generateBatchUploadUrls } = await person.data(UPLOADS, {
    requests: requests.map((request) => ({ ...request, mimeType })),
  });
  return generateBatchUploadUrls.uploadUrls;
}

export const complete = async (person: Person, file: Named): Promise<boolean> =>
  (await person.data(COMPLETE, { ...file })).markFileUploadComplete;

/** The whole way: URL, bytes, completion. */
export async function upload(
  ground: FileGround,
  person: Person,
  file: Named,
  body: string | Buffer,
): Promise<void> {
  const [{ uploadUrl }] = await signed(person, [file]);
  expect((await ground.put(uploadUrl, body)).status).toBe(200);
  expect(await complete(person, file)).toBe(true);
}

export const downloads = async (
  person: Person,
  mediaItemIds: string[],
  gpxTrackIds: string[] = [],
): Promise<Loose[]> =>
  (await person.data(DOWNLOADS, { mediaItemIds, gpxTrackIds })).generateBatchDownloadUrls.downloadUrls;

export const sha256 = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex');
