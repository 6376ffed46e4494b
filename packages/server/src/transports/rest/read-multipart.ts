/**
 * Reads a body of multipart/form-data within the limits of its route: texts by name, and the one file. Parts that the
 * route does not know are read and dropped. What is too large or broken is thrown as fastify's errors are.
 */
import { LIMITS } from '@ackord/core';
import type {} from '@fastify/multipart';
import type { FastifyError, FastifyRequest } from 'fastify';
import { RequestRefused } from '../../http/error-reply.ts';
import type { MultipartBody, UploadedFile } from './route.ts';

export interface MultipartParts {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: UploadedFile | null;
}

export async function readMultipart(body: MultipartBody, request: FastifyRequest): Promise<MultipartParts> {
  if (!request.isMultipart()) throw new RequestRefused(NO_FORM);
  try {
    return await readParts(body, request);
  } catch (error) {
    // The parser's own errors have a status; what it stumbles over has none.
    if (error instanceof RequestRefused || (error as FastifyError).statusCode !== undefined) throw error;
    throw new RequestRefused(BROKEN);
  }
}

async function readParts(body: MultipartBody, request: FastifyRequest): Promise<MultipartParts> {
  const fields: Record<string, string> = Object.create(null);
  let file: UploadedFile | null = null;
  for await (const part of request.parts({ limits: limitsOf(body) })) {
    if (part.type === 'file') {
      const bytes = await part.toBuffer();
      if (part.fieldname === body.file.name) file = { fileName: part.filename, bytes };
    } else if (part.valueTruncated || part.fieldnameTruncated) throw new RequestRefused(FIELD_TOO_LARGE);
    else if (typeof part.value === 'string') fields[part.fieldname] = part.value;
  }
  return { fields, file };
}

const limitsOf = ({ file }: MultipartBody) => ({
  files: 1,
  fileSize: file.bytesMax,
  fields: LIMITS.multipartFieldsMax,
  fieldSize: LIMITS.multipartFieldBytesMax,
  fieldNameSize: LIMITS.fileNameLengthMax,
  parts: LIMITS.multipartFieldsMax + 1,
  headerPairs: LIMITS.multipartFieldsMax,
});

const NO_FORM = {
  status: 415,
  code: 'MALFORMED',
  detail: 'The Content-Type must be multipart/form-data.',
} as const;

const BROKEN = { status: 400, code: 'MALFORMED', detail: 'The form is broken or cut off.' } as const;

const FIELD_TOO_LARGE = {
  status: 413,
  code: 'TOO_LARGE',
  detail: `A field of a form may have ${LIMITS.multipartFieldBytesMax} bytes at most.`,
} as const;
