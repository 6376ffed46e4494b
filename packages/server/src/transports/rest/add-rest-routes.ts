/**
 * Serves REST routes from their table: reads and checks each request, calls the handler, and answers refusals as
 * `{ detail, code }`, whoever refuses. Promise: nothing of a library, a driver or another caller shows in an answer.
 */
import { LIMITS } from '@ackord/core';
import multipart from '@fastify/multipart';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUnavailable } from '../../auth/ports.ts';
import { keepReading, type Refusal, RequestRefused, refusalOf, sendRefusal } from '../../http/error-reply.ts';
import { addJsonBody } from '../../http/json-body.ts';
import { type RestAnswer, refuseFaults } from './answer.ts';
import { COMPRESSION } from './compression.ts';
import { readCall } from './read-call.ts';
import { isMultipart, type RestRoute } from './route.ts';

export interface RestOptions {
  /** Callers without a token may send as much as those with one, on routes that do without. */
  readonly openAccess?: boolean;
  /**
   * May a page of this origin call without a token? A browser sends such requests to any address that it can reach, the
   * user's own machine included. Left out: all may.
   */
  readonly isOriginAllowed?: (origin: string) => boolean;
  /** May the server be called by this name without a token? Left out: by any. */
  readonly isHostAllowed?: (host: string | undefined) => boolean;
  /** Throws when an answer is not as its route describes it: for tests. */
  readonly checkAnswers?: boolean;
}

/** Throws for a table in which a path and its schema name different parameters. */
export async function addRestRoutes(
  app: FastifyInstance,
  routes: readonly RestRoute[],
  options: RestOptions = {},
): Promise<void> {
  for (const route of routes) assertParams(route);
  const forms = routes.filter(({ body }) => isMultipart(body));
  const others = routes.filter(({ body }) => !isMultipart(body));
  await app.register(async (scope) => {
    scope.setErrorHandler(answerError);
    addJsonBody(scope, { mayBeEmpty: true });
    for (const route of others) addRoute(scope, route, options);
  });
  if (forms.length === 0) return;
  // A scope of their own: a form is what any web page may send unasked, so no other route may take one.
  await app.register(async (scope) => {
    scope.setErrorHandler(answerError);
    scope.removeAllContentTypeParsers();
    await scope.register(multipart, { throwFileSizeLimit: true });
    for (const route of forms) addRoute(scope, route, options);
  });
}

function addRoute(scope: FastifyInstance, route: RestRoute, options: RestOptions): void {
  const url = route.path.replace(/\{(\w+)\}/g, ':$1');
  const bodyLimit = bodyBytesMax(route);
  const config = {
    refusals: 'detail',
    ...(route.alwaysOpen && { open: true }),
    ...(options.openAccess && route.access.token === 'optional' && { anonymousBodyBytesMax: bodyLimit }),
  } as const;
  for (const path of route.alsoWithSlash ? [url, `${url}/`] : [url])
    scope.route({
      method: route.method,
      url: path,
      config,
      bodyLimit,
      compress: COMPRESSION,
      handler: (request, reply) => answerCall(route, options, request, reply),
    });
}

/** Parts of a form have headers and boundaries beside what they hold. */
const FORM_OVERHEAD_BYTES = 64 * 1024;

const bodyBytesMax = ({ body, bodyBytesMax: own }: RestRoute): number =>
  isMultipart(body) ? body.file.bytesMax + FORM_OVERHEAD_BYTES : (own ?? LIMITS.restBodyBytesMax);

async function answerCall(
  route: RestRoute,
  options: RestOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const refusal = refuseOrigin(route, options, request);
  if (refusal) return sendRefusal(reply, refusal);
  const read = await readCall(route, request);
  if (!read.ok) return sendAnswer(reply, refuseFaults(read.faults));
  const answer = await route.handle(read.call);
  if (options.checkAnswers) assertDescribed(route, answer);
  return sendAnswer(reply, answer);
}

function refuseOrigin(
  { access }: RestRoute,
  { isOriginAllowed = () => true, isHostAllowed = () => true }: RestOptions,
  { headers, authentication }: FastifyRequest,
): Refusal | null {
  const { origin, host } = headers;
  if (access.token === 'none' || authentication.outcome === 'actor') return null;
  if (!isHostAllowed(host)) return FOREIGN_HOST;
  return origin === undefined || isOriginAllowed(origin) ? null : FOREIGN_ORIGIN;
}

const FOREIGN_HOST: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  detail:
    'The server may be called by this name only with a token; PUBLIC_URL and CORS_ORIGINS say which are its own.',
};

const FOREIGN_ORIGIN: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  detail: 'Pages of this origin may call only with a token; CORS_ORIGINS names those that are trusted.',
};

function sendAnswer(reply: FastifyReply, answer: RestAnswer): FastifyReply {
  const { status, body, file, stream, headers = {} } = answer;
  reply.code(status).headers(headers);
  if (stream) return reply.type(stream.contentType).send(stream.bytes);
  if (file)
    return reply
      .type(file.contentType)
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
      .send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength));
  if (body === undefined) return reply.send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** What handlers, parsers and plugins throw. */
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalFor(error);
  // To such clients a body that can't be read is a fault of the body like any other.
  if (refusal.code === 'MALFORMED') {
    keepReading(reply);
    return sendAnswer(reply, refuseFaults([unreadable(refusal)]));
  }
  if (refusal.code === 'INTERNAL') request.log.error({ err: error }, 'request failed');
  return sendRefusal(reply, refusal);
}

function refusalFor(error: FastifyError): Refusal {
  const unavailable: boolean = isUnavailable(error);
  if (unavailable) return UNAVAILABLE;
  if ((error as Error) instanceof RequestRefused) return (error as unknown as RequestRefused).refusal;
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return { status: 415, code: 'MALFORMED', detail: 'The Content-Type is not one that this route takes.' };
  return refusalOf(error);
}

const UNAVAILABLE: Refusal = { status: 503, code: 'UNAVAILABLE', retryAfterMs: 1_000 };

const unreadable = ({ detail = 'The body could not be read.' }: Refusal) => ({
  loc: ['body'],
  msg: detail,
  type: 'malformed',
});

function assertParams({ method, path, params }: RestRoute): void {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  const described = Object.keys(params?.shape ?? {}).sort();
  if (named.join() !== described.join())
    throw new Error(`${method} ${path}: its schema names the parameters ${described.join(', ') || 'none'}`);
}

function assertDescribed({ method, path, answers }: RestRoute, { status, body, file }: RestAnswer): void {
  const name = `${method} ${path} answered ${status}`;
  const described = answers[status];
  // Refusals have one form everywhere.
  if (!described && status >= 400) return;
  if (!described) throw new Error(`${name}, which it does not describe`);
  if (file && described.contentType !== file.contentType) throw new Error(`${name} with ${file.contentType}`);
  const checked = described.schema?.safeParse(JSON.parse(JSON.stringify(body ?? null)));
  if (checked && !checked.success) throw new Error(`${name} in another form: ${checked.error.message}`);
}
