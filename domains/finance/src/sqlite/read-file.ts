/**
 * Reads tables of a SQLite file that may come from anybody: bytes in, rows out, or why not. A file can hold code (views,
 * triggers, generated columns, virtual tables, expressions), and pages that point at one another in circles. So it
 * is only asked for the stored columns of plain tables, by queries that use no index, compute nothing, stop
 * after a number of rows, and leave large values where they are.
 */
import type { Database, SqlJsStatic } from 'sql.js';
import { isSqlite } from './magic.ts';
import { schemaSize } from './schema-size.ts';
import type { Column, Table } from './tables.ts';
import { readValue, type SqlValue } from './values.ts';

export interface FileLimits {
  readonly rowsMax: number;
  readonly tablesMax: number;
  readonly valueBytesMax: number;
  readonly problemsMax: number;
}

export type Row = Readonly<Record<string, unknown>>;

export interface RowProblem {
  readonly table: string;
  /** Empty where the row has none. */
  readonly id: string;
  /** A sentence. */
  readonly reason: string;
}

export type FileFault = 'not-sqlite' | 'broken' | 'too-many-tables' | 'too-many-rows';

export type ReadFile =
  | {
      readonly ok: true;
      /** Rows by the name of the table as it was asked for; columns that the file does not have are left out. */
      readonly tables: ReadonlyMap<string, readonly Row[]>;
      readonly missing: readonly string[];
      /** The first ones; `problemCount` are there in all. */
      readonly problems: readonly RowProblem[];
      readonly problemCount: number;
    }
  | { readonly ok: false; readonly fault: FileFault };

/** Takes the bytes over: they may be changed. */
export function readFile(
  sql: SqlJsStatic,
  bytes: Uint8Array,
  tables: readonly Table[],
  limits: FileLimits,
): ReadFile {
  if (!isSqlite(bytes)) return { ok: false, fault: 'not-sqlite' };
  const pageSize = pageSizeOf(bytes);
  if (bytes.length % pageSize !== 0) return { ok: false, fault: 'broken' };
  if (schemaSize(bytes, pageSize, limits.tablesMax) > limits.tablesMax)
    return { ok: false, fault: 'too-many-tables' };
  // A file that was written with a log beside it says so here, and could not be opened without one.
  if (bytes[18] === 2 && bytes[19] === 2) bytes.fill(1, 18, 20);
  let database: Database | null = null;
  try {
    database = new sql.Database(bytes);
    return new Reader(database, bytes.length, limits).read(tables);
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, fault: error.fault };
    // What SQLite says may hold texts of the file.
    return { ok: false, fault: 'broken' };
  } finally {
    close(database);
  }
}

/** SQLite itself reads a page that was cut off as if it ended in zeros. */
function pageSizeOf(bytes: Uint8Array): number {
  const size = (bytes[16] ?? 0) * 256 + (bytes[17] ?? 0);
  return size === 1 ? 65_536 : Math.max(size, 512);
}

function close(database: Database | null): void {
  try {
    database?.close();
  } catch {
    // Nothing was written, so there is nothing to lose.
  }
}

class Unreadable extends Error {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Names of tables and columns as they are compared. */
const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

class Reader {
  readonly #database: Database;
  readonly #fileBytes: number;
  readonly #limits: FileLimits;
  readonly #missing: string[] = [];
  readonly #problems: RowProblem[] = [];
  #problemCount = 0;
  #rowsLeft: number;

  constructor(database: Database, fileBytes: number, limits: FileLimits) {
    this.#database = database;
    this.#fileBytes = fileBytes;
    this.#limits = limits;
    this.#rowsLeft = limits.rowsMax;
  }

  read(tables: readonly Table[]): ReadFile {
    this.#database.run('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON');
    const found = this.#tablesThere();
    const rows = new Map(tables.map((table) => [table.name, this.#rowsOf(table, found)]));
    const [problems, missing] = [this.#problems, this.#missing];
    return { ok: true, tables: rows, missing, problems, problemCount: this.#problemCount };
  }

  /** Names in the file, by what they are compared as; null: not a plain table. */
  #tablesThere(): ReadonlyMap<string, string | null> {
    const list = this.#all(
      `SELECT name, type = 'table' AND rootpage > 0 AND substr(sql, 1, 13) = 'CREATE TABLE '
       FROM sqlite_schema WHERE type IN ('table', 'view')`,
      [],
    );
    const found = new Map<string, string | null>();
    for (const [name, isPlain] of list) {
      const key = plain(String(name));
      if (!found.has(key) || isPlain) found.set(key, isPlain ? String(name) : null);
    }
    return found;
  }

  #rowsOf(table: Table, found: ReadonlyMap<string, string | null>): Row[] {
    const name = found.get(plain(table.name));
    if (name === undefined) {
      this.#missing.push(table.name);
      return [];
    }
    const columns = name === null ? [] : this.#columnsThere(name, table.columns);
    const [key] = table.columns;
    if (name === null || columns[0]?.column !== key) {
      const what = name === null ? 'is no plain table' : `has no column ${key?.name}`;
      this.#problem({ table: table.name, id: '', reason: `It ${what}: nothing of it is read.` });
      return [];
    }
    this.#checkSize(name, columns);
    return this.#convert(table, name, columns);
  }

  /** Stored columns that are wanted; what is computed while it is read counts as not there. */
  #columnsThere(table: string, wanted: readonly Column[]): Found[] {
    const there = this.#all('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0', [table]).map(String);
    return wanted.flatMap((column) => {
      if (column.key === null) return [];
      const name =
        there.find((one) => one === column.name) ?? there.find((one) => plain(one) === plain(column.name));
      return name === undefined ? [] : [{ column, key: column.key, name }];
    });
  }

  /** Pages that belong to several rows let a small file seem to hold gigabytes. */
  #checkSize(table: string, columns: readonly Found[]): void {
    const size = columns
      .map(({ name }) => `iif(typeof(${quoted(name)}) IN ('text', 'blob'), octet_length(${quoted(name)}), 0)`)
      .join(' + ');
    const [[count = 0, bytes = 0] = []] = this.#all(
      `SELECT count(*), total(size) FROM (SELECT ${size} AS size FROM ${quoted(table)} NOT INDEXED LIMIT ?)`,
      [this.#rowsLeft + 1],
    );
    if (Number(bytes) > this.#fileBytes) throw new Unreadable('broken');
    if (Number(count) > this.#rowsLeft) throw new Unreadable('too-many-rows');
    this.#rowsLeft -= Number(count);
  }

  #convert(table: Table, name: string, columns: readonly Found[]): Row[] {
    const list = columns.map(({ name: of }) => `iif(octet_length(${quoted(of)}) > ?1, 9e999, ${quoted(of)})`);
    const statement = this.#database.prepare(
      `SELECT ${list.join(', ')} FROM ${quoted(name)} NOT INDEXED LIMIT ?2`,
    );
    const rows: Row[] = [];
    try {
      statement.bind([this.#limits.valueBytesMax, this.#limits.rowsMax]);
      for (let position = 1; statement.step(); position += 1) {
        const row = rowOf(columns, statement.get());
        if (typeof row !== 'string') rows.push(row);
        else this.#problem({ table: table.name, id: nameOf(statement.get()[0], position), reason: row });
      }
    } finally {
      statement.free();
    }
    return rows;
  }

  #problem(problem: RowProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length < this.#limits.problemsMax) this.#problems.push(problem);
  }

  #all(query: string, values: SqlValue[]): SqlValue[][] {
    return this.#database.exec(query, values)[0]?.values ?? [];
  }
}

interface Found {
  readonly column: Column;
  readonly key: string;
  /** As the file spells it. */
  readonly name: string;
}

/** The row, or the sentence that says what is wrong with it. */
function rowOf(columns: readonly Found[], values: readonly SqlValue[]): Row | string {
  const row: Record<string, unknown> = {};
  for (const [index, { column, key, name }] of columns.entries()) {
    const read = readValue(column.kind, values[index] ?? null);
    if (!read.ok) return `${name} ${read.reason}.`;
    row[key] = read.value;
  }
  const key = columns[0]?.key ?? '';
  return row[key] === null || row[key] === '' ? `It has no ${key}.` : row;
}

const SHOWN_ID_LENGTH = 64;

const nameOf = (id: SqlValue | undefined, position: number): string =>
  typeof id === 'string' && id !== '' ? id.slice(0, SHOWN_ID_LENGTH) : `(row ${position})`;
