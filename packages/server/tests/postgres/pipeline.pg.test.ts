/** Statements that travel together: order, answers, failures in the middle, and what comes after them. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import { Together } from '../../src/engine/together.ts';
import type { Connection } from '../../src/store/connection.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { Pipeline } from '../../src/store/pipeline.ts';
import { IllFormedText, textArray } from '../../src/store/sql-arrays.ts';
import { statement } from '../../src/store/statement.ts';
import { freshDatabase, withSession } from './support.ts';

let fresh: TestDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.ownerUrl, poolMax: 2, role: null, statementMsMax: 0, log: () => {} });
  await database.use((connection) =>
    connection.script('CREATE TABLE public.line (id int PRIMARY KEY, word text)'),
  );
});
beforeEach(() => database.use((connection) => connection.script('TRUNCATE public.line')));
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

const insert = statement('insert-line', 'INSERT INTO public.line (id, word) VALUES ($1, $2)');
const read = statement('read-lines', 'SELECT id, word FROM public.line ORDER BY id');
const insertMany = statement(
  'insert-lines',
  `INSERT INTO public.line (id, word) SELECT position, word FROM unnest($1::text[]) WITH ORDINALITY AS u (word, position)`,
);
const use = <T>(work: (connection: Connection) => Promise<T>): Promise<T> => database.use(work);
const words = () => use((connection) => connection.rows(read));

test('each statement sees what those before it did, and gets its own answer', async () => {
  const answers = await use((connection) =>
    Promise.all([
      connection.rows(read),
      connection.count(insert, [1, 'one']),
      connection.rows(read),
      connection.count(insertMany, () => [textArray([])]),
      connection.count(insert, [2, null]),
      connection.rows(read),
    ]),
  );
  const one = { id: 1, word: 'one' };
  expect(answers).toEqual([[], 1, [one], 0, 1, [one, { id: 2, word: null }]]);
});

test('rows are read alike the first time and later, on each session', async () => {
  await use((connection) => connection.count(insert, [1, 'one']));
  for (let round = 0; round < 3; round++) {
    const both = await Promise.all([words(), words()]);
    expect(both).toEqual([[{ id: 1, word: 'one' }], [{ id: 1, word: 'one' }]]);
  }
});

test('what stands behind a failure does not run; the session goes on', async () => {
  await use(async (connection) => {
    const answers = await Promise.allSettled([
      connection.command('BEGIN'),
      connection.count(insert, [1, 'one']),
      connection.count(insert, [1, 'again']),
      connection.count(insert, [2, 'two']),
      connection.command('COMMIT'),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { outcome: 'refused', code: '23505' } });
    }
    expect(connection.failure).toMatchObject({ code: '23505' });
    await connection.command('ROLLBACK');
    expect(await connection.rows(read)).toEqual([]);
    expect(await connection.count(insert, [3, 'three'])).toBe(1);
  });
  expect(await words()).toEqual([{ id: 3, word: 'three' }]);
});

test('a statement that fails when it is new can be used again', async () => {
  const fragile = statement('fragile', 'SELECT 10 / $1::int AS result');
  await use(async (connection) => {
    await expect(connection.rows(fragile, [0])).rejects.toMatchObject({ code: '22012' });
    expect(await connection.rows(fragile, [5])).toEqual([{ result: 2 }]);
    expect(await connection.rows(fragile, [2])).toEqual([{ result: 5 }]);
  });
});

test('values that cannot be encoded stop what follows, and leave the session in order', async () => {
  await use(async (connection) => {
    const answers = await Promise.allSettled([
      connection.command('BEGIN'),
      connection.count(insert, [1, 'one']),
      connection.count(insertMany, () => [textArray(['\ud800'])]),
      connection.command('COMMIT'),
    ]);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { outcome: 'refused' } });
    expect(connection.failure?.cause).toBeInstanceOf(IllFormedText);
    await connection.command('ROLLBACK');
    expect(await connection.rows(read)).toEqual([]);
  });
});

test('more than a socket takes at once', async () => {
  const long = 'ß'.repeat(50_000);
  const many = Array.from({ length: 40 }, (_, index) => `${index} ${long}`);
  const [written, lines] = await use((connection) =>
    Promise.all([
      connection.count(insertMany, () => [textArray(many)]),
      connection.rows<{ word: string }>(read),
      ...many.map((word, index) => connection.count(insert, [100 + index, word])),
    ]),
  );
  expect(written).toBe(many.length);
  expect(lines.map(({ word }) => word)).toEqual(many);
  expect(await words()).toHaveLength(2 * many.length);
});

test('what is asked for while answers are awaited goes next, in order', async () => {
  await use(async (connection) => {
    const sleep = statement('sleep', 'SELECT pg_sleep(0.05)::text AS slept');
    const first = connection.rows(sleep);
    await Promise.resolve();
    const rest = [1, 2, 3].map((id) => connection.count(insert, [id, `word ${id}`]));
    const seen = connection.rows(read);
    await Promise.all([first, ...rest]);
    expect(await seen).toHaveLength(3);
  });
});

test('questions that gather for company travel with what was asked before them', async () => {
  const trips = vi.spyOn(Pipeline.prototype, 'submit');
  await use(async (connection) => {
    const together = new Together(
      async (ids: readonly number[]) => {
        await connection.rows(read);
        return ids;
      },
      { tripsAtOnceMax: 1, askersMax: 9 },
    );
    await Promise.all([connection.command('BEGIN'), together.ask(1), together.ask(2)]);
    await connection.command('COMMIT');
  });
  expect(trips).toHaveBeenCalledTimes(2);
  trips.mockRestore();
});

test('a session that ends in the middle rejects all that was asked of it', async () => {
  const connection = await database.connect();
  const [{ pid } = { pid: 0 }] = await connection.rows<{ pid: number }>(
    statement('own-pid', 'SELECT pg_backend_pid() AS pid'),
  );
  const sleeping = connection.rows(statement('long-sleep', 'SELECT pg_sleep(60)::text AS slept'));
  const behind = connection.rows(read);
  await Promise.resolve();
  const later = connection.rows(read);
  const answers = Promise.allSettled([sleeping, behind, later]);
  await withSession(fresh.ownerUrl, ({ rows }) => rows('SELECT pg_terminate_backend($1)', [pid]));
  for (const answer of await answers) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { outcome: 'unavailable' } });
  }
  expect(connection.isLost).toBe(true);
  await expect(connection.rows(read)).rejects.toMatchObject({ outcome: 'unavailable' });
  connection.release();
  expect(await words()).toEqual([]);
});

test('a session that is given back within a transaction is not handed out again', async () => {
  const connection = await database.connect();
  await Promise.all([connection.command('BEGIN'), connection.count(insert, [1, 'one'])]);
  connection.release();
  expect(await words()).toEqual([]);
  await use((other) => other.count(insert, [1, 'other']));
});
