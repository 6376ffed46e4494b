/**
 * Edits that wait for the server's answer, in the order in which they were made. A change that may have been sent
 * already stays exactly as it is: only then does sending it again under the same changeId do nothing twice.
 */
import { randomUUID } from 'node:crypto';
import type { Fields, Operation } from '@ackord/core';
import { type EntityName, entityTypeOf } from './wire.ts';

export interface PendingChange {
  /** Names the change for ever. */
  readonly changeId: string;
  readonly entity: EntityName;
  readonly id: string;
  readonly operation: Operation;
  /** The version that the edit was made on; 0 where the phone had none. */
  readonly base: number;
  /** Under their stored names, only those that the edit sets. */
  readonly fields: Fields;
  /** What those fields were before. */
  readonly baseFields: Fields | null;
  /** Milliseconds since 1970, by the phone's own clock. */
  readonly time: number;
  readonly sent: boolean;
}

export interface Outbox {
  add(change: Omit<PendingChange, 'changeId' | 'sent'>): PendingChange;
  /** The oldest ones, up to `count`; from now on they count as sent. */
  take(count: number): readonly PendingChange[];
  remove(changeId: string): void;
  /** Waiting changes to one record, the oldest first. */
  of(entity: EntityName, id: string): readonly PendingChange[];
  all(): readonly PendingChange[];
  /** The record lives under another id: changes that were not sent yet are made to it, and name it by that id. */
  rename(entity: EntityName, from: string, to: string): void;
  readonly size: number;
}

export function createOutbox(): Outbox {
  const changes = new Map<string, PendingChange>();
  return {
    add(change) {
      const added = { ...change, changeId: randomUUID(), sent: false };
      changes.set(added.changeId, added);
      return added;
    },
    take(count) {
      const taken = [...changes.values()].slice(0, count).map((change) => ({ ...change, sent: true }));
      for (const change of taken) changes.set(change.changeId, change);
      return taken;
    },
    remove: (changeId) => void changes.delete(changeId),
    of: (entity, id) =>
      [...changes.values()].filter((change) => change.entity === entity && change.id === id),
    all: () => [...changes.values()],
    rename(entity, from, to) {
      for (const change of changes.values()) {
        if (!change.sent) changes.set(change.changeId, renamed(change, entity, from, to));
      }
    },
    get size() {
      return changes.size;
    },
  };
}

function renamed(change: PendingChange, entity: EntityName, from: string, to: string): PendingChange {
  const id = change.entity === entity && change.id === from ? to : change.id;
  const fields: Fields = Object.fromEntries(
    Object.entries(change.fields).map(([name, value]) => {
      if (entityTypeOf(change.entity).fields.get(name)?.reference?.to !== entity) return [name, value];
      if (Array.isArray(value)) return [name, [...new Set(value.map((one) => (one === from ? to : one)))]];
      return [name, value === from ? to : value];
    }),
  );
  return { ...change, id, fields };
}
