/**
 * Triplit: a server with SQLite, and its client with a store in memory. Bulk writes go by its HTTP client, single ones
 * through the client's outbox. Server and client are licensed AGPL-3.0: they are run here to be measured, and neither
 * changed nor made part of anything.
 */
import { createHmac } from 'node:crypto';
import { load } from '../../peers/load.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

type Query = object;
interface Message {
  readonly type: string;
  readonly payload: {
    readonly changes?: {
      readonly json: { readonly items?: { readonly sets: readonly (readonly [string, object])[] } };
    };
  };
}
interface Client {
  readonly connectionStatus: string;
  readonly http: { bulkInsert(inserts: { items: readonly BenchRecord[] }): Promise<unknown> };
  query(collection: string): Query;
  insert(collection: string, record: BenchRecord): Promise<unknown>;
  fetch(query: Query, options: { policy: string }): Promise<unknown>;
  subscribeBackground(
    query: Query,
    options: { onFulfilled: () => void; onError: (error: unknown) => void },
  ): () => void;
  onSyncMessageReceived(told: (message: Message) => void): () => void;
  onEntitySyncSuccess(collection: string, id: string, told: () => void): () => void;
  onEntitySyncError(collection: string, id: string, told: (error: unknown) => void): () => void;
  onConnectionStatusChange(told: (status: string) => void, now: boolean): () => void;
  disconnect(): void;
}
interface Packages {
  readonly TriplitClient: new (options: object) => Client;
}

const SECRET = 'bench-secret-of-no-value-that-is-long-enough';
const COLLECTION = 'items';

export const triplit: Peer = {
  name: 'Triplit',
  version: '1.1.8',
  durability: 'later',
  differences:
    'Acknowledged after a commit of SQLite in WAL mode with synchronous NORMAL, which does not wait for the disk. All ' +
    'merge attribute by attribute, the latest clock wins. The client keeps every record in a store of its own.',
  start: async (folder) => {
    // Node 20 has no WebSocket of its own: the client takes the global one, and asks of it what browsers have.
    const { WebSocket } = await load<{ WebSocket: unknown }>('undici');
    if (!('WebSocket' in globalThis))
      Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, writable: true });
    const packages = await load<Packages>('@triplit/client');
    const server = await startServer('triplit.ts', { FOLDER: folder, JWT_SECRET: SECRET });
    return {
      connect: () => connect(packages, `http://127.0.0.1:${server.port}`),
      memory: server.memory,
      stop: server.stop,
    };
  },
};

async function connect(packages: Packages, serverUrl: string): Promise<PeerClient> {
  const client = new packages.TriplitClient({
    serverUrl,
    token: token(),
    storage: 'memory',
    logLevel: 'error',
  });
  await new Promise<void>((resolve) => {
    client.onConnectionStatusChange((status) => {
      if (status === 'OPEN') resolve();
    }, true);
  });
  let pulled = 0;
  let tell: (id: string) => void = () => {};
  client.onSyncMessageReceived((message) => {
    for (const [id] of message.payload.changes?.json.items?.sets ?? []) {
      pulled += 1;
      tell(id);
    }
  });
  const all = client.query(COLLECTION);
  return {
    push: async (records) => {
      await client.http.bulkInsert({ [COLLECTION]: records });
    },
    change: async (record) => {
      const acknowledged = answered(client, record.id);
      await client.insert(COLLECTION, record);
      await acknowledged;
    },
    pull: async () => {
      pulled = 0;
      await client.fetch(all, { policy: 'remote-first' });
      return pulled;
    },
    listen: async (onRecord) => {
      await new Promise<void>((onFulfilled, onError) => {
        client.subscribeBackground(all, { onFulfilled, onError });
      });
      tell = onRecord;
    },
    close: async () => client.disconnect(),
  };
}

function answered(client: Client, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      noSuccess();
      noError();
    };
    const noSuccess = client.onEntitySyncSuccess(COLLECTION, id, () => {
      forget();
      resolve();
    });
    const noError = client.onEntitySyncError(COLLECTION, id, (error) => {
      forget();
      reject(error);
    });
  });
}

/** A service token of Triplit, signed with the server's secret. */
function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ 'x-triplit-token-type': 'secret', 'x-triplit-project-id': 'bench' })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}
