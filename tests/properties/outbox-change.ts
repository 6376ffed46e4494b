/** A change as it lies in an outbox: fixed when the edit is made, whatever happens before it is sent. */
import type { Fields, Operation } from '@ackord/core';
import type { Acknowledged, RawChange, Receipt } from '@ackord/server';
import type { TypeName } from './steps.ts';

export interface OutboxChange {
  readonly changeId: string;
  readonly actor: string;
  readonly device: string;
  readonly typeName: TypeName;
  readonly id: string;
  readonly operation: Operation;
  readonly base: number;
  readonly fields: Fields;
  readonly transaction: string | null;
  readonly raw: RawChange;
  /** What the device showed of the record when it was edited: its replica with its own unsent edits on it. */
  readonly shown: Fields | null;
  /** What its replica held, without them. */
  readonly held: Fields | null;
  /** For a deletion: the versions that the device had seen of everything when it last sent it. */
  seenVersions: ReadonlyMap<string, number> | null;
  /** For a deletion: how far the device had read. */
  readonly cursor: string | null;
  /** The engine is expected to refuse it: a value that no field takes, or a record that was never seen. */
  readonly flaw: 'spoilt' | 'foreign' | null;
  /** Everything that the engine answered to it, also what got lost on the way back. */
  readonly answers: Receipt[];
  /** The answers that arrived. */
  readonly received: Receipt[];
}

export const isAcknowledged = (receipt: Receipt): receipt is Acknowledged =>
  receipt.status === 'applied' || receipt.status === 'merged' || receipt.status === 'conflict';
