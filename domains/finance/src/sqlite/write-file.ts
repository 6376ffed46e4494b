/** Writes a SQLite file: tables and rows in, bytes out. The reverse of read-file.ts. */
import type { SqlJsStatic } from 'sql.js';
import type { Row } from './read-file.ts';
import type { ColumnKind, Table } from './tables.ts';
import { writeValue } from './values.ts';

export interface FilledTable {
  readonly table: Table;
  /** Keys that are missing read as null. */
  readonly rows: readonly Row[];
}

/** Names that decide how SQLite stores what is put in. */
const TYPES: Record<ColumnKind, string> = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  number: 'NUMERIC(10, 2)',
  flag: 'BOOLEAN',
  list: 'JSON',
  time: 'DATETIME',
};

/** No foreign keys and nothing that must not be null: whatever Ackord holds can be written. */
export function writeFile(sql: SqlJsStatic, tables: readonly FilledTable[]): Uint8Array {
  const database = new sql.Database();
  try {
    database.run('BEGIN');
    for (const { table, rows } of tables) {
      const columns = table.columns.map(({ name, kind }) => `"${name}" ${TYPES[kind]}`);
      database.run(
        `CREATE TABLE ${table.name} (${columns.join(', ')}, PRIMARY KEY ("${table.columns[0]?.name}"))`,
      );
      const insert = database.prepare(
        `INSERT OR REPLACE INTO ${table.name} VALUES (${table.columns.map(() => '?').join(', ')})`,
      );
      for (const row of rows)
        insert.run(table.columns.map(({ key, kind }) => (key === null ? null : writeValue(kind, row[key]))));
      insert.free();
    }
    database.run('COMMIT');
    return database.export();
  } finally {
    database.close();
  }
}
