/**
 * The units of work that wait in lanes. A submission falls apart into units: changes whose scopes hang together stay
 * together. A unit is decided in one transaction; what waits in it are tasks, in the order in which they are decided.
 */
import type { Change, ConflictStrategy, Fields, Role } from '@ackord/core';
import type { ConflictResolution } from './conflict-view.ts';
import type { CallError } from './engine.ts';
import type { RecordAt, RecordKey, WaitingChange } from './ports.ts';
import type { LastPage } from './positions.ts';
import type { Receipt } from './submission.ts';

/** What all tasks of a submission share. */
export interface Call {
  readonly domain: string;
  readonly actor: string;
  readonly device: string | null;
  /** Names the device among everybody's: two people on one device are two writers. null: none was named. */
  readonly writer: string | null;
  readonly batchId: string;
  /** When it arrived, by the database's clock: known after placing. */
  receivedAt: number;
  readonly bookmark: boolean;
  /** The last page that its device was given, where that was looked up. */
  read: LastPage | null;
  /** Change ids of the submission: its own changes never conflict with each other. */
  readonly changeIds: Set<string>;
  /** Records whose CREATE failed: what needs them fails as well. */
  readonly failed: Set<string>;
  /** Records with a change that must come again: their later changes, and children that need them, come after it. */
  readonly delayed: Set<string>;
  /** How many more changes of the caller may begin to wait for a parent; null: not counted yet. */
  waitingRoom: number | null;
  /** Changes of the caller that already wait, by their record: later ones queue up behind them. */
  readonly waiting: Map<string, readonly WaitingChange[]>;
  /** Scopes that exist and in which the caller has no role: to it, what lies there is not there. */
  readonly closedTo: Set<string>;
  /** How far the caller had read in its scopes when it sent this; what is not named was not read. null: nobody knows. */
  positions: ReadonlyMap<string, number> | null;
}

interface TaskOfCall {
  readonly call: Call;
  /** Position in the submission. */
  readonly index: number;
}

/** A change of a record. */
export interface ChangeTask extends TaskOfCall {
  readonly kind: 'change';
  readonly change: Change;
  /** Wire name of the type, for the receipt. */
  readonly entityType: string;
  readonly fingerprint: string;
  readonly bytes: number;
  readonly transaction: string | null;
  /** Set when the change waited for a parent: it is decided although a receipt is stored. */
  readonly resumes: WaitingChange | null;
  /** What arrived, so that it can be kept and decided again. */
  readonly raw: unknown;
  receipt: Receipt | null;
}

export interface ResolutionSubject extends RecordKey {
  readonly candidates: readonly Fields[];
}

/** A person's decision on a conflict. */
export interface ResolutionTask extends TaskOfCall {
  readonly kind: 'resolution';
  readonly scope: string;
  readonly conflictId: string;
  /** All records that deciding it may change, with the values that they may get. */
  readonly related: readonly ResolutionSubject[];
  readonly strategy: ConflictStrategy;
  /** The side that is to stand, whichever the strategy would choose; null: the strategy chooses. */
  readonly side: 'client' | 'server' | null;
  readonly resolvedFields: Fields | null;
  result: { readonly ok: true; readonly resolution: ConflictResolution } | CallError | null;
}

/** Giving or taking a role in a scope. */
export interface MemberTask extends TaskOfCall {
  readonly kind: 'member';
  readonly scope: string;
  readonly userId: string;
  readonly role: Role | null;
  /** The actor is the owner, makes somebody else the owner, and stays as an editor. */
  readonly handsOver: boolean;
  result: { readonly ok: true; readonly role: Role | null; readonly grantedAt: number } | CallError | null;
}

export type Task = ChangeTask | ResolutionTask | MemberTask;

export interface Unit {
  readonly tasks: readonly Task[];
  scopes: ReadonlySet<string>;
  readonly bytes: number;
  /** It may touch many more records than it names. */
  readonly alone: boolean;
  /** It was placed by what was known: whether anything of its caller's waits is read with its batch. */
  isRemembered: boolean;
  /** Since when it waits for a commit, in milliseconds of a clock that never goes back; 0: it does not yet. */
  queuedAt: number;
  /** Times that a scope of it was held by another server. */
  skips: number;
  /** Times that it turned out to need other scopes. */
  replacings: number;
  /** The database's clock at the commit. */
  committedAt: number;
  readonly done: () => void;
}

export const recordKey = (type: string, id: string): string => `${type} ${id}`;

export const recordAtKey = ({ scope, type, id, seq }: RecordAt): string =>
  `${scope} ${recordKey(type, id)} ${seq}`;
