/**
 * zero-cache as a process of its own, and the app's two endpoints that it calls, for writes and for queries, in this one.
 * DATABASE_URL is libpq's form, ZERO_UPSTREAM_DB the form that zero-cache takes; both lead to the same database.
 */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../load.ts';
import { TABLE, type Transaction, zeroApp } from '../zero-app.ts';
import { freePort, readyOn } from './until-stopped.ts';

interface Pool {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}
type Handle = (input: object) => Promise<object>;
type Run = (call: { tx: Transaction; args: unknown; ctx: object }) => unknown;

const { default: pg } = await load<{ default: { Pool: new (options: object) => Pool } }>('pg');
const { mustGetMutator, mustGetQuery } = await load<{
  mustGetMutator(mutators: object, name: string): { fn: Run };
  mustGetQuery(queries: object, name: string): { fn(call: object): object };
}>('@rocicorp/zero');
const { handleMutateRequest, handleQueryRequest } = await load<{
  handleMutateRequest: Handle;
  handleQueryRequest: Handle;
}>('@rocicorp/zero/server');
const { zeroNodePg } = await load<{ zeroNodePg(schema: object, pool: Pool): object }>(
  '@rocicorp/zero/server/adapters/pg',
);

const app = await zeroApp();
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
await pool.query(TABLE);
const dbProvider = zeroNodePg(app.schema, pool);

const mutate = (query: URLSearchParams, body: unknown): Promise<object> =>
  handleMutateRequest({
    dbProvider,
    userID: 'bench',
    query,
    body,
    logLevel: 'error',
    handler: (transact: (run: (tx: Transaction, name: string, args: unknown) => unknown) => unknown) =>
      transact((tx, name, args) => mustGetMutator(app.mutators, name).fn({ tx, args, ctx: {} })),
  });
const query = (search: URLSearchParams, body: unknown): Promise<object> =>
  handleQueryRequest({
    schema: app.schema,
    userID: 'bench',
    query: search,
    body,
    logLevel: 'error',
    handler: (name: string, args: unknown) => mustGetQuery(app.queries, name).fn({ args, ctx: {} }),
  });

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const apiPort = await freePort();
createServer(async (request, response) => {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await bodyOf(request);
    const answer = await (url.pathname === '/mutate' ? mutate : query)(url.searchParams, body);
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
}).listen(apiPort, '127.0.0.1');

const port = await freePort();
const cli = new URL('../node_modules/@rocicorp/zero/out/zero/src/cli.js', import.meta.url).pathname;
const cache = spawn(process.execPath, [cli], {
  env: {
    ...process.env,
    ZERO_REPLICA_FILE: `${process.env.FOLDER}/zero.sqlite`,
    ZERO_PORT: String(port),
    ZERO_CHANGE_STREAMER_PORT: String(await freePort()),
    ZERO_ADMIN_PASSWORD: 'bench',
    ZERO_MUTATE_URL: `http://127.0.0.1:${apiPort}/mutate`,
    ZERO_QUERY_URL: `http://127.0.0.1:${apiPort}/query`,
    ZERO_WEBSOCKET_MAX_PAYLOAD_BYTES: String(1024 ** 3),
    ZERO_ENABLE_TELEMETRY: 'false',
    DO_NOT_TRACK: '1',
    ZERO_LOG_LEVEL: 'error',
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const ended = new Promise<void>((resolve) => cache.once('exit', () => resolve()));
void ended.then(() => process.exit(1));

const isUp = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/keepalive`).then(
    (response) => response.ok,
    () => false,
  );
while (!(await isUp())) await sleep(50);
readyOn(port, async () => {
  cache.kill('SIGTERM');
  await ended;
});
