/** What is kept of a change that waits for a parent and of its submission, so that it can be decided later. */
import type { WaitingChange } from './ports.ts';
import type { RawChange } from './submission.ts';
import type { ChangeTask } from './unit.ts';

export interface WaitingPayload {
  readonly domain: string;
  readonly device: string | null;
  readonly batchId: string;
  readonly raw: unknown;
  readonly changeId: string;
  readonly id: string;
  readonly time: number;
  /** How many changes of the record it queues behind: many may be kept at one moment. */
  readonly place: number;
  /** Of the record, when the change began to wait; 0: it was not there. */
  readonly version: number;
}

export const payloadOf = ({ payload }: WaitingChange): WaitingPayload => payload as WaitingPayload;

/** Would it make the record? */
export const isCreate = (waiting: WaitingChange): boolean =>
  (payloadOf(waiting).raw as RawChange).operation === 'CREATE';

/** Oldest first; of those that were kept at one moment, in the order in which they queue behind each other. */
export const inOrderOfWaiting = (a: WaitingChange, b: WaitingChange): number =>
  a.createdAt - b.createdAt || payloadOf(a).place - payloadOf(b).place;

/** The version of its record when a change began to wait; null: it did not wait. */
export const waitedSince = ({ resumes }: ChangeTask): number | null =>
  resumes === null ? null : payloadOf(resumes).version;
