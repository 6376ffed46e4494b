/**
 * TinyBase: stores that merge cell by cell, each device's with the server's and with those of all devices connected.
 * The client is TinyBase's WebSocket synchronizer on a store in memory. Measured twice, by what the server keeps.
 */
import { load } from '../../peers/load.ts';
import type { BenchRecord, Durability, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

type Row = Readonly<Record<string, string | number>>;
interface Store {
  transaction(work: () => void): void;
  setRow(table: string, id: string, row: Row): void;
  addRowListener(table: string, id: null, told: (store: Store, table: string, id: string) => void): string;
}
interface Synchronizer {
  startSync(): Promise<unknown>;
  stopSync(): Promise<unknown>;
  load(): Promise<unknown>;
  destroy(): Promise<unknown>;
}
interface Socket {
  once(event: 'pong' | 'close', told: () => void): void;
  off(event: 'close', told: () => void): void;
  removeAllListeners(event: 'message'): void;
  ping(): void;
  close(): void;
}
interface Packages {
  readonly newStore: () => Store;
  readonly newSocket: (url: string) => Socket;
  readonly synchronize: (store: Store, socket: Socket, timeoutSeconds: number) => Promise<Synchronizer>;
}

const TABLE = 'records';
const REQUEST_SECONDS_MAX = 120;
const COMMON =
  'Acknowledged without a word of TinyBase, which has none: measured is the answer to a ping behind the change, so the ' +
  'server has read it. No server decides: all merge cell by cell, the latest clock wins. Who writes or listens is told ' +
  'of everything, and a device that comes asks all who are connected, not only the server; devices join one by one here. ';

export const tinybaseSqlite: Peer = tinybase(
  'TinyBase, SQLite',
  'later',
  'sqlite',
  `${COMMON}The server writes its whole store as one JSON text into SQLite after each change, behind the answer.`,
);

export const tinybaseMemory: Peer = tinybase(
  'TinyBase, memory',
  'memory',
  'memory',
  `${COMMON}The server keeps its store in memory only.`,
);

function tinybase(name: string, durability: Durability, storage: string, differences: string): Peer {
  return {
    name,
    version: '10.0.1',
    durability,
    differences,
    start: async (folder) => {
      const packages = await loadPackages();
      const server = await startServer('tinybase.ts', { FOLDER: folder, STORAGE: storage });
      const url = `ws://127.0.0.1:${server.port}/bench`;
      const leave = await holdOpen(packages, url);
      const join = oneByOne();
      return {
        connect: () => connect(packages, url, join),
        memory: server.memory,
        stop: async () => {
          leave();
          await server.stop();
        },
      };
    },
  };
}

async function loadPackages(): Promise<Packages> {
  const { createMergeableStore } = await load<{ createMergeableStore: () => Store }>('tinybase');
  const { createWsSynchronizer } = await load<{ createWsSynchronizer: Packages['synchronize'] }>(
    'tinybase/synchronizers/synchronizer-ws-client',
  );
  const { WebSocket } = await load<{ WebSocket: new (url: string, options: object) => Socket }>('ws');
  return {
    newStore: createMergeableStore,
    newSocket: (url) => new WebSocket(url, { maxPayload: 1024 ** 3 }),
    synchronize: createWsSynchronizer,
  };
}

/**
 * The server opens its store for the first device, asks it what it has and waits for that, and closes the store behind
 * the last one. So one comes first, answers, and stays, deaf.
 */
async function holdOpen(packages: Packages, url: string): Promise<() => void> {
  const socket = packages.newSocket(url);
  const synchronizer = await packages.synchronize(packages.newStore(), socket, REQUEST_SECONDS_MAX);
  await synchronizer.startSync();
  await synchronizer.stopSync();
  socket.removeAllListeners('message');
  return () => socket.close();
}

type Join = (start: () => Promise<unknown>) => Promise<unknown>;

/** Devices that join at once, each with another state, would all compare themselves with each other. */
function oneByOne(): Join {
  let last: Promise<unknown> = Promise.resolve();
  return (start) => {
    last = last.then(start);
    return last;
  };
}

async function connect(packages: Packages, url: string, join: Join): Promise<PeerClient> {
  const store = packages.newStore();
  const socket = packages.newSocket(url);
  const synchronizer = await packages.synchronize(store, socket, REQUEST_SECONDS_MAX);
  let writing = false;
  let syncing: Promise<unknown> | undefined;
  const sync = (): Promise<unknown> => {
    syncing ??= join(() => synchronizer.startSync());
    return syncing;
  };
  const write = async (records: readonly BenchRecord[]): Promise<void> => {
    await sync();
    writing = true;
    store.transaction(() => {
      for (const { id, ...row } of records) store.setRow(TABLE, id, row);
    });
    writing = false;
    await answered(socket);
  };
  const changed = new Set<string>();
  store.addRowListener(TABLE, null, (_store, _table, id) => {
    if (!writing) changed.add(id);
  });
  return {
    push: write,
    change: (record) => write([record]),
    pull: async () => {
      await synchronizer.load();
      const { size } = changed;
      changed.clear();
      return size;
    },
    listen: async (onRecord) => {
      await sync();
      changed.clear();
      store.addRowListener(TABLE, null, (_store, _table, id) => {
        changed.clear();
        if (!writing) onRecord(id);
      });
    },
    close: async () => {
      await synchronizer.destroy();
      socket.close();
    },
  };
}

function answered(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error('TinyBase closed the socket.'));
    socket.once('close', closed);
    socket.once('pong', () => {
      socket.off('close', closed);
      resolve();
    });
    socket.ping();
  });
}
