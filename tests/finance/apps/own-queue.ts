/** The app's queue of a tenant: entries keep their ids however often they are sent. */
import { randomUUID } from 'node:crypto';
import type { TypeName } from '@ackord/finance';
import type { Entity } from './entities.ts';

export type Operation = 'create' | 'update' | 'delete';

export interface QueueEntry {
  readonly id: string;
  readonly tenantId: string;
  readonly entityType: TypeName;
  readonly entityId: string;
  readonly operationType: Operation;
  readonly payload: Entity;
  readonly timestamp: number;
  status: 'pending' | 'processing';
  attempts: number;
  lastAttempt?: number;
}

export class OwnQueue {
  readonly #entries = new Map<string, QueueEntry>();
  readonly #tenantId: string;

  constructor(tenantId: string) {
    this.#tenantId = tenantId;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(entityType: TypeName, operationType: Operation, payload: Entity, timestamp: number): QueueEntry {
    const entry: QueueEntry = {
      id: randomUUID(),
      tenantId: this.#tenantId,
      entityType,
      entityId: payload.id,
      operationType,
      payload,
      timestamp,
      status: 'pending',
      attempts: 0,
    };
    this.#entries.set(entry.id, entry);
    return entry;
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  has = (id: string): boolean => this.#entries.has(id);

  isDeleteQueued(type: TypeName, id: string): boolean {
    for (const entry of this.#entries.values())
      if (entry.operationType === 'delete' && entry.entityId === id && entry.entityType === type) return true;
    return false;
  }

  /** By timestamp; the database of the app gives those of the same millisecond in the order of their ids. */
  pending(): QueueEntry[] {
    return [...this.#entries.values()]
      .filter(({ status }) => status === 'pending')
      .sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  }

  markSent(chunk: readonly QueueEntry[], now: number): void {
    for (const entry of chunk) {
      entry.status = 'processing';
      entry.attempts += 1;
      entry.lastAttempt = now;
    }
  }

  /** No answer came in time: whatever is left of them is to be sent again. */
  giveBack(chunk: readonly QueueEntry[]): void {
    for (const entry of chunk) if (this.#entries.has(entry.id)) entry.status = 'pending';
  }
}
