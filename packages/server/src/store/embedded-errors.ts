/**
 * Why the embedded PostgreSQL can't start, as codes that an operator can look up.
 * They never reach a client of the sync protocol: they end the start of the server, with a text that says
 * what happened, the usual cause and what to do.
 */
export type EmbeddedPostgresErrorCode =
  /** No PostgreSQL for this platform is installed. */
  | 'BINARIES_MISSING'
  /** They are installed, but can't be run or copied. */
  | 'BINARIES_UNUSABLE'
  /** Started as root, and no unprivileged user can be used. */
  | 'ACCOUNT_UNUSABLE'
  /** Another running server, or a PostgreSQL started by hand, works on this folder. */
  | 'DATA_FOLDER_IN_USE'
  /** The folder can't hold a database: path, owner or content. */
  | 'DATA_FOLDER_UNUSABLE'
  /** The folder points to data that are no longer there. */
  | 'DATA_FOLDER_LOST'
  /** The data were written by another major version of PostgreSQL. */
  | 'DATA_VERSION'
  /** PostgreSQL was run and gave up; the text carries its last words. */
  | 'START_FAILED';

export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string) {
    super(message);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}

/** The code of a failed system call ('ENOENT' …), or undefined for anything else that was thrown. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
