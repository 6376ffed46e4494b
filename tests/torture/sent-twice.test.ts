/**
 * The same batch sent twice, and sent several times at once, to one server and to two: one effect, and the same receipts
 * (I2). Also where the answer was lost: the connection is cut after the request has left, and the request comes again.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { type Connection, LostAnswer } from './support/connection.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';
import { connectionsTo, type Pair, startPair } from './support/late-commit.ts';
import { atEnd } from './support/process.ts';
import { size, TEST_MS_MAX } from './support/size.ts';
import { memoryRow, type Rows, type Sent, send, tripRow } from './support/travel-client.ts';

const ROUNDS = size(5, 200);

let database: TestDatabase;
let pair: Pair;
let connections: Connection[];
beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
  atEnd(database.drop);
  pair = await startPair(database, { HOLD_MS_MAX: '5' });
  connections = connectionsTo(pair, 8, 'phone');
});

const AT = '2026-05-02T08:00:00.000Z';
const update = { operation: 'UPDATE', syncVersion: 1, clientTimestamp: AT };

/** Scopes that are made, records of several scopes, edits of what was just made, a deletion, a conflict. */
function batch(): Rows {
  const trips = [tripRow(), tripRow()];
  const memories = [0, 1, 2, 3].map((at) => memoryRow(trips[at % 2]!.id));
  const again = () => ({ changeId: randomUUID(), ...update });
  return {
    trips: [...trips, { ...again(), id: trips[0]!.id, name: 'Normandy' }],
    tags: [{ ...tripRow(), startDate: undefined, name: `Tag ${randomUUID()}` }],
    memories: [
      ...memories,
      { ...again(), id: memories[0]!.id, title: 'Edited' },
      { ...again(), id: memories[1]!.id, operation: 'DELETE' },
    ],
  };
}

/** The same without change ids: then the content names the change. */
const nameless = (rows: Rows): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([list, items]) => [
      list,
      items.map((item) => ({ ...item, changeId: undefined as unknown as string })),
    ]),
  );

/** Creations that have no id either: then the call names them. */
const idless = (): Rows => ({
  trips: [0, 1, 2].map((at) => ({
    ...tripRow({ name: `Idless ${at} ${randomUUID()}` }),
    id: undefined,
    changeId: undefined,
  })) as never,
});

const rowsOf = (rows: Rows): number => Object.values(rows).flat().length;

/** What a receipt says, but for whether it was said before; in the order of the rows. */
const plainly = ({ successful, failed, conflicts }: Sent) => ({
  successful: successful.map((receipt) => ({ ...receipt, replayed: undefined })),
  failed,
  conflicts,
});

const lines = (): Promise<number> =>
  withClient(database.ownerUrl, async (client) => {
    const { rows } = await client.query('SELECT count(*)::int AS lines FROM ackord.sync_log');
    return rows[0].lines;
  });

const KINDS: Record<string, () => Rows> = {
  'with change ids': batch,
  'without change ids': () => nameless(batch()),
  'without any ids': idless,
};

describe.each(Object.entries(KINDS))('%s', (_, make) => {
  test(
    'sent twice, to the same server and to the other',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const rows = make();
        const first = await send(connections[round % 2]!, rows);
        expect(first.successful).toHaveLength(rowsOf(rows));
        expect(first.successful.every(({ replayed }) => !replayed)).toBe(true);
        const before = await lines();
        for (const other of [connections[0]!, connections[1]!]) {
          const second = await send(other, rows);
          expect(second.successful.every(({ replayed }) => replayed)).toBe(true);
          expect(plainly(second)).toEqual(plainly(first));
        }
        expect(await lines()).toBe(before);
      }
    },
    TEST_MS_MAX,
  );

  test.each([
    ['one server', 2],
    ['two servers', 1],
  ])(
    'sent several times at once to %s',
    async (_name, step) => {
      for (let round = 0; round < ROUNDS; round++) {
        const rows = make();
        const before = await lines();
        const answers = await Promise.all([0, 1, 2, 3].map((at) => send(connections[at * step]!, rows)));
        for (const answer of answers) {
          expect(answer.failed).toEqual([]);
          expect(plainly(answer)).toEqual(plainly(answers[0]!));
        }
        const fresh = answers.flatMap(({ successful }) => successful).filter(({ replayed }) => !replayed);
        expect(new Set(fresh.map(({ changeId }) => changeId)).size).toBe(fresh.length);
        const after = await lines();
        await send(connections[0]!, rows);
        expect(after).toBeGreaterThan(before);
        expect(await lines()).toBe(after);
      }
    },
    TEST_MS_MAX,
  );
});

test(
  'the connection is cut after the request has left: sent again, it has one effect',
  async () => {
    const [trip] = [tripRow()];
    await send(connections[0]!, { trips: [trip] });
    let lost = 0;
    const acknowledged: string[] = [];
    for (let round = 0; round < size(40, 2_000); round++) {
      const rows = { memories: Array.from({ length: randomInt(1, 20) }, () => memoryRow(trip.id)) };
      const cut = new AbortController();
      const sending = send(connections[round % connections.length]!, rows, { cut: cut.signal });
      const cutting = setTimeout(() => cut.abort(), randomInt(0, 12));
      await sending.catch((error) => {
        if (!(error instanceof LostAnswer)) throw error;
        lost++;
      });
      clearTimeout(cutting);
      const answer = await send(connections[(round + 1) % connections.length]!, rows);
      expect(answer.successful).toHaveLength(rows.memories.length);
      acknowledged.push(...rows.memories.map(({ id }) => id));
    }
    expect(lost).toBeGreaterThan(0);
    const stored = new Map((await storedMemories(database.ownerUrl)).map(({ id, version }) => [id, version]));
    expect(acknowledged.filter((id) => stored.get(id) !== 1)).toEqual([]);
  },
  TEST_MS_MAX,
);

test('nothing of it has left a trace in the logs or in the tables', async () => {
  expect(pair.servers.flatMap(({ log }) => log)).toEqual([]);
  expect(await faultsOf(database.ownerUrl)).toEqual([]);
});
