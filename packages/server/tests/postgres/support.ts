/** A fresh database for a test file, and sessions on it that go around the store. */
import pg from 'pg';
import { getTestPostgres, type TestDatabase } from '../../../../tests/support/postgres.ts';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres-store.ts';
import { storeTestRegistry } from '../store-conformance.ts';

export const freshDatabase = async (): Promise<TestDatabase> => (await getTestPostgres()).createDatabase();

/** What the operator would read in the log is added to `lines`. */
export const openOn = (database: TestDatabase, lines: string[] = []): Promise<PostgresStore> =>
  openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry: storeTestRegistry,
    log: (line) => lines.push(line),
  });

export interface Session {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Runs the work on a connection of its own. */
export async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work({
      rows: async (text, values = []) => (await client.query(text, [...values])).rows,
    });
  } finally {
    await client.end();
  }
}
