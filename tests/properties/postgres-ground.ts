/**
 * Runs on one PostgreSQL database, one after the other: the clock is the real one, calls interleave as they do. Each
 * run has ids of its own, so it finds nothing of the runs before it.
 */
import type { Store } from '@ackord/server';
import pg from 'pg';
import { registry } from '../support/engine.ts';
import { checkPage } from './invariants/replicas.ts';
import type { Line, ReadLogs } from './truth.ts';
import type { Ground } from './world.ts';

export interface PostgresGrounds {
  /** A ground that nobody has been on. */
  readonly next: () => Ground;
  readonly close: () => Promise<void>;
}

/** `ownerUrl`: of the role that may read every log. */
export async function postgresGrounds(store: Store, ownerUrl: string): Promise<PostgresGrounds> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  let runs = 0;
  const next = (): Ground => ({
    registry,
    store,
    readLogs: logsBy(client),
    now: Date.now,
    // Its clock is the machine's: nobody can move it.
    pause: async () => {},
    turn: async () => {},
    run: (++runs).toString(16).padStart(8, '0'),
    afterPage: checkPage,
  });
  return { next, close: () => client.end() };
}

const LINES = `
  SELECT scope_id AS scope, seq::int, type, id, version, operation, actor_id AS actor, device_id AS device,
    change_id AS "changeId", outcome, before, floor(extract(epoch FROM at) * 1000)::float8 AS at
  FROM ackord.sync_log WHERE scope_id = ANY ($1) ORDER BY scope_id, seq`;

const logsBy =
  (client: pg.Client): ReadLogs =>
  async (scopes) => {
    const { rows } = await client.query<Line>(LINES, [scopes]);
    const logs = new Map<string, Line[]>(scopes.map((scope) => [scope, []]));
    for (const line of rows) logs.get(line.scope)?.push(line);
    return logs;
  };
