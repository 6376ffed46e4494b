/**
 * The registry of error codes: every code that Ackord ever answers, with when it is normal and what to do.
 * A code is part of the wire contract: it is never renamed, and never used for a second meaning.
 * `text` is the beginning of the message that a caller reads; details may follow it.
 */
export interface ErrorEntry {
  /** What happened and its usual cause, for whoever reads the answer. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The same change may succeed later, unchanged. */
  readonly retryable: boolean;
}

const permanent = (text: string, remedy: string): ErrorEntry => ({ text, remedy, retryable: false });
const passing = (text: string, remedy: string): ErrorEntry => ({ text, remedy, retryable: true });

export const ERRORS = {
  // The call as a whole
  UNAUTHENTICATED: permanent(
    'This operation needs a signed-in user; the token is missing, expired or not valid here.',
    'Sign in again and send the header "Authorization: Bearer <token>".',
  ),
  FORBIDDEN: permanent(
    'There is no such record here, or your role does not allow this.',
    'Check the id, and ask an owner of the scope for access.',
  ),
  BAD_USER_INPUT: permanent(
    'An argument has a value that is not allowed.',
    'Correct the argument that is named.',
  ),
  MALFORMED: permanent('The request could not be read.', 'Send well-formed JSON of the documented shape.'),
  TOO_LARGE: permanent('The request is larger than the server accepts.', 'Send it in smaller parts.'),
  QUERY_TOO_COMPLEX: permanent(
    'The GraphQL document is deeper, wider or longer than the server accepts.',
    'Ask for less at a time.',
  ),
  ROUTE_UNKNOWN: permanent(
    'There is nothing at this address, or not for this method.',
    'Check the path and the method; the GraphQL API answers POST requests.',
  ),
  FILE_URL_INVALID: permanent(
    'This address does not allow that: it has expired, was changed, or was given for something else.',
    'Ask for a new address.',
  ),
  IN_USE: permanent('Something still refers to this, so it stays.', 'Take away what refers to it first.'),
  RATE_LIMITED: passing(
    'Too many requests in a short time.',
    'Wait for the time in retryAfterMs, then go on.',
  ),

  TOO_MANY_SUBSCRIPTIONS: permanent(
    'This socket has as many subscriptions as a socket may have.',
    'Complete one that is not needed any more, or ask for more with one of them.',
  ),

  // A change that can't be applied
  INVALID: permanent('A field has a value that its type does not allow.', 'Correct the field that is named.'),
  NOT_FOUND: permanent('There is no such record in this scope.', 'Create it first, or drop the change.'),
  CHANGE_ID_REUSED: permanent(
    'This changeId was already used for a change with other content.',
    'Give every change its own changeId; keep it only when you resend the very same change.',
  ),
  VERSION_FROM_FUTURE: permanent(
    'The change is based on a version that this server has never given out, usually after a restored backup.',
    'Do a full sync without a cursor, then make the change again on what you received.',
  ),
  UNIQUE: permanent('Another record of this scope already has this value.', 'Choose another value.'),
  DEPENDENCY_FAILED: permanent(
    'The change needs a record that is not there: its creation failed in the same submission, or it is unknown here and ' +
      'the change belongs to a transaction group, which waits for nothing.',
    'Correct the failed change, or send the missing record first; then send the change again.',
  ),
  TRANSACTION_SPLIT: permanent(
    'Changes with one transactionId must arrive in one submission, and each transactionId only once.',
    'Send the whole group together.',
  ),
  TRANSACTION_ABORTED: permanent(
    'Another change of the same transactionId was not accepted, so none of the group was applied.',
    'See the receipt of the change that is named.',
  ),
  TOO_MANY_WAITING: permanent(
    'Too many of your changes already wait for a parent that is not there.',
    'Send the parents first.',
  ),
  CASCADE_TOO_LARGE: permanent(
    'Deleting or moving this record would take more records along than one commit may touch.',
    'Delete or move its children in parts first.',
  ),
  BUSY: passing('More changes wait than the server can hold.', 'Send the change again after retryAfterMs.'),
  UNAVAILABLE: passing(
    'The database cannot be reached just now.',
    'Send the change again after retryAfterMs.',
  ),
  INTERNAL: passing(
    'The server failed at this change; this is a defect on our side and has been logged.',
    'Send the change again; if it keeps failing, report the batch id.',
  ),

  // Reading the feed
  CURSOR_MALFORMED: permanent(
    'The cursor is not one that any server gave out; usually it was cut off or changed on its way.',
    'Pass nextCursor back exactly as received, or start again without a cursor.',
  ),
  CURSOR_FOREIGN: permanent(
    'The cursor was not made by this server for you; usually it is left over from another account or server, or very old.',
    'Start again without a cursor.',
  ),
  CURSOR_FILTER_CHANGED: permanent(
    'The cursor was given out for other entityTypes or another syncPriority.',
    'Keep the arguments that the cursor was made with, or start again without a cursor.',
  ),
  RESYNC_REQUIRED: permanent(
    'The cursor is older than the history that is kept, or the database was restored.',
    'Start again without a cursor.',
  ),

  CHECKPOINT_INVALID: permanent(
    'This checkpoint cannot be gone back to: the history since then is not kept any more, or the database was restored.',
    'Choose a later checkpoint.',
  ),

  // Conflicts
  CONFLICT: permanent(
    'Somebody else has changed the record meanwhile; what you sent is kept and waits for a decision.',
    'Look at the conflict in the answer and decide it with resolveConflict.',
  ),
  CONFLICT_MOVED: permanent(
    'The record has changed since the conflict was recorded.',
    'Look at the refreshed conflict in the answer, then decide again.',
  ),
  STRATEGY_IMPOSSIBLE: permanent(
    'This conflict cannot be resolved with the chosen strategy.',
    'Choose a strategy that the conflict allows: MANUAL_RESOLUTION with resolvedData settles values that clash, ' +
      'FIRST_WRITE_WINS gives up a change that waits for its parent.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** The sentence for an error code, with an optional detail that says what exactly was wrong. */
export function errorText(code: ErrorCode, detail?: string): string {
  const { text, remedy } = ERRORS[code];
  return detail === undefined ? `${text} ${remedy}` : `${text} ${detail} ${remedy}`;
}
