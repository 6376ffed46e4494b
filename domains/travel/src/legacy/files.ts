/**
 * The file operations of the older API: decoded, asked of the file service, encoded. Keys are made by the server and
 * bound to their user and, where it is known, to the record; what a caller may not see is left out, never named.
 */
import { LIMITS, normalizeUuid, type RecordState, roleReaches } from '@ackord/core';
import {
  acceptedType,
  type CallRefused,
  extensionOf,
  type FileCaller,
  type GraphQLContext,
  nameProblem,
  type Resolver,
  refusal,
  requireActor,
  type SignedUpload,
  TYPE_RULE,
  type UploadAsk,
  type WantedUrl,
} from '@ackord/server';
import { askFor, type FileSlot, ownerOf, SLOTS, slotOf } from './file-slots.ts';
import type { Operations } from './operations.ts';
import { existing } from './read-one.ts';
import { FILES_SDL } from './sdl/files.ts';
import { completeUpload } from './settle-files.ts';
import { fillFromFile } from './track-file.ts';

interface UploadRequest {
  readonly entityId: string;
  readonly entityType: string;
  readonly objectName: string;
  readonly mimeType: string;
}

const callerOf = (context: GraphQLContext): FileCaller => ({
  actor: requireActor(context),
  base: context.origin,
});

const badInput = (argument: string, rule: string): CallRefused =>
  refusal('BAD_USER_INPUT', `${argument} ${rule}.`);

function secondsOf(expiresIn: number | null | undefined): number {
  const { fileUrlSecondsDefault, fileUrlSecondsMax } = LIMITS;
  const seconds = expiresIn ?? fileUrlSecondsDefault;
  if (seconds >= 1 && seconds <= fileUrlSecondsMax) return seconds;
  throw badInput('expiresIn', `must be from 1 to ${fileUrlSecondsMax} seconds`);
}

function checkedName(argument: string, name: string): string {
  const problem = nameProblem(name);
  if (problem !== null) throw badInput(argument, problem);
  return name;
}

function checkedType(argument: string, type: string, slot?: FileSlot): string {
  const accepted = acceptedType(type);
  if (accepted === null) throw badInput(argument, TYPE_RULE);
  if (slot && !slot.takes(accepted))
    throw badInput(argument, 'must be image/jpeg, image/jpg, image/png or image/webp');
  return accepted;
}

/** One upload that the caller may have, or the refusal. */
async function signOne(context: GraphQLContext, ask: UploadAsk): Promise<SignedUpload> {
  const signed = await context.files.signUploads(callerOf(context), [ask], LIMITS.fileUrlSecondsDefault);
  if (signed === 'too-many') throw tooMany();
  const [upload] = signed;
  if (!upload) throw refusal('FORBIDDEN');
  return upload;
}

const tooMany = (): CallRefused =>
  refusal('RATE_LIMITED', `At most ${LIMITS.filesPendingPerUserMax} uploads of a user may be open.`);

async function presigned(context: GraphQLContext, ask: UploadAsk) {
  const { key, url, seconds } = await signOne(context, ask);
  const { contentType } = ask;
  const downloadUrl = await context.files.signOwnDownload(callerOf(context), { key, contentType }, seconds);
  return { uploadUrl: url, downloadUrl, expiresIn: seconds, objectKey: key };
}

type UploadArgs = { readonly filename: string; readonly mimeType?: string | null };

const createUploadUrl: Resolver<unknown, UploadArgs> = async (_source, { filename, mimeType }, context) => {
  requireActor(context);
  const extension = extensionOf(checkedName('filename', filename));
  const contentType = checkedType('mimeType', mimeType ?? 'application/octet-stream');
  return presigned(context, askFor(slotOf('MediaItem'), null, { name: null, extension, contentType }));
};

const GPX_TYPE = 'application/gpx+xml';

const generateGpxUploadUrl: Resolver<unknown, { filename: string }> = async (
  _source,
  { filename },
  context,
) => {
  requireActor(context);
  const extension = extensionOf(checkedName('filename', filename)) || 'gpx';
  return presigned(
    context,
    askFor(slotOf('GPXTrack'), null, { name: null, extension, contentType: GPX_TYPE }),
  );
};

const generateTripCoverImageUploadUrl: Resolver<unknown, { tripId: string; contentType: string }> = async (
  _source,
  args,
  context,
) => {
  requireActor(context);
  const slot = slotOf('Trip');
  const contentType = checkedType('contentType', args.contentType, slot);
  const { id } = await editableTrip(context, args.tripId);
  const extension = contentType.slice('image/'.length).replace('jpeg', 'jpg');
  const owner = ownerOf(slot, context.wire.name, id);
  return presigned(context, askFor(slot, owner, { name: null, extension, contentType }));
};

const assignCoverImageToTrip: Resolver<unknown, { tripId: string; objectName: string }> = async (
  _source,
  { tripId, objectName },
  context,
) => {
  requireActor(context);
  checkedName('objectName', objectName);
  const { id } = await editableTrip(context, tripId);
  const trip = await completeUpload(context, slotOf('Trip'), id, objectName);
  if (!trip) throw badInput('objectName', 'names no picture that was uploaded for this trip');
  context.reads.remember({ records: [trip] });
  return context.toView(trip);
};

async function editableTrip(context: GraphQLContext, tripId: string): Promise<RecordState> {
  const trip = await existing(context, 'Trip', 'tripId', tripId);
  if (!roleReaches(await context.reads.role(trip.scope), 'EDITOR')) throw refusal('FORBIDDEN');
  return trip;
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
  if (!slot) throw badInput(`${at}.entityType`, `must be one of ${[...SLOTS.keys()].join(', ')}`);
  const name = checkedName(`${at}.objectName`, objectName);
  const contentType = checkedType(`${at}.mimeType`, mimeType, slot);
  const id = normalizeUuid(entityId);
  if (id === null) return null;
  const owner = ownerOf(slot, context.wire.name, id);
  return askFor(slot, owner, { name, extension: extensionOf(name), contentType });
}

function boundedList(argument: string, length: number): void {
  if (length > LIMITS.fileRequestsMax)
    throw badInput(argument, `must have at most ${LIMITS.fileRequestsMax} items`);
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

const getPresignedDownloadUrl: Resolver<unknown, { objectKey: string }> = async (
  _source,
  { objectKey },
  context,
) => {
  const caller = callerOf(context);
  checkedName('objectKey', objectKey);
  const seconds = LIMITS.fileUrlSecondsDefault;
  const url = await context.files.signDownload(caller, objectKey, seconds);
  if (url === null) throw refusal('FORBIDDEN');
  return { uploadUrl: url, downloadUrl: url, expiresIn: seconds, objectKey };
};

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
