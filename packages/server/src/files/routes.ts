/**
 * What the local store serves: `PUT /files/<key>` takes an upload, `GET` and `HEAD` give a file, whole or in parts.
 * The signature in the URL is all that counts, and it is looked at before a byte of a body is read. Bodies go through in
 * pieces, and are never in memory as a whole. Nothing that was uploaded can act as a page of this server.
 */
import { createReadStream } from 'node:fs';
import { LIMITS } from '@ackord/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Refusal, sendRefusal } from '../http/error-reply.ts';
import { liftReceiveLimit, limitReceiving } from '../http/receive-limit.ts';
import type { LocalStore } from './local-store.ts';
import type { FileTable } from './ports.ts';
import { readRange } from './range.ts';
import { FILES_PATH, type Grant, readUrl } from './signed-url.ts';

export interface FileRoutesParts {
  readonly store: LocalStore;
  readonly table: Pick<FileTable, 'byKey'>;
  readonly uploadsAtOnceMax?: number;
}

type FileRequest = FastifyRequest<{
  Params: { '*': string };
  Querystring: Readonly<Record<string, unknown>>;
}>;
type GrantOf<M extends Grant['method']> = Extract<Grant, { method: M }>;

export async function fileRoutes(app: FastifyInstance, parts: FileRoutesParts): Promise<void> {
  const { store, table, uploadsAtOnceMax = LIMITS.uploadsAtOnceMax } = parts;
  // Bodies of any type, as streams: `request.raw`.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  let uploads = 0;

  const mayUpload = async (request: FileRequest, grant: GrantOf<'PUT'>): Promise<Refusal | null> => {
    const refusal = checkUpload(request, grant);
    if (refusal) return refusal;
    if (uploads >= uploadsAtOnceMax) return { status: 503, code: 'BUSY', retryAfterMs: RETRY_MS };
    const row = await table.byKey(grant.key);
    if (row?.state === 'pending') return null;
    return {
      status: 403,
      code: 'FILE_URL_INVALID',
      detail: 'This upload has been completed, or was given up.',
    };
  };

  app.put(
    `${FILES_PATH}/*`,
    {
      config: { streamed: true },
      onRequest: async (request: FileRequest, reply) => {
        const read = grantOf(store, request);
        const refusal =
          'refusal' in read ? read.refusal : await mayUpload(request, read.grant as GrantOf<'PUT'>);
        if (refusal) return sendRefusal(reply, refusal);
        liftReceiveLimit(request);
        uploads += 1;
        reply.raw.once('close', () => {
          uploads -= 1;
        });
      },
    },
    async (request: FileRequest, reply) => {
      const read = grantOf(store, request);
      // It may have run out just now.
      if ('refusal' in read) return refuseUpload(request, reply, read.refusal);
      return takeUpload(store, request, reply, read.grant as GrantOf<'PUT'>);
    },
  );

  app.route({
    method: ['GET', 'HEAD'],
    url: `${FILES_PATH}/*`,
    config: { streamed: true },
    handler: async (request: FileRequest, reply) => {
      const read = grantOf(store, request);
      if ('refusal' in read) return sendRefusal(reply, read.refusal);
      return sendFile(store, request, reply, read.grant);
    },
  });
}

const RETRY_MS = 1_000;

function grantOf(
  { signing }: LocalStore,
  request: FileRequest,
): { readonly grant: Grant } | { readonly refusal: Refusal } {
  const { method, params, query } = request;
  const read = readUrl(signing, { method, key: params['*'], query });
  if (read.ok) return { grant: read.grant };
  const detail = read.reason === 'expired' ? 'It has expired.' : 'It is not one that this server has signed.';
  return { refusal: { status: 403, code: 'FILE_URL_INVALID', detail } };
}

function checkUpload({ headers }: FileRequest, { contentType, sizeMax }: GrantOf<'PUT'>): Refusal | null {
  if (headers['content-type']?.trim().toLowerCase() !== contentType)
    return {
      status: 415,
      code: 'BAD_USER_INPUT',
      detail: 'The Content-Type must be the one that the URL was signed for.',
    };
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return { status: 415, code: 'BAD_USER_INPUT', detail: 'Send the file without Content-Encoding.' };
  if (Number(headers['content-length'] ?? 0) > sizeMax) return tooLarge(sizeMax);
  return null;
}

const tooLarge = (sizeMax: number): Refusal => ({
  status: 413,
  code: 'TOO_LARGE',
  detail: `This file may have ${sizeMax} bytes at most.`,
});

/** What is still on its way is thrown away, but not for an hour. */
function refuseUpload(request: FileRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  limitReceiving(request, reply);
  return sendRefusal(reply, refusal);
}

async function takeUpload(
  store: LocalStore,
  request: FileRequest,
  reply: FastifyReply,
  { key, sizeMax }: GrantOf<'PUT'>,
): Promise<FastifyReply> {
  const { raw } = request;
  raw.setTimeout(LIMITS.transferSilenceMsMax, () => raw.destroy());
  try {
    const written = await store.write(key, raw, sizeMax);
    if (written.outcome === 'too-large') return refuseUpload(request, reply, tooLarge(sizeMax));
    // Apps in the field take nothing but 200 for success.
    return reply.code(200).send();
  } catch (error) {
    if (!raw.destroyed || raw.complete) throw error;
    request.log.debug('an upload was broken off');
    return reply.hijack();
  } finally {
    raw.setTimeout(0);
  }
}

async function sendFile(
  store: LocalStore,
  request: FileRequest,
  reply: FastifyReply,
  { key, contentType }: Grant,
): Promise<FastifyReply> {
  const found = await store.handle(key);
  if (!found)
    return sendRefusal(reply, { status: 404, code: 'NOT_FOUND', detail: 'No file has been uploaded here.' });
  const { file, size, tag } = found;
  const { headers, method } = request;
  const isSame = headers['if-range'] === undefined || headers['if-range'] === tag;
  const range = readRange(isSame ? headers.range : undefined, size);
  reply
    .header('etag', tag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('content-disposition', 'attachment')
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  if (headers['if-none-match'] === tag) {
    await file.close();
    return reply.code(304).send();
  }
  if (range.kind === 'outside') {
    await file.close();
    reply.header('content-range', `bytes */${size}`);
    return sendRefusal(reply, {
      status: 416,
      code: 'BAD_USER_INPUT',
      detail: 'The file has nothing in this range.',
    });
  }
  const [start, end] = range.kind === 'part' ? [range.start, range.end] : [0, size - 1];
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.header('content-type', contentType).header('content-length', end - start + 1);
  if (method === 'HEAD' || size === 0) {
    await file.close();
    return reply.send(method === 'HEAD' ? undefined : Buffer.alloc(0));
  }
  // Whoever stops reading would otherwise keep the file open for as long as he likes.
  reply.raw.setTimeout(LIMITS.transferSilenceMsMax, () => reply.raw.destroy());
  return reply.send(createReadStream('', { fd: file, start, end }));
}
