/** Single uploads and downloads: files that belong to no record yet, and keys that the caller knows. */
import { LIMITS } from '@ackord/core';
import {
  type CallRefused,
  extensionOf,
  type FileCaller,
  type GraphQLContext,
  type Resolver,
  refusal,
  requireActor,
  type SignedUpload,
  type UploadAsk,
} from '@ackord/server';
import { checkedName, checkedType } from './file-arguments.ts';
import { askFor, slotOf } from './file-slots.ts';

export const callerOf = (context: GraphQLContext): FileCaller => ({
  actor: requireActor(context),
  base: context.origin,
});

/** One upload that the caller may have, or the refusal. */
async function signOne(context: GraphQLContext, ask: UploadAsk): Promise<SignedUpload> {
  const signed = await context.files.signUploads(callerOf(context), [ask], LIMITS.fileUrlSecondsDefault);
  if (signed === 'too-many') throw tooMany();
  const [upload] = signed;
  if (!upload) throw refusal('FORBIDDEN');
  return upload;
}

export const tooMany = (): CallRefused =>
  refusal('RATE_LIMITED', `At most ${LIMITS.filesPendingPerUserMax} uploads of a user may be open.`);

/** As PresignedUrlResponse. */
export async function presigned(context: GraphQLContext, ask: UploadAsk) {
  const { key, url, seconds } = await signOne(context, ask);
  const { contentType } = ask;
  const downloadUrl = await context.files.signOwnDownload(callerOf(context), { key, contentType }, seconds);
  return { uploadUrl: url, downloadUrl, expiresIn: seconds, objectKey: key };
}

type UploadArgs = { readonly filename: string; readonly mimeType?: string | null };

export const createUploadUrl: Resolver<unknown, UploadArgs> = async (
  _source,
  { filename, mimeType },
  context,
) => {
  requireActor(context);
  const extension = extensionOf(checkedName('filename', filename));
  const contentType = checkedType('mimeType', mimeType ?? 'application/octet-stream');
  return presigned(context, askFor(slotOf('MediaItem'), null, { name: null, extension, contentType }));
};

const GPX_TYPE = 'application/gpx+xml';

export const generateGpxUploadUrl: Resolver<unknown, { filename: string }> = async (
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

export const getPresignedDownloadUrl: Resolver<unknown, { objectKey: string }> = async (
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
