/**
 * The database of the older server, read as it was at one moment: a REPEATABLE READ, READ ONLY transaction takes no
 * lock that readers or writers could meet. Rows come in pages by key, so memory stays flat however many there are.
 * Columns are found by name, in whatever case; times come as milliseconds since 1970 (without a zone they are UTC),
 * numbers as numbers, all else as text.
 */
import pg from 'pg';

export type Row = { readonly [name: string]: unknown };

export interface Column {
  readonly name: string;
  /** SQL that gives its value, with `t` for the table. */
  readonly value: string;
  readonly isTime: boolean;
  /** SQL that is true where it is among the ids of parameter 1; by the column's own type, so that indexes help. */
  readonly isListed: string;
}

export interface Table {
  readonly name: string;
  /** Under the wanted names; those that are not there are left out. */
  readonly columns: ReadonlyMap<string, Column>;
  /** In the order of the table. */
  readonly all: readonly string[];
}

export interface Source {
  /** Of the database. */
  readonly name: string;
  /** null: there is no such table. */
  table(name: string, wanted: readonly string[]): Table | null;
  rows(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

interface ColumnRow {
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
}

/** Rejects when the database can't be read. */
export async function openSource(url: string): Promise<Source> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'ackord import',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection that is lost fails the statement that runs, or the next one.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    // Between two pages the new server may have to wait for something.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await client.query('SET LOCAL statement_timeout = 0');
    const { rows } = await client.query<ColumnRow>(
      `SELECT table_name, column_name, data_type FROM information_schema.columns
       WHERE table_schema = ANY (current_schemas(false)) ORDER BY table_name, ordinal_position`,
    );
    const { rows: named } = await client.query<{ name: string }>('SELECT current_database() AS name');
    return sourceOf(client, named[0]?.name ?? '', rows);
  } catch (error) {
    await client.end();
    throw error;
  }
}

function sourceOf(client: pg.Client, name: string, columns: readonly ColumnRow[]): Source {
  return {
    name,
    table(table, wanted) {
      const mine = columns.filter(({ table_name }) => table_name === table);
      if (mine.length === 0) return null;
      const found = new Map<string, Column>();
      for (const one of wanted) {
        const column =
          mine.find(({ column_name }) => column_name === one) ??
          mine.find(({ column_name }) => plain(column_name) === plain(one));
        if (column && column.data_type !== 'bytea') found.set(one, columnOf(column));
      }
      return { name: table, columns: found, all: mine.map(({ column_name }) => column_name) };
    },
    rows: async (text, values = []) => (await client.query<Row>(text, [...values])).rows,
    close: () => client.end(),
  };
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();

const NUMBERS = new Set(['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']);

function columnOf({ column_name, data_type }: ColumnRow): Column {
  const name = quoted(column_name);
  const isTime = data_type.startsWith('timestamp') || data_type === 'date';
  const isListed =
    data_type === 'uuid' ? `t.${name} = ANY ($1::text[]::uuid[])` : `t.${name}::text = ANY ($1::text[])`;
  return { name, value: expressionOf(name, data_type, isTime), isTime, isListed };
}

function expressionOf(name: string, type: string, isTime: boolean): string {
  if (isTime) return `(extract(epoch FROM t.${name}) * 1000)::float8`;
  if (NUMBERS.has(type)) return `t.${name}::float8`;
  return type === 'boolean' ? `t.${name}` : `t.${name}::text`;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const PAGE_ROWS = 5_000;

/** All rows of a table in order of its id, page by page. `more`: further expressions over `t`, by name. */
export async function* pagesOf(
  source: Source,
  table: Table,
  more: { readonly [name: string]: string } = {},
): AsyncGenerator<readonly Row[], void, undefined> {
  const id = table.columns.get('id');
  if (!id) return;
  const values = [...table.columns].map(([wanted, { value }]) => `${value} AS ${quoted(wanted)}`);
  const others = Object.entries(more).map(([name, value]) => `${value} AS ${quoted(name)}`);
  const select = `SELECT ${[...values, ...others].join(', ')} FROM ${quoted(table.name)} AS t`;
  const order = `ORDER BY t.${id.name} LIMIT ${PAGE_ROWS}`;
  let last: unknown = null;
  for (;;) {
    const rows =
      last === null
        ? await source.rows(`${select} ${order}`)
        : await source.rows(`${select} WHERE t.${id.name} > $1 ${order}`, [last]);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_ROWS) return;
    last = rows.at(-1)?.id;
  }
}

/** Which of the ids are in the table. */
export async function idsIn(
  source: Source,
  table: Table,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const id = table.columns.get('id');
  if (!id || ids.length === 0) return new Set();
  const rows = await source.rows(
    `SELECT t.${id.name}::text AS id FROM ${quoted(table.name)} AS t WHERE ${id.isListed}`,
    [ids],
  );
  return new Set(rows.map((row) => String(row.id)));
}
