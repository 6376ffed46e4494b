import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase, withDatabase, withUser } from './postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
});
afterAll(() => database.drop());

async function ask(url: string, question: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: question, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

test('the database is empty, UTF8, ordered by bytes, and of this file alone', async () => {
  expect(
    await ask(database.ownerUrl, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`),
  ).toBe(0);
  expect(await ask(database.ownerUrl, 'SHOW server_encoding')).toBe('UTF8');
  expect(await ask(database.ownerUrl, `SELECT 'a' > 'B'`)).toBe(true);
  const other = await (await getTestPostgres()).createDatabase();
  expect(other.ownerUrl).not.toBe(database.ownerUrl);
  await other.drop();
});

test('the two roles differ in what they may do', async () => {
  await ask(database.ownerUrl, 'CREATE TABLE mine (id int)');
  await expect(ask(database.appUrl, 'SELECT count(*) FROM mine')).rejects.toThrow('permission denied');
  expect(await ask(database.appUrl, 'SELECT current_user::text')).toBe('ackord_app');
});

test('a dropped database is gone, also with a session open', async () => {
  const doomed = await (await getTestPostgres()).createDatabase();
  const client = new pg.Client({ connectionString: doomed.appUrl });
  // The session is cut from the other side.
  client.on('error', () => {});
  await client.connect();
  await doomed.drop();
  await expect(ask(doomed.ownerUrl, 'SELECT 1')).rejects.toThrow('does not exist');
  await client.end();
});

test.each([
  [
    'postgres://me@/first?host=%2Frun&port=1',
    'postgres://me@/other?host=%2Frun&port=1',
    'postgres://you:pw@/first?host=%2Frun&port=1',
  ],
  [
    'postgresql://me:secret@db:5432/first',
    'postgresql://me:secret@db:5432/other',
    'postgresql://you:pw@db:5432/first',
  ],
  ['postgres://db', 'postgres://db/other', 'postgres://you:pw@db/'],
])('urls are changed in one part only: %s', (url, database, user) => {
  expect(withDatabase(url, 'other')).toBe(database);
  expect(withUser(url, 'you', 'pw')).toBe(user);
});
