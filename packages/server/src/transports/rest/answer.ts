/**
 * What REST handlers answer with, and refusals in their form: `{ detail, code }`, where `detail` is the sentence for
 * people, as clients of such APIs expect it, and `code` is from the registry, for programs.
 */
import type { Readable } from 'node:stream';
import type { ErrorCode } from '@ackord/core';
import { detailBody, type Refusal } from '../../http/error-reply.ts';

export interface RestAnswer {
  readonly status: number;
  /** JSON; left out: no body, or `file`. */
  readonly body?: unknown;
  readonly file?: { readonly bytes: Uint8Array; readonly contentType: string };
  /** Sent as it is made. */
  readonly stream?: { readonly bytes: Readable; readonly contentType: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export const answerJson = (body: unknown, status = 200): RestAnswer => ({ status, body });

export function refuse(refusal: Refusal): RestAnswer {
  const { status, retryAfterMs } = refusal;
  return {
    status,
    body: detailBody(refusal),
    // The header counts whole seconds; waiting too short would be turned away again.
    ...(retryAfterMs !== undefined && {
      headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
    }),
  };
}

/** One fault of a body, a query or a path, in the form that such clients know. */
export interface Fault {
  /** `['body', 'name']`. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

export const refuseFaults = (faults: readonly Fault[]): RestAnswer => ({
  status: 422,
  body: { detail: faults, code: 'BAD_USER_INPUT' satisfies ErrorCode },
});

/** The status that goes with a code, where nothing more is known. Unknown and forbidden are one thing to a caller. */
export function statusOfCode(code: ErrorCode): number {
  switch (code) {
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
    case 'NOT_FOUND':
    case 'ROUTE_UNKNOWN':
      return 404;
    case 'FILE_URL_INVALID':
      return 403;
    case 'TOO_LARGE':
      return 413;
    case 'RATE_LIMITED':
      return 429;
    case 'UNAVAILABLE':
    case 'BUSY':
      return 503;
    case 'INTERNAL':
      return 500;
    case 'CONFLICT':
    case 'CONFLICT_MOVED':
    case 'UNIQUE':
    case 'CHANGE_ID_REUSED':
    case 'IN_USE':
      return 409;
    case 'RESYNC_REQUIRED':
    case 'CHECKPOINT_INVALID':
      return 410;
    case 'INVALID':
      return 422;
    default:
      return 400;
  }
}
