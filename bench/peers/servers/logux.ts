/**
 * A Logux server with one channel. Logux leaves it to the app where records are kept: in SQLite below FOLDER, with a
 * commit that reaches the disk before the action counts as processed, or in this process alone.
 */
import { load } from '../load.ts';
import { freePort, readyOn } from './until-stopped.ts';

type Item = { readonly id: string };
interface Action {
  readonly type: string;
  readonly records: readonly Item[];
  readonly after: number;
}
interface LoguxServer {
  auth(allowed: () => boolean): void;
  channel(
    name: string,
    rules: { access: () => boolean; load: (ctx: object, action: Action) => object[] },
  ): void;
  type(
    name: string,
    rules: { access: () => boolean; resend: () => string; process: (ctx: object, action: Action) => void },
  ): void;
  listen(): Promise<void>;
  destroy(): Promise<void>;
}
interface Storage {
  put(records: readonly Item[]): void;
  /** What was written behind the position, and where that ends. */
  since(position: number): { readonly records: readonly Item[]; readonly upTo: number };
}
interface Statement {
  run(...values: readonly (string | number)[]): unknown;
  all(value: number): readonly { readonly seq: number; readonly body: string }[];
}
interface Database {
  pragma(text: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  transaction(work: (records: readonly Item[]) => void): (records: readonly Item[]) => void;
}

const RECORDS_PER_ACTION = 1_000;
const SILENT = { logger: { debug() {}, info() {}, warn() {}, error: console.error, fatal: console.error } };

const { Server } = await load<{ Server: new (options: object) => LoguxServer }>('@logux/server');
const storage = process.env.STORAGE === 'sqlite' ? await inSqlite() : inMemory();
const port = await freePort();
const server = new Server({
  subprotocol: 1,
  minSubprotocol: 1,
  host: '127.0.0.1',
  port,
  root: '.',
  ...SILENT,
});
server.auth(() => true);
server.channel('records', {
  access: () => true,
  load: (_ctx, action) => {
    if (action.after < 0) return [];
    const { records, upTo } = storage.since(action.after);
    const actions: object[] = [];
    for (let start = 0; start < records.length; start += RECORDS_PER_ACTION) {
      actions.push({ type: 'records/page', records: records.slice(start, start + RECORDS_PER_ACTION), upTo });
    }
    return actions;
  },
});
server.type('records/put', {
  access: () => true,
  resend: () => 'records',
  process: (_ctx, action) => storage.put(action.records),
});
await server.listen();
readyOn(port, () => server.destroy());

async function inSqlite(): Promise<Storage> {
  const { default: Database } = await load<{ default: new (file: string) => Database }>('better-sqlite3');
  const database = new Database(`${process.env.FOLDER}/logux.sqlite`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE record (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL); CREATE INDEX in_order ON record (seq)',
  );
  const write = database.prepare(
    'INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body',
  );
  const read = database.prepare('SELECT seq, body FROM record WHERE seq > ? ORDER BY seq');
  let seq = 0;
  const put = database.transaction((records) => {
    for (const record of records) write.run(record.id, ++seq, JSON.stringify(record));
  });
  return {
    put,
    since: (position) => ({
      records: read.all(position).map((row): Item => JSON.parse(row.body)),
      upTo: seq,
    }),
  };
}

function inMemory(): Storage {
  const bySeq = new Map<string, { readonly seq: number; readonly record: Item }>();
  let seq = 0;
  return {
    put: (records) => {
      // The map keeps the order of writing.
      for (const record of records) {
        bySeq.delete(record.id);
        bySeq.set(record.id, { seq: ++seq, record });
      }
    },
    since: (position) => ({
      records: [...bySeq.values()].filter((one) => one.seq > position).map((one) => one.record),
      upTo: seq,
    }),
  };
}
