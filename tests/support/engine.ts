/**
 * An engine with the travel domain, as tests talk to it: a device sends changes and reads pages; everything in between
 * is real. `store` decides whether PostgreSQL or the oracle is behind it.
 */
import { randomUUID } from 'node:crypto';
import { type ConflictStrategy, createRegistry } from '@ackord/core';
import {
  createEngine,
  type Engine,
  type Observer,
  type RawChange,
  type Receipt,
  type Store,
} from '@ackord/server';
import { travelDomain } from '@ackord/travel';

export const registry = createRegistry([travelDomain]);

export function travelEngine(
  store: Store,
  options: { strategy?: ConflictStrategy; now?: () => number; observer?: Observer } = {},
): Engine {
  return createEngine({ registry, store, ...options });
}

export interface Device {
  readonly userId: string;
  readonly device: string;
  send(...changes: RawChange[]): Promise<readonly Receipt[]>;
  /** Sends one change and gives its receipt. */
  one(change: RawChange): Promise<Receipt>;
}

export function deviceOf(
  engine: Engine,
  userId: string = randomUUID(),
  device: string = randomUUID(),
): Device {
  const send = async (...changes: RawChange[]): Promise<readonly Receipt[]> => {
    const submission = {
      domain: 'travel',
      actor: { userId },
      device,
      batchId: randomUUID(),
      origin: 'client',
      changes,
    } as const;
    return (await engine.submit(submission)).receipts;
  };
  return { userId, device, send, one: async (change) => (await send(change))[0] as Receipt };
}

const at = (time: number | undefined): { clientTime?: number } =>
  time === undefined ? {} : { clientTime: time };

/** Changes of the travel domain with everything that their types need. */
export const change = {
  trip: (id: string, fields: Record<string, unknown> = {}, time?: number): RawChange => ({
    entityType: 'Trip',
    operation: 'CREATE',
    id,
    base: 0,
    fields: { name: 'Brittany', startDate: '2026-05-01T08:00:00.000Z', ...fields },
    ...at(time),
  }),
  memory: (id: string, tripId: string, fields: Record<string, unknown> = {}, time?: number): RawChange => ({
    entityType: 'Memory',
    operation: 'CREATE',
    id,
    base: 0,
    fields: { tripId, title: 'Lighthouse', ...fields },
    ...at(time),
  }),
  media: (id: string, memoryId: string, fields: Record<string, unknown> = {}, time?: number): RawChange => ({
    entityType: 'MediaItem',
    operation: 'CREATE',
    id,
    base: 0,
    fields: { memoryId, objectName: `media/${id}.jpg`, mediaType: 'image/jpeg', order: 0, ...fields },
    ...at(time),
  }),
  tag: (id: string, name: string, fields: Record<string, unknown> = {}, time?: number): RawChange => ({
    entityType: 'Tag',
    operation: 'CREATE',
    id,
    base: 0,
    fields: { name, ...fields },
    ...at(time),
  }),
  update: (
    entityType: string,
    id: string,
    base: number | null,
    fields: Record<string, unknown>,
    time?: number,
  ): RawChange => ({
    entityType,
    operation: 'UPDATE',
    id,
    base,
    fields,
    ...at(time),
  }),
  remove: (entityType: string, id: string, base: number | null, time?: number): RawChange => ({
    entityType,
    operation: 'DELETE',
    id,
    base,
    fields: {},
    ...at(time),
  }),
};
