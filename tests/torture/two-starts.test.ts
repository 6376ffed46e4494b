/**
 * Several servers start at the same moment on an empty database, as in a first deployment: all of them come up, the
 * tables are made once, and from then on they are one server to a client. On an empty data folder only one can.
 */
import { expect, test } from 'vitest';
import { getTestPostgres } from '../support/postgres.ts';
import { connect } from './support/connection.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';
import { atEnd, dataFolder, type ServerProcess, startCommand } from './support/process.ts';
import { size, TEST_MS_MAX } from './support/size.ts';
import { memoryRow, readPage, sendAll, signUp, tripRow } from './support/travel-client.ts';

const SERVERS = size(2, 5);

test(
  'on an empty database',
  async () => {
    for (let round = 0; round < size(1, 10); round++) {
      const database = await (await getTestPostgres()).createDatabase();
      atEnd(database.drop);
      const urls = { DATABASE_URL: database.ownerUrl, DATABASE_APP_URL: database.appUrl };
      const starting = Array.from({ length: SERVERS }, async () =>
        startCommand({ ...urls, ACKORD_DATA_DIR: await dataFolder() }),
      );
      const servers = await Promise.all(starting);
      expect(servers.flatMap(({ log }) => log)).toEqual([]);
      const names = await withClient(database.ownerUrl, (client) =>
        client.query('SELECT name, count(*)::int AS times FROM ackord.migration GROUP BY name'),
      );
      expect(names.rows.length).toBeGreaterThan(0);
      expect(names.rows.every(({ times }) => times === 1)).toBe(true);

      const token = await signUp(servers[0]!.url);
      const connections = servers.map(({ url }) => connect(url, token));
      const trip = tripRow();
      await sendAll({ connection: () => connections[0]! }, 'trips', [trip]);
      for (const connection of connections)
        await sendAll({ connection: () => connection }, 'memories', [memoryRow(trip.id)]);
      // A page at each of them, with the cursor that another one gave.
      let cursor: string | null = null;
      const seen = new Set<string>();
      for (let at = 0; ; at++) {
        const page = await readPage(connections[at % connections.length]!, cursor, 1);
        expect(page.fullResyncRequired).toBe(false);
        for (const { id } of page.memories) seen.add(id);
        cursor = page.nextCursor;
        if (!page.hasMore) break;
      }
      expect(seen.size).toBe(SERVERS);
      expect(await storedMemories(database.ownerUrl)).toHaveLength(SERVERS);
      expect(await faultsOf(database.ownerUrl)).toEqual([]);
      for (const connection of connections) connection.close();
      await Promise.all(servers.map((server) => server.end('SIGTERM')));
      expect(servers.map(({ child }) => child.exitCode)).toEqual(servers.map(() => 0));
    }
  },
  TEST_MS_MAX,
);

test(
  'on an empty data folder: one comes up, the other says why it does not',
  async () => {
    const folder = await dataFolder();
    const starts = await Promise.allSettled([1, 2].map(() => startCommand({ ACKORD_DATA_DIR: folder })));
    const up = starts.flatMap((start): ServerProcess[] =>
      start.status === 'fulfilled' ? [start.value] : [],
    );
    const refused = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
    expect(up).toHaveLength(1);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(/in use|already/);
    await signUp(up[0]!.url);
    await up[0]!.end('SIGTERM');
  },
  TEST_MS_MAX,
);
