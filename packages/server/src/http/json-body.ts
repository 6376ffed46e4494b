/**
 * Reads request bodies: bounded JSON (json-scan.ts), nothing else. Member names such as `__proto__` are plain members
 * here, as JSON.parse makes them: whoever knows which members there may be refuses them at the place where they stand.
 */
import { LIMITS } from '@ackord/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Refusal, RequestRefused } from './error-reply.ts';
import { tooMuchJson } from './json-scan.ts';

const BOUNDS = {
  depthMax: LIMITS.bodyDepthMax,
  valuesMax: LIMITS.bodyValuesMax,
  membersMax: LIMITS.bodyMembersMax,
};

/** `mayBeEmpty`: a request that says it has JSON and has nothing has no body; apps declare a type for all that they send. */
export function addJsonBody(app: FastifyInstance, { mayBeEmpty = false } = {}): void {
  // Plain text would also be what any web page may send unasked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      mayBeEmpty && body.length === 0 ? undefined : readJson(request, body),
  );
}

/** For routes whose requests may have to wait: until its turn has come a body is bytes, which take less memory than what they say. */
export function addBytesBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => body,
  );
}

/** Throws a RequestRefused. */
export function readJson(request: FastifyRequest, body: Buffer): unknown {
  const excess = tooMuchJson(body, BOUNDS);
  if (excess !== null) throw new RequestRefused({ status: 413, code: 'TOO_LARGE', detail: excess });
  try {
    return JSON.parse(withoutMark(body.toString('utf8')));
  } catch {
    throw new RequestRefused(notJson(request));
  }
}

/** The byte order mark that some editors and systems put in front. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/** The words of the parser are not told: they quote what was sent. */
function notJson({ headers }: FastifyRequest): Refusal {
  const encoding = headers['content-encoding'] ?? 'identity';
  const detail =
    encoding === 'identity'
      ? 'The body is no JSON.'
      : 'Compressed bodies are not accepted; send it without Content-Encoding.';
  return { status: encoding === 'identity' ? 400 : 415, code: 'MALFORMED', detail };
}
