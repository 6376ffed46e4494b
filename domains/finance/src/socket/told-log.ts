/**
 * What a room has told its sockets, record by record: the newest state, and the newest one that another session than
 * its last writer made, since a writer is mostly not told of what it wrote. Kept once for all sockets of the room.
 */
import { LIMITS } from '@ackord/core';

export interface ToldRecord {
  readonly key: string;
  readonly seq: number;
  readonly device: string | null;
}

export interface ToldLog {
  note(told: readonly ToldRecord[]): void;
  /** The newest seq at which a session was told of a record; of records long past, one that is not less. 0: never. */
  lastFor(key: string, sessionId: string): number;
  /** The seq of the newest state of a record that was told to anybody; 0: nobody knows of one. */
  newestOf(key: string): number;
}

interface Entry {
  readonly seq: number;
  readonly device: string | null;
  /** The newest one by somebody else than `device`. */
  readonly otherSeq: number;
}

export function createToldLog(): ToldLog {
  const entries = new Map<string, Entry>();
  let forgotten = 0;
  return {
    note(told) {
      for (const { key, seq, device } of told) {
        const known = entries.get(key);
        const otherSeq = known ? (known.device === device ? known.otherSeq : known.seq) : forgotten;
        entries.delete(key);
        entries.set(key, { seq, device, otherSeq });
        if (entries.size <= LIMITS.socketRecordsRememberedMax) continue;
        for (const [oldest, entry] of entries) {
          entries.delete(oldest);
          forgotten = Math.max(forgotten, entry.seq);
          break;
        }
      }
    },
    newestOf: (key) => entries.get(key)?.seq ?? 0,
    lastFor(key, sessionId) {
      const known = entries.get(key);
      if (!known) return forgotten;
      return known.device === sessionId ? known.otherSeq : known.seq;
    },
  };
}
