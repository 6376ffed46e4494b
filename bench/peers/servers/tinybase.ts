/** TinyBase's WebSocket server with a store of its own per path: in SQLite below FOLDER, or kept by this process alone. */
import { load } from '../load.ts';
import { readyOn } from './until-stopped.ts';

type Store = object;
type Persister = object;
interface WebSocketServer {
  once(event: 'listening', ready: () => void): void;
  address(): { port: number };
}

const { WebSocketServer } = await load<{
  WebSocketServer: new (options: { port: number; host: string; maxPayload: number }) => WebSocketServer;
}>('ws');
const { createMergeableStore } = await load<{ createMergeableStore(): Store }>('tinybase');
const { createWsServer } = await load<{
  createWsServer(
    sockets: WebSocketServer,
    persisterFor: () => Persister,
    onError: (error: unknown) => void,
    requestTimeoutSeconds: number,
  ): { destroy(): Promise<void> };
}>('tinybase/synchronizers/synchronizer-ws-server');

const persister = process.env.STORAGE === 'sqlite' ? await inSqlite() : await inMemory();
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1024 ** 3 });
await new Promise<void>((resolve) => sockets.once('listening', resolve));
const server = createWsServer(sockets, persister, (error) => console.error(error), 3);
readyOn(sockets.address().port, () => server.destroy());

async function inSqlite(): Promise<() => Persister> {
  const { createBetterSqlite3Persister } = await load<{
    createBetterSqlite3Persister(store: Store, database: object, table: string): Persister;
  }>('tinybase/persisters/persister-better-sqlite3');
  const { default: Database } = await load<{ default: new (file: string) => object }>('better-sqlite3');
  const database = new Database(`${process.env.FOLDER}/tinybase.sqlite`);
  return () => createBetterSqlite3Persister(createMergeableStore(), database, 'bench');
}

/** The path's store outlives the clients that are there, as it would in a database. */
async function inMemory(): Promise<() => Persister> {
  const { createCustomPersister } = await load<{
    createCustomPersister(
      store: Store,
      read: () => Promise<undefined>,
      write: () => Promise<void>,
      listen: () => void,
      unlisten: () => void,
      onError: undefined,
      persists: number,
    ): Persister;
  }>('tinybase/persisters');
  const store = createMergeableStore();
  const mergeableOnly = 2;
  return () =>
    createCustomPersister(
      store,
      async () => undefined,
      async () => {},
      () => {},
      () => {},
      undefined,
      mergeableOnly,
    );
}
