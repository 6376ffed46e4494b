/** The engine on an embedded PostgreSQL, without HTTP: what the decisions and the commits themselves cost. */

import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@ackord/core';
import {
  createEngine,
  type Engine,
  openPostgresStore,
  type RawChange,
  type Store,
  startEmbeddedPostgres,
} from '@ackord/server';
import { travelDomain } from '@ackord/travel';

export interface BenchEngine {
  readonly engine: Engine;
  readonly store: Store;
  /** Sends changes of a user and throws when one of them is not acknowledged. */
  send(userId: string, changes: readonly RawChange[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startEngine(): Promise<BenchEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'ackord-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'data') });
  const registry = createRegistry([travelDomain]);
  const opened = await openPostgresStore({
    ownerUrl: postgres.ownerConnectionString,
    appUrl: postgres.connectionString,
    registry,
    log: () => {},
  });
  const engine = createEngine({ registry, store: opened.store });
  return {
    engine,
    store: opened.store,
    send: async (userId, changes) => {
      const submission = {
        domain: 'travel',
        actor: { userId },
        device: 'bench',
        batchId: randomUUID(),
        origin: 'client',
        changes,
      } as const;
      const { receipts } = await engine.submit(submission);
      const refused = receipts.find((receipt) => receipt.status === 'rejected' || receipt.status === 'retry');
      if (refused) throw new Error(JSON.stringify(refused));
    },
    stop: async () => {
      await engine.stop();
      await opened.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const rssMb = (): number => process.memoryUsage().rss / 1024 / 1024;

export const tripOf = (id: string): RawChange => ({
  entityType: 'Trip',
  operation: 'CREATE',
  id,
  base: 0,
  fields: { name: 'Along the coast', startDate: '2026-05-01T08:00:00.000Z' },
});

export const memoryOf = (tripId: string, id: string = randomUUID()): RawChange => ({
  entityType: 'Memory',
  operation: 'CREATE',
  id,
  base: 0,
  fields: {
    tripId,
    title: 'Lighthouse',
    text: 'The lamp was lit at nine. '.repeat(9),
    timestamp: '2026-05-01T18:30:00.000Z',
    latitude: 48.68,
    longitude: -3.93,
  },
});
