/**
 * What a failed statement means to the one who asked for it. Input: whatever the driver threw. Promise: every such
 * error becomes a `DatabaseFailure`; its message is for logs, never for answers.
 */

/** The outcomes of `TransactionEnd` but for success. */
export type FailureOutcome = 'again' | 'unavailable' | 'refused';

interface FailureDetails {
  readonly code?: string | null;
  readonly constraint?: string | null;
  readonly cause?: unknown;
}

export class DatabaseFailure extends Error {
  readonly outcome: FailureOutcome;
  /** SQLSTATE or system error code, if there was one. */
  readonly code: string | null;
  /** The constraint or unique index that was violated. */
  readonly constraint: string | null;

  constructor(outcome: FailureOutcome, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'DatabaseFailure';
    this.outcome = outcome;
    this.code = details.code ?? null;
    this.constraint = details.constraint ?? null;
  }
}

/** The driver has no codes for these; they all mean that there is no connection, or none any more. */
const CONNECTION_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|connection error and is not queryable|Client was closed|Cannot use a pool after calling end|Connection ended/i;

const SYSTEM_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

/** Serialization failure, deadlock, lock timeout, a lock not available at once. */
const AGAIN_STATES = new Set(['40001', '40P01', '55P03']);

/** Rows that another transaction filed first: done again, the same work sees them. */
const RACED_KEYS = new Set(['receipt_pkey', 'location_pkey', 'scope_pkey']);
/** How `upsert-locations` says the same. */
const RACED_LOCATION = { code: '23502', table: 'location', column: 'scope_id' };

/** Connection exceptions, refused logins, shutdown and start, a database that is gone, too many connections, out of disk or memory, a read-only standby. */
const UNAVAILABLE_STATES = /^(08|57P|53|28)|^25006$|^25P03$|^57014$|^3D000$/;

export function failureOf(error: unknown): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error;
  const facts = factsOf(error);
  const about = facts.constraint === null ? '' : ` (${facts.constraint})`;
  const message = `${facts.code ?? 'no code'}: ${facts.message}${about}`;
  return new DatabaseFailure(outcomeOf(facts), message, { ...facts, cause: error });
}

/** Is the connection itself spoilt, so that the pool must not hand it out again? */
export const isConnectionLost = (failure: DatabaseFailure): boolean =>
  failure.outcome === 'unavailable' && !/^(53|57014|25006)/.test(failure.code ?? '');

interface ErrorFacts {
  readonly code: string | null;
  readonly constraint: string | null;
  readonly table: string | null;
  readonly column: string | null;
  readonly message: string;
}

function outcomeOf({ code, constraint, table, column, message }: ErrorFacts): FailureOutcome {
  if (code === null) return CONNECTION_MESSAGES.test(message) ? 'unavailable' : 'refused';
  if (SYSTEM_ERRORS.has(code) || UNAVAILABLE_STATES.test(code)) return 'unavailable';
  if (AGAIN_STATES.has(code)) return 'again';
  if (code === '23505' && RACED_KEYS.has(constraint ?? '')) return 'again';
  const isRacedLocation =
    code === RACED_LOCATION.code && table === RACED_LOCATION.table && column === RACED_LOCATION.column;
  return isRacedLocation ? 'again' : 'refused';
}

function factsOf(error: unknown): ErrorFacts {
  const facts: { readonly [fact: string]: unknown } =
    typeof error === 'object' && error !== null ? { ...error } : {};
  const textOf = (fact: string): string | null => (typeof facts[fact] === 'string' ? facts[fact] : null);
  return {
    code: textOf('code'),
    constraint: textOf('constraint'),
    table: textOf('table'),
    column: textOf('column'),
    message: error instanceof Error ? error.message : String(error),
  };
}
