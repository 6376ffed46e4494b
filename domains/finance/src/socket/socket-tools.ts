/** What the sockets of the finance domain share in one server. */
import type { Engine, Logger } from '@ackord/server';
import type { SyncQueue } from '../live.ts';
import type { StatusTools } from '../status/data-status.ts';
import type { Decided } from './decide-entries.ts';
import type { Refusal } from './decode-entry.ts';
import type { FirstLoads } from './first-load.ts';
import type { EntryRetries } from './retry-queue.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';

/** Entries that were received and are not decided yet. */
export interface UnderWay {
  add(tenantId: string, entries: number): void;
  remove(tenantId: string, entries: number): void;
  of(tenantId: string): number;
}

export interface SocketTools {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly firstLoads: FirstLoads;
  readonly retries: EntryRetries;
  readonly underWay: UnderWay;
  /** The room of a tenant with sockets; null: it has none here. */
  readonly roomOf: (tenantId: string) => Room | null;
  readonly status: StatusTools;
  readonly queue: SyncQueue;
  /** Keeps what failed for a passing cause, and notes what was refused. */
  readonly onDecided: (session: Session, decided: readonly Decided[]) => void;
  /** An entry that did not even become a change. */
  readonly onRefused: (session: Session, nack: Refusal) => void;
  readonly onLoaded: (session: Session, records: number, milliseconds: number) => void;
  /** How long after its arrival an edit must have been made for something to count as seen. */
  readonly seenMarginMs: number;
  /** Milliseconds, never back. */
  readonly clock: () => number;
}

export function createUnderWay(): UnderWay {
  const counts = new Map<string, number>();
  const change = (tenantId: string, by: number): void => {
    const count = (counts.get(tenantId) ?? 0) + by;
    if (count > 0) counts.set(tenantId, count);
    else counts.delete(tenantId);
  };
  return {
    add: (tenantId, entries) => change(tenantId, entries),
    remove: (tenantId, entries) => change(tenantId, -entries),
    of: (tenantId) => counts.get(tenantId) ?? 0,
  };
}
