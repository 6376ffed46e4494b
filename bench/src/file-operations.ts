/** The file operations of the older API, with files of some kilobytes really uploaded. */
import type { Ground, Operation } from './older-api.ts';

const PICTURE = new Uint8Array(20_000);
const GPX = `<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${Array.from(
  { length: 400 },
  (_, at) => `<trkpt lat="${48 + at / 10_000}" lon="-4"><ele>${at % 50}</ele></trkpt>`,
).join('')}</trkseg></trk></gpx>`;

interface Signed {
  readonly uploadUrl: string;
  readonly objectKey: string;
}

/** Uploads by the address that the mutation gives; the key. */
async function uploaded(
  ground: Ground,
  call: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { signed } = await ground.ask<{ signed: Signed }>(
    `mutation { signed: ${call} { uploadUrl objectKey } }`,
  );
  await fetch(signed.uploadUrl, { method: 'PUT', body, headers: { 'content-type': type } });
  return signed.objectKey;
}

const requests = ({ media }: Ground, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    entityId: media,
    entityType: 'MediaItem',
    objectName: `${at}.jpg`,
    mimeType: 'image/jpeg',
  }));

export const FILE_OPERATIONS: readonly Operation[] = [
  {
    name: 'createUploadUrl',
    text: 'mutation { createUploadUrl(filename: "a.jpg", mimeType: "image/jpeg") { uploadUrl } }',
    variables: () => ({}),
  },
  {
    name: 'getPresignedUploadUrl',
    text: '{ getPresignedUploadUrl(filename: "a.jpg", mimeType: "image/jpeg") { uploadUrl } }',
    variables: () => ({}),
  },
  {
    name: 'generateGpxUploadUrl',
    text: 'mutation { generateGpxUploadUrl(filename: "a.gpx") { uploadUrl } }',
    variables: () => ({}),
  },
  {
    name: 'getPresignedDownloadUrl',
    text: 'query($k: String!) { getPresignedDownloadUrl(objectKey: $k) { downloadUrl } }',
    variables: async (ground) => ({
      k: await uploaded(
        ground,
        'createUploadUrl(filename: "a.jpg", mimeType: "image/jpeg")',
        'image/jpeg',
        PICTURE,
      ),
    }),
  },
  {
    name: 'generateTripCoverImageUploadUrl',
    text: 'mutation($t: ID!) { generateTripCoverImageUploadUrl(tripId: $t, contentType: "image/png") { uploadUrl } }',
    variables: ({ trip }) => ({ t: trip }),
  },
  {
    name: 'assignCoverImageToTrip, 20 KB',
    text: 'mutation($t: ID!, $k: String!) { assignCoverImageToTrip(tripId: $t, objectName: $k) { coverImageUrl } }',
    variables: async (ground) => ({
      t: ground.trip,
      k: await uploaded(
        ground,
        `generateTripCoverImageUploadUrl(tripId: "${ground.trip}", contentType: "image/png")`,
        'image/png',
        PICTURE,
      ),
    }),
  },
  {
    name: 'generateBatchUploadUrls, 10',
    text: 'mutation($r: [UploadRequest!]!) { generateBatchUploadUrls(uploadRequests: $r) { uploadUrls { uploadUrl } } }',
    variables: (ground) => ({ r: requests(ground, 10) }),
  },
  {
    name: 'markFileUploadComplete, 20 KB',
    text: 'mutation($m: ID!) { markFileUploadComplete(entityId: $m, entityType: "MediaItem", objectName: "0.jpg") }',
    variables: async (ground) => {
      const text =
        'mutation($r: [UploadRequest!]!) { generateBatchUploadUrls(uploadRequests: $r) { uploadUrls { uploadUrl } } }';
      const answer = await ground.ask<{
        generateBatchUploadUrls: { uploadUrls: readonly { uploadUrl: string }[] };
      }>(text, { r: requests(ground, 1) });
      const [signed] = answer.generateBatchUploadUrls.uploadUrls;
      await fetch(signed?.uploadUrl ?? '', {
        method: 'PUT',
        body: PICTURE,
        headers: { 'content-type': 'image/jpeg' },
      });
      return { m: ground.media };
    },
  },
  {
    name: 'generateBatchDownloadUrls',
    text: 'query($m: [ID!]) { generateBatchDownloadUrls(mediaItemIds: $m) { downloadUrls { downloadUrl } } }',
    variables: ({ media }) => ({ m: [media] }),
  },
  {
    name: 'processGpxFile, 400 points',
    text: 'mutation($t: ID!, $k: String!) { processGpxFile(objectName: $k, tripId: $t, trackName: "Way") { totalDistance } }',
    variables: async (ground) => ({
      t: ground.trip,
      k: await uploaded(ground, 'generateGpxUploadUrl(filename: "a.gpx")', 'application/gpx+xml', GPX),
    }),
    goal: 'p95 ≤ 50 ms',
  },
];
