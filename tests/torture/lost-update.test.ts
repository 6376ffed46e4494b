/**
 * Two servers, many connections, all changing the same records in transactions that stay open for a while. No update is
 * lost: a counter that everybody raises ends at the number of raises that were acknowledged, and a field that only one
 * writes ends at what it wrote last. Versions rise by one (I6), and no reader ever reads backwards (I7).
 */
import { randomInt, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { getTestPostgres } from '../support/postgres.ts';
import type { Connection } from './support/connection.ts';
import { faultsOf, withClient } from './support/database-checks.ts';
import { connectionsTo, startPair } from './support/late-commit.ts';
import { atEnd } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';
import { memoryRow, type Row, readPage, type Success, sendAll, tripRow } from './support/travel-client.ts';

const WRITERS = 32;
const RECORDS = 16;
/** Each belongs to one writer, on each record. The first has a merge of its own, the last is one of a group. */
const OWN_FIELDS = ['content', 'weatherJSON', 'date', 'address'];

const countIn = (title: string): number => Number(title.split(' ')[0]);

interface Known {
  readonly version: number;
  readonly title: string;
}

test(
  'no update is lost, and versions rise by one',
  async () => {
    const database = await (await getTestPostgres()).createDatabase();
    atEnd(database.drop);
    const pair = await startPair(database, {
      HOLD_MS_MAX: String(size(40, 500)),
      // Then a raise that is based on an old count is refused, and not merely journaled.
      CONFLICT_RESOLUTION_STRATEGY: 'FIRST_WRITE_WINS',
    });
    const connections = connectionsTo(pair, WRITERS);
    const trips = Array.from({ length: 8 }, () => tripRow());
    const records = Array.from({ length: RECORDS }, (_, at) => memoryRow(trips[at % 8]!.id, { title: '0' }));
    const first = { connection: () => connections[0]! };
    await sendAll(first, 'trips', trips);
    await sendAll(first, 'memories', records);

    const before = pair.commits();
    const goal = size(100, 20_000);
    const isGoing = (): boolean => pair.commits() - before < goal;
    const receipts: Success[] = [];
    const counts = { raised: new Map<string, number>(), refused: 0, retries: 0 };
    const lastOwn = new Map<string, string>();

    const edit = async (
      connection: Connection,
      { id }: Row,
      version: number,
      fields: object,
    ): Promise<Success> => {
      const row = {
        id,
        changeId: randomUUID(),
        syncVersion: version,
        clientTimestamp: new Date().toISOString(),
        operation: 'UPDATE',
        ...fields,
      };
      const patience = { connection: () => connection, onRetry: () => counts.retries++ };
      const [receipt] = await sendAll(patience, 'memories', [row]);
      receipts.push(receipt!);
      return receipt!;
    };
    const pick = (): Row => records[randomInt(RECORDS)]!;

    /** Reads and raises, as a naive client does with a count. */
    const raise = async (connection: Connection): Promise<void> => {
      const known = new Map<string, Known>();
      while (isGoing()) {
        const record = pick();
        const { version, title } = known.get(record.id) ?? { version: 1, title: '0' };
        // With a mark: two that wrote the same would not have written against each other.
        const raised = `${countIn(title) + 1} ${randomUUID()}`;
        const receipt = await edit(connection, record, version, { title: raised });
        if (receipt.data === null) {
          known.set(record.id, { version: receipt.syncVersion!, title: raised });
          counts.raised.set(record.id, (counts.raised.get(record.id) ?? 0) + 1);
        } else {
          const there = JSON.parse(receipt.data) as { syncVersion: number; title: string };
          known.set(record.id, { version: there.syncVersion, title: there.title });
          if (receipt.winner === 'server') counts.refused++;
          // Others have moved other fields: the raise went in.
          else counts.raised.set(record.id, (counts.raised.get(record.id) ?? 0) + 1);
        }
      }
    };
    /** Writes a field of its own, always on the first version. */
    const writeOwn = async (connection: Connection, field: string): Promise<void> => {
      for (let at = 1; isGoing(); at++) {
        const record = pick();
        const value = field === 'date' ? new Date(at * 1_000).toISOString() : `${field} ${at}`;
        const receipt = await edit(connection, record, 1, { [field]: value });
        expect(['applied', 'merged']).toContain(receipt.outcome);
        lastOwn.set(`${record.id} ${field}`, value);
      }
    };
    let writing = true;
    const read = async (): Promise<number> => {
      const [connection] = connectionsTo(pair, 1);
      const versions = new Map<string, number>();
      let cursor: string | null = null;
      let backwards = 0;
      for (;;) {
        const isLast = !writing;
        const page = await readPage(connection!, cursor, randomInt(1, 20));
        cursor = page.nextCursor;
        for (const { id, syncVersion } of page.memories) {
          if (syncVersion < (versions.get(id) ?? 0)) backwards++;
          versions.set(id, syncVersion);
        }
        if (isLast && !page.hasMore) return backwards;
      }
    };
    const readers = [read(), read()];
    const own = OWN_FIELDS.map((field, at) => writeOwn(connections[at]!, field));
    await Promise.all([...own, ...connections.slice(OWN_FIELDS.length).map(raise)]).finally(() => {
      writing = false;
    });
    expect(await Promise.all(readers)).toEqual([0, 0]);

    const { rows } = await withClient(database.ownerUrl, (client) =>
      client.query(`SELECT id, version, doc FROM ackord.record WHERE type = 'travel.Memory'`),
    );
    const stored = {
      content: 'text',
      weatherJSON: 'weatherJSON',
      date: 'timestamp',
      address: 'locationName',
    };
    for (const { id, version, doc } of rows) {
      expect(countIn(doc.title), `the count of ${id}`).toBe(counts.raised.get(id) ?? 0);
      for (const [field, name] of Object.entries(stored))
        expect(doc[name], `${field} of ${id}`).toBe(lastOwn.get(`${id} ${field}`) ?? null);
      const moved = receipts.filter(({ entityId, winner }) => entityId === id && winner !== 'server');
      expect(moved.map(({ syncVersion }) => syncVersion).sort((a, b) => a! - b!)).toEqual(
        Array.from({ length: version - 1 }, (_, at) => at + 2),
      );
    }
    expect(await faultsOf(database.ownerUrl)).toEqual([]);
    expect(pair.servers.flatMap(({ log }) => log)).toEqual([]);
    tell('updates of the same records', {
      connections: WRITERS + 2,
      commits: pair.commits() - before,
      updates: receipts.length,
      refused: counts.refused,
      retries: counts.retries,
    });
  },
  TEST_MS_MAX,
);
