/**
 * What a room has told its sockets, record by record: the newest state, and the newest one that another session than
 * its last writer made, since a writer is mostly not told of what it wrote. Kept once for all sockets of the room.
 */
import { LIMITS } from '@ackord/core';
import { digestOf, type ToldRow, ToldTable } from './told-table.ts';

export interface ToldRecord {
  readonly key: string;
  readonly seq: number;
  readonly device: string | null;
}

export interface ToldLog {
  note(told: readonly ToldRecord[]): void;
  /** The newest seq at which a session was told of a record; of records long past, one that is not less. 0: never. */
  lastFor(key: string, sessionId: string): number;
  /** The same; of records long past, 0. */
  surelyFor(key: string, sessionId: string): number;
  /** The seq of the newest state of a record that was told to anybody; 0: nobody knows of one. */
  newestOf(key: string): number;
}

/** Half of what is remembered is forgotten at once, so nothing has to be moved when it is told again. */
const TABLE_SIZE_MAX = LIMITS.socketRecordsRememberedMax / 2;
const NOBODY = 0;

export const createToldLog = (): ToldLog => new TwoTables();

class TwoTables implements ToldLog {
  #young = new ToldTable();
  #old = new ToldTable();
  /** What is remembered no more is not newer than this. */
  #forgotten = 0;

  note(told: readonly ToldRecord[]): void {
    for (const record of told) {
      const { seq } = record;
      const device = record.device === null ? NOBODY : digestOf(record.device);
      const key = digestOf(record.key);
      const known = this.#row(key);
      const otherSeq = known ? (known.device === device ? known.otherSeq : known.seq) : this.#forgotten;
      this.#young.set(key, { seq, device, otherSeq });
      if (this.#young.size >= TABLE_SIZE_MAX) this.#forget();
    }
  }

  newestOf(key: string): number {
    return this.#row(digestOf(key))?.seq ?? 0;
  }

  lastFor(key: string, sessionId: string): number {
    return this.#knownFor(key, sessionId) ?? this.#forgotten;
  }

  surelyFor(key: string, sessionId: string): number {
    const seq = this.#knownFor(key, sessionId) ?? 0;
    return seq > this.#forgotten ? seq : 0;
  }

  #knownFor(key: string, sessionId: string): number | undefined {
    const row = this.#row(digestOf(key));
    return row?.device === digestOf(sessionId) ? row.otherSeq : row?.seq;
  }

  #row(key: number): ToldRow | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  #forget(): void {
    this.#forgotten = Math.max(this.#forgotten, this.#old.newest);
    this.#old = this.#young;
    this.#young = new ToldTable();
  }
}
