/**
 * A bulk load that does not give up: some devices send batches of new memories and edits of older ones, and what was not
 * acknowledged again, under the same change ids, to wherever the server is by then. Knows in the end what must be there.
 */
import { randomUUID } from 'node:crypto';
import type { Connection } from './connection.ts';
import { storedMemories } from './database-checks.ts';
import { memoryRow, type Row, sendAll } from './travel-client.ts';

export interface Load {
  /** Batches that were acknowledged so far. */
  batches(): number;
  /** Answers that were lost or told to come again. */
  retries(): number;
  /** Lets the batches under way come to their end, however often they have to be sent. */
  stop(): Promise<void>;
  /** Acknowledged memories with the version that they must have. */
  readonly expected: ReadonlyMap<string, number>;
}

export interface LoadSettings {
  /** One per device; asked anew for every try. */
  readonly connections: readonly (() => Connection | Promise<Connection>)[];
  readonly trips: readonly Row[];
  readonly rows: number;
}

export function startLoad({ connections, trips, rows }: LoadSettings): Load {
  const expected = new Map<string, number>();
  const counts = { batches: 0, retries: 0 };
  let going = true;

  const device = async (connection: () => Connection | Promise<Connection>, at: number): Promise<void> => {
    const patience = { connection, onRetry: () => counts.retries++ };
    let older: readonly Row[] = [];
    while (going) {
      const fresh = Array.from({ length: rows }, (_, row) => memoryRow(trips[(at + row) % trips.length]!.id));
      await sendAll(patience, 'memories', [...fresh, ...older.map(edited)]);
      for (const { id } of fresh) expected.set(id, 1);
      for (const { id } of older) expected.set(id, 2);
      older = fresh;
      counts.batches++;
    }
  };
  const devices = Promise.all(connections.map(device));
  // Looked at in `stop`; it may fail before that.
  devices.catch(() => {});
  return {
    expected,
    batches: () => counts.batches,
    retries: () => counts.retries,
    stop: async () => {
      going = false;
      await devices;
    },
  };
}

const edited = ({ id }: Row): Row => ({
  id,
  changeId: randomUUID(),
  syncVersion: 1,
  clientTimestamp: '2026-05-02T08:00:00.000Z',
  operation: 'UPDATE',
  title: 'Edited',
});

/** Acknowledged changes that are not there, or more than once; and records that nobody sent. */
export async function lossesOf({ expected }: Load, ownerUrl: string): Promise<string[]> {
  const stored = new Map((await storedMemories(ownerUrl)).map(({ id, version }) => [id, version]));
  const lost = [...expected].filter(([id, version]) => stored.get(id) !== version);
  const strange = [...stored.keys()].filter((id) => !expected.has(id));
  return [
    ...lost.map(([id, version]) => `${id} has version ${stored.get(id)}, not ${version}`),
    ...strange.map((id) => `${id} was never acknowledged`),
  ];
}
