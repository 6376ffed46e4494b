/**
 * What accounts need from the database (`UserStore`), and what transports get from this folder: who calls
 * (`Authentication`) and what a person can do with an account (`Accounts`). Times are milliseconds since 1970.
 */
import type { ErrorCode } from '@ackord/core';
import type { Actor } from '../engine/submission.ts';
import type { ImportedUser, ImportOutcome } from '../moving-in/ports.ts';

/** A user as others may see it; the password hash never leaves `UserCredentials`. */
export interface User {
  /** UUID, lower case. */
  readonly id: string;
  readonly email: string;
  readonly username: string;
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

export interface UserCredentials {
  readonly user: User;
  /** Self-describing text made by passwords.ts; null for users who sign in elsewhere. */
  readonly passwordHash: string | null;
}

export interface NewUser {
  readonly email: string;
  readonly username: string;
  /** The user has chosen this name: if it is taken, there is no user. Left out: a name that is taken gives way. */
  readonly usernameIsChosen?: boolean;
  /** null: the user has no password here. */
  readonly passwordHash: string | null;
}

/** A user of an external identity provider: the pair (issuer, subject) is the identity, the e-mail is not. */
export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Used only when the user is made. */
  readonly email: string;
  readonly emailVerified: boolean;
}

/** Left out: untouched. null: cleared. */
export interface UserChanges {
  readonly email?: string;
  readonly username?: string;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
}

export type CreatedUser =
  | { readonly outcome: 'created'; readonly user: User }
  /** Another user has this e-mail, compared without case. */
  | { readonly outcome: 'email-taken' }
  /** Another user has the chosen name, compared without case. */
  | { readonly outcome: 'username-taken' };

export type FoundUser =
  | { readonly outcome: 'user'; readonly user: User }
  | { readonly outcome: 'email-taken' };

export type UpdatedUser =
  | { readonly outcome: 'updated'; readonly user: User }
  | { readonly outcome: 'email-taken' }
  | { readonly outcome: 'username-taken' }
  | { readonly outcome: 'missing' };

/**
 * Users in the database. E-mails are stored as given and compared without case. When the database can't be reached
 * it throws an error with `outcome: 'unavailable'`, as all of the store does.
 */
export interface UserStore {
  /** Those that exist, in any order; ids that are no UUID are simply not found. */
  usersById(ids: readonly string[]): Promise<readonly User[]>;
  credentialsByEmail(email: string): Promise<UserCredentials | null>;
  /** Compared without case. */
  credentialsByUsername(username: string): Promise<UserCredentials | null>;
  /** Everybody, oldest first. */
  listUsers(page: { readonly skip: number; readonly limit: number }): Promise<readonly User[]>;
  createUser(user: NewUser): Promise<CreatedUser>;
  /** The user of this identity, made if missing; safe when two requests meet. Never joins users by e-mail. */
  externalUser(identity: ExternalIdentity): Promise<FoundUser>;
  /** Another e-mail (but for its case) is not verified any more. */
  updateUser(id: string, changes: UserChanges): Promise<UpdatedUser>;
  setPasswordHash(id: string, passwordHash: string): Promise<void>;
  /** Sets `lastLoginAt` to the database's now. */
  recordLogin(id: string): Promise<void>;
  /** Makes users that another server had, with the ids of there; an outcome for each, in their order. */
  importUsers(users: readonly ImportedUser[]): Promise<readonly ImportOutcome[]>;
}

/** Why a caller counts as anonymous. For logs and metrics; the caller is told UNAUTHENTICATED, whatever it was. */
export type AnonymousReason =
  | 'no-token'
  | 'malformed'
  | 'expired'
  | 'not-accepted'
  | 'unknown-user'
  | 'inactive-user';

export type Authentication =
  | {
      readonly outcome: 'actor';
      readonly actor: Actor;
      readonly user: User;
      /** Names what signed in, by its token: stands for the device where that has no name of its own. */
      readonly session: string;
      /** When the token ends: a live session closes then. */
      readonly expiresAt: number;
    }
  | { readonly outcome: 'anonymous'; readonly reason: AnonymousReason }
  /** It can't be known just now: the database or the identity provider does not answer. */
  | { readonly outcome: 'unavailable'; readonly cause: string };

/** What the store throws while the database can't be reached; everything else that is thrown is a defect. */
export const isUnavailable = (error: unknown): error is Error =>
  error instanceof Error && 'outcome' in error && error.outcome === 'unavailable';

/** Takes the value of the header `Authorization`. */
export type Authenticate = (authorization: string | undefined) => Promise<Authentication>;

export type AccountResult<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly retryAfterMs: number };

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface Registration extends Credentials {
  /** Left out: the e-mail, until the profile is filled in. */
  readonly username?: string;
}

export interface SignIn extends Credentials {
  /** `email` may also be a user name. What is somebody's e-mail is never looked for as a name. */
  readonly orUsername?: boolean;
}

/** Where a call comes from, for limiting attempts. */
export interface Caller {
  /** IP address. */
  readonly address: string;
}

export interface Accounts {
  register(credentials: Registration, caller: Caller): Promise<AccountResult<{ readonly user: User }>>;
  /** The same answer, after the same time, for an unknown e-mail and a wrong password. */
  login(
    credentials: SignIn,
    caller: Caller,
  ): Promise<AccountResult<{ readonly token: string; readonly user: User }>>;
  update(actor: Actor, changes: UserChanges): Promise<AccountResult<{ readonly user: User }>>;
  /** The caller's own account; notes the visit in `lastLoginAt`. */
  current(actor: Actor): Promise<User | null>;
}
