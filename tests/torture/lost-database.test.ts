/**
 * The database goes away under load: single connections, the answer to a COMMIT, all of PostgreSQL. Every acknowledged
 * change is there exactly once, and the load goes on by itself afterwards (I1, I2, I15).
 */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDatabase } from '../../packages/server/src/store/database.ts';
import { getTestPostgres } from '../support/postgres.ts';
import { type Load, lossesOf, startLoad } from './support/bulk-load.ts';
import { until } from './support/conditions.ts';
import { type Connection, connect } from './support/connection.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { faultsOf, withClient } from './support/database-checks.ts';
import { connectionsTo, startPair } from './support/late-commit.ts';
import { ownerUrlOf } from './support/own-database.ts';
import { atEnd, dataFolder, defectsIn, startCommand } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';
import { sendAll, signUp, tripRow } from './support/travel-client.ts';

const DEVICES = 8;

async function loadOn(connections: readonly Connection[]): Promise<Load> {
  const trips = Array.from({ length: 8 }, () => tripRow());
  await sendAll({ connection: () => connections[0]! }, 'trips', trips);
  return startLoad({ connections: connections.map((connection) => () => connection), trips, rows: 10 });
}

async function goesOn(load: Load): Promise<void> {
  const before = load.batches();
  await until('the load goes on', () => load.batches() >= before + DEVICES);
}

test(
  'sessions are terminated at random',
  async () => {
    const database = await (await getTestPostgres()).createDatabase();
    atEnd(database.drop);
    const pair = await startPair(database, { HOLD_MS_MAX: '10' });
    const load = await loadOn(connectionsTo(pair, DEVICES));
    let ended = 0;
    await withClient(database.ownerUrl, async (client) => {
      for (let round = 0; round < size(15, 1_000); round++) {
        const { rowCount } = await client.query(`
        SELECT pg_terminate_backend(pid) FROM (
          SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'ackord' ORDER BY random() LIMIT 2
        ) AS chosen`);
        ended += rowCount ?? 0;
        await sleep(randomInt(5, 60));
      }
    });
    await goesOn(load);
    await load.stop();
    expect(await lossesOf(load, database.ownerUrl)).toEqual([]);
    expect(await faultsOf(database.ownerUrl)).toEqual([]);
    expect(pair.servers.flatMap(({ log }) => defectsIn(log))).toEqual([]);
    tell('sessions terminated', { ended, changes: load.expected.size, retries: load.retries() });
  },
  TEST_MS_MAX,
);

test(
  'the connection is cut between a COMMIT and its answer',
  async () => {
    const database = await (await getTestPostgres()).createDatabase();
    atEnd(database.drop);
    const proxy = await startCuttingProxy(database.appUrl, 0.05);
    const pair = await startPair({ ...database, appUrl: proxy.url }, {});
    const load = await loadOn(connectionsTo(pair, DEVICES));
    await until('answers were cut off', () => proxy.cuts() >= size(12, 1_000), TEST_MS_MAX);
    await load.stop();
    expect(await lossesOf(load, database.ownerUrl)).toEqual([]);
    expect(await faultsOf(database.ownerUrl)).toEqual([]);
    expect(pair.servers.flatMap(({ log }) => defectsIn(log))).toEqual([]);
    tell('answers to COMMIT cut off', {
      cuts: proxy.cuts(),
      changes: load.expected.size,
      retries: load.retries(),
    });
  },
  TEST_MS_MAX,
);

test(
  'PostgreSQL or one of its processes is killed under the server that keeps it',
  async () => {
    const folder = await dataFolder();
    const server = await startCommand({ ACKORD_DATA_DIR: folder });
    const token = await signUp(server.url);
    const connections = Array.from({ length: DEVICES }, () => connect(server.url, token));
    atEnd(async () => {
      for (const connection of connections) connection.close();
    });
    const load = await loadOn(connections);
    const kills = size(2, 15);
    for (let kill = 0; kill < kills; kill++) {
      await goesOn(load);
      await sleep(randomInt(0, 300));
      if (kill % 2 === 0) {
        const pid = await postmasterOf(folder);
        process.kill(pid, 'SIGKILL');
        await until('another PostgreSQL', async () => (await postmasterOf(folder)) !== pid);
      } else process.kill(await sessionOf(folder), 'SIGKILL');
    }
    await goesOn(load);
    await load.stop();
    const ownerUrl = await ownerUrlOf(folder);
    expect(await lossesOf(load, ownerUrl)).toEqual([]);
    expect(await faultsOf(ownerUrl)).toEqual([]);
    expect(defectsIn(server.log)).toEqual([]);
    tell('kill -9 of PostgreSQL', { kills, changes: load.expected.size, retries: load.retries() });
    await server.end('SIGTERM');
  },
  TEST_MS_MAX,
);

test('a database that falls silent is no longer waited for', async () => {
  const target = await (await getTestPostgres()).createDatabase();
  atEnd(target.drop);
  const proxy = await startCuttingProxy(target.ownerUrl, 0);
  const statementMsMax = 200;
  const pool = { url: proxy.url, poolMax: 2, role: null, statementMsMax, log: () => {} };
  const database = openDatabase(pool);
  atEnd(database.close);
  const ask = () => database.use((connection) => connection.command('SELECT 1'));
  await ask();
  proxy.fallSilent();
  await expect(ask()).rejects.toMatchObject({ outcome: 'unavailable' });
  // A new connection finds its way.
  await ask();
  // In the middle of a transaction too, and PostgreSQL's own patience comes first.
  await database.use(async (connection) => {
    await connection.command('BEGIN');
    await expect(connection.command('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    await connection.command('ROLLBACK');
    await connection.command('BEGIN');
    proxy.fallSilent();
    await expect(connection.command('COMMIT')).rejects.toMatchObject({ outcome: 'unavailable' });
    expect(connection.isLost).toBe(true);
  });
  await ask();
});

/** Its process; waits until there is one. */
async function postmasterOf(folder: string): Promise<number> {
  let pid = 0;
  await until('PostgreSQL runs', async () => {
    const file = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
    pid = Number(file.split('\n')[0]);
    return pid > 1;
  });
  return pid;
}

/** The process of a session of the server: when it is killed, PostgreSQL ends all the others and recovers. */
const sessionOf = async (folder: string): Promise<number> =>
  withClient(await ownerUrlOf(folder), async (client) => {
    const { rows } = await client.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'ackord' ORDER BY random() LIMIT 1`,
    );
    return rows[0].pid;
  });
