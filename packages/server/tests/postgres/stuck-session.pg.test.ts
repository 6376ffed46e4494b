/**
 * A server that is frozen while PostgreSQL sends it rows: its session waits inside a statement, where no timeout of
 * PostgreSQL ends it, and holds its scopes. Whoever waits for them in vain ends it.
 */
import { LIMITS } from '@ackord/core';
import pg from 'pg';
import { expect, test } from 'vitest';
import { commit, libraryOf, newPlace, writesFor } from '../store/shelf.ts';
import { freshDatabase, openOn, withSession } from './support.ts';

const HELD_UP_MS_MAX = 5_000;

test('a session that waits for its frozen server inside a statement is ended within five seconds', async () => {
  const database = await freshDatabase();
  const opened = await openOn(database);
  const place = newPlace();
  await commit(opened.store, [place.scope], writesFor([libraryOf(place, 1)]));
  const frozen = new pg.Client({ connectionString: database.appUrl, application_name: 'ackord' });
  await frozen.connect();
  const lost = new Promise((resolve) => frozen.on('error', resolve));
  await frozen.query('BEGIN');
  await frozen.query('SELECT FROM ackord.scope WHERE id = $1 FOR NO KEY UPDATE', [place.scope]);
  // More than the buffers between the two take.
  const unread = frozen.query(`SELECT repeat('x', 100000) FROM generate_series(1, 1000)`).catch(() => {});
  (frozen as unknown as { connection: { stream: { pause(): void } } }).connection.stream.pause();
  await expect.poll(() => waitsForClient(database.ownerUrl), { timeout: 10_000 }).toBe(1);

  const started = performance.now();
  const outcomes: string[] = [];
  while (outcomes.at(-1) !== 'committed' && outcomes.length < LIMITS.commitAttemptsMax) {
    const end = await opened.store.transaction((transaction) =>
      transaction.lockScopes([place.scope], { wait: true }),
    );
    outcomes.push(end.outcome);
  }
  expect(outcomes.at(-1)).toBe('committed');
  expect(performance.now() - started).toBeLessThan(HELD_UP_MS_MAX);

  (frozen as unknown as { connection: { stream: { resume(): void } } }).connection.stream.resume();
  await Promise.all([unread, lost]);
  await frozen.end().catch(() => {});
  await opened.close();
  await database.drop();
});

const waitsForClient = (url: string): Promise<number> =>
  withSession(url, async (session) => {
    const rows = await session.rows(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'ClientWrite'`,
    );
    return rows.length;
  });
