/** SQLite files made by hand, as the original server or somebody with ill intent would. */
import initSqlJs, { type Database } from 'sql.js';

const sql = await initSqlJs();

export function fileOf(...statements: readonly string[]): Uint8Array {
  return fileBy((database) => {
    for (const statement of statements) database.run(statement);
  });
}

export function fileBy(fill: (database: Database) => void): Uint8Array {
  const database = new sql.Database();
  fill(database);
  const bytes = database.export();
  database.close();
  return bytes;
}

/** What SQLite itself sees in a file. */
export function ask(bytes: Uint8Array, query: string): unknown[][] {
  const database = new sql.Database(bytes);
  try {
    return database.exec(query)[0]?.values ?? [];
  } finally {
    database.close();
  }
}
