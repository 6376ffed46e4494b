/** Moves in from an old server to a new one, as the command does, and looks at what came of it. */
import { createRegistry } from '@ackord/core';
import { createEngine, type Engine, openMovedRows } from '@ackord/server';
import { type MovingReport, moveIn, openSource, travelDomain } from '@ackord/travel';
import pg from 'pg';
import { expect } from 'vitest';
import { openPostgresStore } from '../../packages/server/src/store/postgres-store.ts';
import type { TestDatabase } from '../support/postgres.ts';
import type { OldServer } from './old-server.ts';

export async function moveFrom(
  old: OldServer,
  database: TestDatabase,
  options: {
    readonly isDryRun?: boolean;
    readonly onStep?: (table: string) => void;
    /** Stands between the move and the engine. */
    readonly around?: (engine: Engine) => Engine;
  } = {},
): Promise<MovingReport> {
  const registry = createRegistry([travelDomain]);
  const opened = await openPostgresStore({ ...database, registry, poolMax: 4, log: () => {} });
  const { store, users } = opened;
  const engine = createEngine({ registry, store });
  const moved = openMovedRows({ url: database.appUrl, source: 'travel old', log: () => {} });
  const source = await openSource(old.url);
  try {
    const { isDryRun = false, onStep, around = (same) => same } = options;
    const parts = { source, engine: around(engine), store, users, moved, isDryRun };
    const result = await moveIn({ ...parts, ...(onStep && { onStep }) });
    if (!result.ok) throw new Error(result.message);
    checkSums(result.report);
    return result.report;
  } finally {
    await source.close();
    await engine.stop();
    await moved.close();
    await opened.close();
  }
}

/** Whatever came in, not one row goes unsaid. */
function checkSums({ counts }: MovingReport): void {
  for (const [name, { read, created, changed, unchanged, kept, leftOut }] of counts)
    expect([name, read]).toEqual([name, created + changed + unchanged + kept + leftOut]);
}

export const countsOf = (report: MovingReport) => Object.fromEntries(report.counts);

/** What changes with every write, and with nothing else. */
export async function stateOf(database: TestDatabase): Promise<unknown> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    const { rows: heads } = await client.query('SELECT id, head FROM ackord.scope ORDER BY id');
    const { rows: digests } = await client.query('SELECT * FROM ackord.digest ORDER BY scope_id, type');
    return { heads, digests };
  } finally {
    await client.end();
  }
}

/** An engine on the new database, for what people do there. */
export async function withEngine(
  database: TestDatabase,
  work: (engine: Engine) => Promise<unknown>,
): Promise<void> {
  const registry = createRegistry([travelDomain]);
  const opened = await openPostgresStore({ ...database, registry, poolMax: 4, log: () => {} });
  const engine = createEngine({ registry, store: opened.store });
  try {
    await work(engine);
  } finally {
    await engine.stop();
    await opened.close();
  }
}
