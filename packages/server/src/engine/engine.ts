/**
 * The face of the engine: all that transports may ask of it. Every write, whoever asks for it, is a submission;
 * every read is a page of the feed, a look at records, or a look at conflicts.
 */
import type { ConflictStrategy, ErrorCode, Priority, RecordState, Registry, Role } from '@ackord/core';
import type { AccessListener } from './access-watch.ts';
import type { ConflictResolution, ConflictView } from './conflict-view.ts';
import type { Following, NewsListener } from './live.ts';
import type { LiveCursor } from './live-cursor.ts';
import type { News, Place } from './news.ts';
import type { RecordKey, RecordsText, ScopeDigest, SyncFailure } from './ports.ts';
import type { DigestsOfScope } from './reads.ts';
import type { Actor, Submission, SubmissionResult } from './submission.ts';
import type { ScopeChanges, ScopeChangesRequest, WholeScopeRequest } from './whole-scope.ts';

/** A call that was refused as a whole. */
export interface CallError {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  /** For CONFLICT_MOVED: the conflict as it is now. */
  readonly conflict?: ConflictView;
}

export type CallResult<T> = ({ readonly ok: true } & T) | CallError;

export interface PullRequest {
  readonly actor: Actor;
  readonly domain: string;
  /** Names the device whose last page this will be; null: it does not say. */
  readonly device: string | null;
  /** Wins over `since`. */
  readonly cursor: string | null;
  /** A moment, milliseconds since 1970; exact when this server gave it out to this caller, else with an overlap. */
  readonly since: number;
  /**
   * `since` may have been given to another device of the caller: its name changes with each sign-in. Then the moment
   * counts where that device has read no further.
   */
  readonly sinceOfAnyDevice?: boolean;
  /** Wire names of entity types, already checked; null: all of the domain. */
  readonly types: readonly string[] | null;
  /** Least priority; null: no filter. */
  readonly priority: Priority | null;
  /** Rows in total, 1 … LIMITS.pageRowsMax. */
  readonly limit: number;
  /** Only what happens in this scope; for all others the cursor stays where it was. Left out, or null: all scopes. */
  readonly scope?: string | null;
  /**
   * For replicas that are told what is committed and file records by scope: how far they were told beyond the cursor, by
   * scope. They drop a lost scope by its name, and never come back with a moment, so none is kept for them.
   */
  readonly live?: { readonly seen: Readonly<Record<string, number>> };
}

/** A page of the feed. */
export interface Page<R = RecordState> {
  /** In feed order, none before the live records that it belongs to; live records and tombstones. */
  readonly records: readonly R[];
  /** How many records these are. */
  readonly count: number;
  /** What the caller must drop without being told more: records of scopes that it has lost. */
  readonly dropped: readonly RecordKey[];
  /** Told with the first of their records, so that a replica can drop a scope at once and is never left with half of it. */
  readonly droppedScopes: readonly string[];
  /** The caller's role in each of its scopes (only own scopes and memberships of today). */
  readonly roles: ReadonlyMap<string, Role>;
  /** The cursor after this page. Given also on the last one: it is where the next run goes on. */
  readonly cursor: string;
  /** How far the page reaches, by scope; scopes in which nothing has happened are left out. */
  readonly positions: Readonly<Record<string, number>>;
  readonly hasMore: boolean;
  /** The page reaches the heads that were read at its start: here a replica may show its state and compare digests. */
  readonly consistent: boolean;
  /** Rows of the whole run, counted at its first page, at most LIMITS.countedRowsMax. */
  readonly total: number;
  /** The moment that stands for this position as `since`. */
  readonly serverTime: number;
  /** The caller's cursor or moment was useless: this page begins a full sync and the replica must drop what it has. */
  readonly fullResync: boolean;
  /** The caller's open conflicts. */
  readonly conflicts: readonly ConflictView[];
}

export interface Member {
  readonly userId: string;
  readonly scope: string;
  readonly role: Role;
  readonly grantedAt: number;
}

type FieldsOrNone = { readonly [field: string]: unknown } | null;

/**
 * Fields under their stored names, null where the strategy needs none; or how to read them, once it is known what the
 * conflict is about (a wire name such as `Memory`).
 */
export type ResolvedFields = FieldsOrNone | ((entityType: string) => FieldsOrNone);

export interface ConflictsRequest {
  readonly actor: Actor;
  readonly domain: string;
  /** Wire name of an entity type; null: all of the domain. */
  readonly type: string | null;
  /** Leave out what is decided. */
  readonly openOnly?: boolean;
  /** Only this one, also when the caller has not lost by it. */
  readonly id?: string;
  /** All that are about this scope of the caller's, whoever met them; left out: the caller's own, in all scopes. */
  readonly ofScope?: string;
  readonly limit: number;
}

export interface ListRequest {
  readonly actor: Actor;
  /** Key of an entity type. */
  readonly type: string;
  /** Only what belongs to this record; null: all. One that is not the caller's to see refuses the call. */
  readonly owner: string | null;
  readonly contains: { readonly fields: readonly string[]; readonly text: string } | null;
  /** Id of the last record of the page before; null: from the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

export interface Engine {
  readonly registry: Registry;
  submit(submission: Submission): Promise<SubmissionResult>;
  pull(request: PullRequest): Promise<CallResult<{ readonly page: Page }>>;
  /**
   * The same, for callers that hand the records on as they are: made as text by the database, never taken apart, and
   * where many are asked for twice, kept for whoever asks next. Long scopes come first.
   */
  pullTexts(request: PullRequest): Promise<CallResult<{ readonly page: Page<RecordsText> }>>;

  /** May the caller send this cursor with a push, as what it has read? */
  checkCursor(actor: Actor, cursor: string): CallResult<object>;

  /** The caller's pending conflicts and those in which it lost, or all of one scope; newest first. */
  conflicts(request: ConflictsRequest): Promise<readonly ConflictView[]>;
  resolve(request: {
    readonly actor: Actor;
    readonly domain: string;
    readonly conflictId: string;
    readonly strategy: ConflictStrategy;
    readonly resolvedFields: ResolvedFields;
    /** This side is to stand, whichever the strategy would choose. */
    readonly side?: 'client' | 'server';
    readonly device: string | null;
  }): Promise<CallResult<{ readonly resolution: ConflictResolution }>>;

  /** The changes of a device that were rejected last, at most one for a record: what it is told as SYNC_ERROR. */
  failures(actor: Actor, device: string): Promise<readonly SyncFailure[]>;

  /** Gives a user a role in a scope, or takes it away (`role: null`). Goes down the same line as every change. */
  setMember(request: {
    readonly actor: Actor;
    readonly scope: string;
    readonly userId: string;
    readonly role: Role | null;
    /** With the role OWNER: the actor, who is the owner now, stays as an editor. Only members can become owners. */
    readonly handsOver?: boolean;
  }): Promise<CallResult<{ readonly member: Member | null }>>;
  members(request: {
    readonly actor: Actor;
    readonly scope: string;
  }): Promise<CallResult<{ readonly members: readonly Member[] }>>;

  /** Live records that the caller may see, by key; what it may not see is simply not there. */
  records(actor: Actor, keys: readonly RecordKey[]): Promise<readonly RecordState[]>;
  /** Live records of a type whose owner is one of the ids, among those that the caller may see. */
  children(
    actor: Actor,
    type: string,
    owners: readonly string[],
    /** Where the owners lie, if that is known: children lie there too. */
    within?: readonly string[],
  ): Promise<readonly RecordState[]>;
  /** Live records of a type that the caller may see, as they were made. */
  list(request: ListRequest): Promise<CallResult<{ readonly records: readonly RecordState[] }>>;
  /** Live records that others filed in scopes of their own but used in a scope that the caller sees: a tag on a memory. */
  linked(
    actor: Actor,
    links: readonly { readonly from: RecordState; readonly to: RecordKey }[],
  ): Promise<readonly RecordState[]>;
  /** The caller's scopes of today, with roles. */
  scopes(actor: Actor): Promise<ReadonlyMap<string, Role>>;
  /** The caller's role in a scope; null: it has none, or the scope's root is deleted. */
  roleIn(actor: Actor, scope: string): Promise<Role | null>;
  digests(actor: Actor): Promise<readonly ScopeDigest[]>;
  /** The same with the seq at which each scope stood; null: all scopes. Scopes that are not the caller's are left out. */
  scopeDigests(actor: Actor, scopes: readonly string[] | null): Promise<readonly DigestsOfScope[]>;

  /** What happens in a scope from now on. The follower has to know that its caller may see it. */
  follow(scope: string, domain: string, listener: NewsListener): Promise<Following>;
  /** Calls the listener when the role of the user in some scope may have changed, until what it gives is called. */
  followUser(userId: string, listener: AccessListener): () => void;
  /** Calls the listener when a conflict of the user's may be new or decided, until what it gives is called. */
  followConflicts(userId: string, listener: () => void): () => void;
  /** Of all members. Whoever asks has to know that those who will see them may see the scope. */
  openConflictsIn(scope: string, domain: string): Promise<readonly ConflictView[]>;
  /** The cursor of somebody who is told live what comes after a page of this engine. */
  liveCursor(page: Pick<Page, 'cursor' | 'positions'>): LiveCursor;
  /**
   * What has happened in a scope of the caller's since a position, at most LIMITS.newsRecordsMax records of it at a
   * time; null: nothing has. FORBIDDEN for a scope in which the caller has no role.
   */
  news(actor: Actor, domain: string, place: Place): Promise<CallResult<{ readonly news: News | null }>>;

  /** All of a scope of the caller's from one moment; FORBIDDEN where it has no role. */
  wholeScope(request: WholeScopeRequest): Promise<CallResult<{ readonly head: number }>>;
  /** What has changed in one scope of the caller's since a cursor. */
  scopeChanges(request: ScopeChangesRequest): Promise<CallResult<{ readonly changes: ScopeChanges }>>;
  /** When the newest line of a scope's log was written; null: there is none, or the caller has no role in the scope. */
  lastCommit(actor: Actor, scope: string): Promise<number | null>;
  /** Changes that wait for a commit in a scope's lane. */
  waitingIn(scope: string): number;

  /** Resolves when nothing waits for a commit any more; new submissions get `retry` BUSY. */
  stop(): Promise<void>;
}
