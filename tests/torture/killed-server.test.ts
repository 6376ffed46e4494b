/**
 * kill -9 of the server at random moments of a bulk load, and a start after each: every acknowledged change is there, none
 * twice (I1, I2). The same after orderly stops under load, which also end well. The whole server with its own PostgreSQL, as people run it.
 */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { lossesOf, startLoad } from './support/bulk-load.ts';
import { until } from './support/conditions.ts';
import { type Connection, connect } from './support/connection.ts';
import { faultsOf } from './support/database-checks.ts';
import { ownerUrlOf } from './support/own-database.ts';
import { atEnd, dataFolder, defectsIn, type ServerProcess, startCommand } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';
import { readPage, sendAll, signUp, tripRow } from './support/travel-client.ts';

const DEVICES = 4;

test(
  'killed and stopped again and again during a bulk load',
  async () => {
    const folder = await dataFolder();
    let server: ServerProcess = await startCommand({ ACKORD_DATA_DIR: folder });
    const token = await signUp(server.url);
    const connect1 = (): Connection => {
      const connection = connect(server.url, token);
      atEnd(async () => connection.close());
      return connection;
    };
    let connections = Promise.resolve(Array.from({ length: DEVICES }, connect1));
    const trips = Array.from({ length: 8 }, () => tripRow());
    await sendAll({ connection: async () => (await connections)[0]! }, 'trips', trips);
    const load = startLoad({
      connections: Array.from({ length: DEVICES }, (_, at) => async () => (await connections)[at]!),
      trips,
      rows: 100,
    });

    const kills = size(2, 20);
    const stops = size(1, 5);
    for (let end = 0; end < kills + stops; end++) {
      const before = load.batches();
      await until('the load goes on', () => load.batches() >= before + DEVICES);
      await new Promise((resolve) => setTimeout(resolve, randomInt(0, 400)));
      let isUp = (_: Connection[]): void => {};
      connections = new Promise((resolve) => {
        isUp = resolve;
      });
      await server.end(end < kills ? 'SIGKILL' : 'SIGTERM');
      expect(server.child.exitCode).toBe(end < kills ? null : 0);
      expect(defectsIn(server.log)).toEqual([]);
      server = await startCommand({ ACKORD_DATA_DIR: folder });
      isUp(Array.from({ length: DEVICES }, connect1));
    }
    const before = load.batches();
    await until('the load goes on', () => load.batches() >= before + DEVICES);
    await load.stop();

    const ownerUrl = await ownerUrlOf(folder);
    expect(await lossesOf(load, ownerUrl)).toEqual([]);
    expect(await faultsOf(ownerUrl)).toEqual([]);
    expect(defectsIn(server.log)).toEqual([]);
    expect(await countOf((await connections)[0]!)).toEqual({ records: load.expected.size, times: 1 });
    tell('kill -9 of the server', {
      kills,
      stops,
      acknowledged: load.expected.size,
      retries: load.retries(),
    });
    await server.end('SIGTERM');
  },
  TEST_MS_MAX,
);

/** What a device sees that begins anew. */
async function countOf(connection: Connection): Promise<{ records: number; times: number }> {
  const times = new Map<string, number>();
  let cursor: string | null = null;
  for (;;) {
    const page = await readPage(connection, cursor, 1_000);
    for (const { id } of page.memories) times.set(id, (times.get(id) ?? 0) + 1);
    if (!page.hasMore) return { records: times.size, times: Math.max(...times.values()) };
    cursor = page.nextCursor;
  }
}
