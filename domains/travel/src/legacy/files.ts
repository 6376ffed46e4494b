/**
 * The file operations of the older API: decoded, asked of the file service, encoded. Keys are made by the server and
 * bound to their user and, where it is known, to the record; what a caller may not see is left out, never named.
 */
import { normalizeUuid, type RecordState } from '@ackord/core';
import {
  badArgument,
  extensionOf,
  type GraphQLContext,
  nameProblem,
  type Resolver,
  requireActor,
  type UploadAsk,
  type WantedUrl,
} from '@ackord/server';
import { assignCoverImageToTrip, generateTripCoverImageUploadUrl } from './cover-images.ts';
import { boundedList, checkedName, checkedType, secondsOf } from './file-arguments.ts';
import { askFor, ownerOf, SLOTS, slotOf } from './file-slots.ts';
import type { Operations } from './operations.ts';
import { FILES_SDL } from './sdl/files.ts';
import { completeUpload } from './settle-files.ts';
import {
  callerOf,
  createUploadUrl,
  generateGpxUploadUrl,
  getPresignedDownloadUrl,
  tooMany,
} from './single-files.ts';
import { fillFromFile } from './track-file.ts';

interface UploadRequest {
  readonly entityId: string;
  readonly entityType: string;
  readonly objectName: string;
  readonly mimeType: string;
}

type Batch = { readonly uploadRequests: readonly UploadRequest[]; readonly expiresIn?: number | null };

const generateBatchUploadUrls: Resolver<unknown, Batch> = async (_source, args, context) => {
  const caller = callerOf(context);
  const seconds = secondsOf(args.expiresIn);
  boundedList('uploadRequests', args.uploadRequests.length);
  const asks = args.uploadRequests.flatMap((request, index) => {
    const ask = askOf(context, request, `uploadRequests[${index}]`);
    return ask ? [{ request, ask }] : [];
  });
  const signed = await context.files.signUploads(
    caller,
    asks.map(({ ask }) => ask),
    seconds,
  );
  if (signed === 'too-many') throw tooMany();
  const uploadUrls = asks.flatMap(({ request: { entityId, entityType, objectName } }, index) => {
    const upload = signed[index];
    return upload ? [{ entityId, entityType, objectName, uploadUrl: upload.url, expiresIn: seconds }] : [];
  });
  return { uploadUrls, generatedAt: Date.now() };
};

/** null: the id can't be one of ours. Apps send their own, and take what they get. */
function askOf(context: GraphQLContext, request: UploadRequest, at: string): UploadAsk | null {
  const { entityId, entityType, objectName, mimeType } = request;
  const slot = SLOTS.get(entityType);
  if (!slot) throw badArgument(`${at}.entityType`, `must be one of ${[...SLOTS.keys()].join(', ')}`);
  const name = checkedName(`${at}.objectName`, objectName);
  const contentType = checkedType(`${at}.mimeType`, mimeType, slot);
  const id = normalizeUuid(entityId);
  if (id === null) return null;
  const owner = ownerOf(slot, context.wire.name, id);
  return askFor(slot, owner, { name, extension: extensionOf(name), contentType });
}

type Completed = { readonly entityId: string; readonly entityType: string; readonly objectName: string };

const markFileUploadComplete: Resolver<unknown, Completed> = async (_source, args, context) => {
  requireActor(context);
  const slot = SLOTS.get(args.entityType);
  const id = normalizeUuid(args.entityId);
  if (!slot || id === null || nameProblem(args.objectName) !== null) return false;
  try {
    const record = await completeUpload(context, slot, id, args.objectName);
    if (record && slot.entityType === 'GPXTrack') await fillFromFile(context, record);
    return record !== null;
  } catch {
    // Apps know no other answer than yes or no, and ask again later.
    return false;
  }
};

type Downloads = {
  readonly mediaItemIds?: readonly string[] | null;
  readonly gpxTrackIds?: readonly string[] | null;
  readonly expiresIn?: number | null;
};

const generateBatchDownloadUrls: Resolver<unknown, Downloads> = async (_source, args, context) => {
  const caller = callerOf(context);
  const seconds = secondsOf(args.expiresIn);
  const mediaItemIds = args.mediaItemIds ?? [];
  const gpxTrackIds = args.gpxTrackIds ?? [];
  boundedList('mediaItemIds', mediaItemIds.length);
  boundedList('gpxTrackIds', gpxTrackIds.length);
  const records = await recordsOf(context, { MediaItem: mediaItemIds, GPXTrack: gpxTrackIds });
  const wanted = [
    ...mediaItemIds.flatMap((id) =>
      wishes(records.get(`MediaItem ${id}`), ['MediaItem', 'MediaItemThumbnail'], id),
    ),
    ...gpxTrackIds.flatMap((id) => wishes(records.get(`GPXTrack ${id}`), ['GPXTrack'], id)),
  ].map((wish) => ({ ...wish, seconds }));
  const found = await context.files.urlsOf(caller.base, wanted);
  const downloadUrls = wanted.flatMap(({ entityId, entityType }, index) => {
    const one = found[index];
    return one
      ? [{ entityId, entityType, objectName: one.file.name, downloadUrl: one.url, expiresIn: seconds }]
      : [];
  });
  return { downloadUrls, generatedAt: Date.now() };
};

/** By type and id, as they were given; in one read. */
async function recordsOf(
  context: GraphQLContext,
  ids: Readonly<Record<'MediaItem' | 'GPXTrack', readonly string[]>>,
): Promise<ReadonlyMap<string, RecordState>> {
  const { engine, wire } = context;
  const keys = Object.entries(ids).flatMap(([name, list]) =>
    list.flatMap((given) => {
      const id = normalizeUuid(given);
      return id === null ? [] : [{ type: `${wire.name}.${name}`, id, given: `${name} ${given}` }];
    }),
  );
  if (keys.length === 0) return new Map();
  const records = await engine.records(requireActor(context), keys);
  const byKey = new Map(records.map((record) => [`${record.type} ${record.id}`, record]));
  return new Map(
    keys.flatMap(({ type, id, given }) => {
      const record = byKey.get(`${type} ${id}`);
      return record ? [[given, record] as const] : [];
    }),
  );
}

type Wish = Omit<WantedUrl, 'seconds'> & { readonly entityId: string; readonly entityType: string };

function wishes(
  record: RecordState | undefined,
  entityTypes: readonly ('MediaItem' | 'MediaItemThumbnail' | 'GPXTrack')[],
  entityId: string,
): Wish[] {
  if (!record) return [];
  return entityTypes.map((entityType) => ({ record, field: slotOf(entityType).field, entityId, entityType }));
}

export const fileOperations: Operations = {
  sdl: FILES_SDL,
  resolvers: {
    Query: { getPresignedUploadUrl: createUploadUrl, getPresignedDownloadUrl, generateBatchDownloadUrls },
    Mutation: {
      createUploadUrl,
      generateGpxUploadUrl,
      generateTripCoverImageUploadUrl,
      assignCoverImageToTrip,
      generateBatchUploadUrls,
      markFileUploadComplete,
    },
  },
};
