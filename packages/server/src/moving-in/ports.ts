/**
 * What moving in from another server needs from the database beyond the engine: what was taken over so far, and users
 * that bring their ids and password hashes along. Times are milliseconds since 1970.
 */

/** A row of the other server and the record that was made of it. */
export interface MovedRow {
  /** Wire name of the entity type. */
  readonly type: string;
  readonly id: string;
  /** Id of the row there; differs from `id` for a copy. */
  readonly originId: string;
  /** The user on whose behalf it was written. */
  readonly actor: string;
  /** Of the record, after it was written. */
  readonly version: number;
  /** A hash of each field as it was there. */
  readonly fields: { readonly [field: string]: string };
  /** It is deleted there, and was deleted here. */
  readonly isGone: boolean;
}

export interface MovedRows {
  /** Those of the type that are known, in any order. */
  read(type: string, ids: readonly string[]): Promise<readonly MovedRow[]>;
  /** Those that are not gone, in order of id, after one; null: from the beginning. */
  page(
    type: string,
    after: string | null,
    limit: number,
  ): Promise<readonly (MovedRow & { readonly movedAt: number })[]>;
  save(rows: readonly MovedRow[]): Promise<void>;
  close(): Promise<void>;
}

export interface ImportedUser {
  /** UUID. */
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly profileImageUrl: string | null;
  readonly isActive: boolean;
  readonly isEmailVerified: boolean;
  readonly lastLoginAt: number | null;
  readonly roles: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `known`: a user of this id is there already, and stays as it is. `email-taken`: by a user of another id. */
export type ImportOutcome = 'created' | 'known' | 'email-taken';
