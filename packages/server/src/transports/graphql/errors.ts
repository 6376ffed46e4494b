/**
 * Errors on the GraphQL wire. A refusal that we mean is a CallRefused with a code of the registry; everything else
 * that a resolver throws is a defect: the caller reads INTERNAL and nothing of the cause, the log has the cause.
 */
import { ERRORS, type ErrorCode, errorText } from '@ackord/core';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { isUnreachable } from '../../engine/unreachable.ts';

/** How long a caller waits before it tries again, where nobody knows better. */
const RETRY_MS = 1_000;

/** A call that is refused as a whole; GraphQL puts it into `errors`. */
export class CallRefused extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number;
  /** What else the caller should see, e.g. the conflict as it is now. */
  readonly details: { readonly [name: string]: unknown } | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    retryAfterMs: number = RETRY_MS,
    details?: CallRefused['details'],
  ) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.details = details;
  }
}

/** With the sentence of the registry and a detail that says what exactly was wrong. */
export const refusal = (code: ErrorCode, detail?: string): CallRefused =>
  new CallRefused(code, errorText(code, detail));

/** An argument that is at fault is named in the sentence, and for programs beside it. */
export const badArgument = (argument: string, rule: string): CallRefused =>
  new CallRefused('BAD_USER_INPUT', errorText('BAD_USER_INPUT', `${argument} ${rule}.`), 0, {
    field: argument,
  });

/** How many errors one answer tells. */
export const ERRORS_MAX = 20;

interface Failed {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Throws the refusal of a failed call; gives back a successful one. */
export function orRefuse<T>(result: ({ readonly ok: true } & T) | Failed): T {
  if (result.ok) return result;
  throw new CallRefused(result.code, result.message, result.retryAfterMs);
}

/** Codes that GraphQL tools know, for what is wrong with the document itself. */
export type DocumentErrorCode = 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED';

export const requestError = (
  code: DocumentErrorCode | ErrorCode,
  message: string,
  error?: GraphQLError,
): GraphQLFormattedError => ({ message, ...(error && place(error)), extensions: { code } });

/** An error of an executed operation. `report` is told of defects. */
export function executionError(error: GraphQLError, report: (cause: unknown) => void): GraphQLFormattedError {
  const cause = refusalBehind(error.originalError);
  if (!cause) {
    report(error.originalError ?? error);
    return requestError('INTERNAL', errorText('INTERNAL'), error);
  }
  const { code, message, retryAfterMs, details } = cause;
  const { retryable } = ERRORS[code];
  const extensions = { ...details, code, ...(retryable && { retryable, retryAfterMs }) };
  return { message, ...place(error), extensions };
}

function refusalBehind(cause: unknown): CallRefused | null {
  if (cause instanceof CallRefused) return cause;
  return isUnreachable(cause) ? refusal('UNAVAILABLE') : null;
}

const place = ({ locations, path }: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> => ({
  ...(locations && { locations }),
  ...(path && { path }),
});
