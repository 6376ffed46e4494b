/**
 * Refusals in one form, wherever they come from: JSON as GraphQL clients expect it, with a code from the registry.
 * Never HTML, never a stack, never the words of a library or a driver.
 */
import { type ErrorCode, errorText } from '@ackord/core';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `detail`: refusals of the route read `{ detail, code }`, as clients of REST expect it; else as of GraphQL. */
    readonly refusals?: 'detail';
  }
}

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  /** Goes between what happened and what to do. */
  readonly detail?: string;
  readonly retryAfterMs?: number;
}

/** Thrown where only an exception ends the handling of a request, as in fastify's parsers. */
export class RequestRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

export function errorBody({ code, detail, retryAfterMs }: Omit<Refusal, 'status'>) {
  const extensions = retryAfterMs === undefined ? { code } : { code, retryAfterMs };
  return { data: null, errors: [{ message: errorText(code, detail), extensions }] };
}

export const detailBody = ({
  code,
  detail,
}: Omit<Refusal, 'status'>): { detail: string; code: ErrorCode } => ({
  detail: errorText(code, detail),
  code,
});

/** Below this path all is REST, also what is not there. */
const REST_PATH = '/api/';

const wantsDetail = ({ routeOptions, url }: FastifyRequest): boolean =>
  routeOptions.config?.refusals === 'detail' || url.startsWith(REST_PATH);

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, retryAfterMs } = refusal;
  // The header counts whole seconds; waiting too short would be turned away again.
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  keepReading(reply);
  const body = wantsDetail(reply.request) ? detailBody(refusal) : errorBody(refusal);
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

/**
 * Whoever is still sending hears the answer only while we read on: closing now would reset the connection. What comes is
 * thrown away, and LIMITS.requestReceiveMsMax ends it.
 */
export function keepReading(reply: FastifyReply): void {
  if (reply.request.raw.complete) return;
  reply.removeHeader('connection');
  reply.raw.shouldKeepAlive = true;
}

/** What fastify and plugins throw. Faults of the caller are told by their status; everything else is ours. */
export function handleError(
  error: FastifyError | RequestRefused,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = error instanceof RequestRefused ? error.refusal : refusalOf(error);
  if (refusal.code === 'INTERNAL') request.log.error({ err: error }, 'request failed');
  return sendRefusal(reply, refusal);
}

export function refusalOf({ statusCode = 500, code }: FastifyError): Refusal {
  if (statusCode === 413) return { status: 413, code: 'TOO_LARGE' };
  if (statusCode === 404) return { status: 404, code: 'ROUTE_UNKNOWN' };
  if (statusCode === 503) return { status: 503, code: 'UNAVAILABLE', retryAfterMs: 1_000 };
  if (statusCode < 400 || statusCode >= 500) return { status: 500, code: 'INTERNAL' };
  const detail =
    code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? 'The Content-Type must be application/json.' : undefined;
  return { status: statusCode, code: 'MALFORMED', ...(detail === undefined ? {} : { detail }) };
}
