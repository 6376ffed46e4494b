/**
 * Logux: actions that client and server exchange. What a record is and where it is kept, the app says itself; here an
 * action holds the records that it writes, and a subscription asks for what came after a position. The client is Logux'
 * own, with its log in memory. Measured twice, by what the server keeps.
 */
import { load } from '../../peers/load.ts';
import type { BenchRecord, Durability, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

interface Put {
  readonly type: string;
  readonly records: readonly BenchRecord[];
  readonly upTo: number;
}
interface Client {
  start(): void;
  waitFor(state: 'synchronized'): Promise<void>;
  sync(action: object): Promise<unknown>;
  type(type: string, told: (action: Put, meta: { readonly id: string }) => void): void;
  destroy(): void;
  readonly nodeId: string;
}
interface Packages {
  readonly Client: new (options: object) => Client;
  readonly WsConnection: new (url: string, socketClass: unknown) => object;
  readonly Reconnect: new (connection: object) => object;
  readonly WebSocket: unknown;
}

const RECORDS_PER_ACTION = 1_000;
const CHANNEL = 'records';
const NOTHING_OLD = -1;
const COMMON =
  'Logux carries actions and leaves storing and deciding to the app: here the last write stands, and the tables are of ' +
  'some thirty lines of ours. ';

export const loguxSqlite: Peer = logux(
  'Logux, SQLite',
  'commit',
  'sqlite',
  `${COMMON}Acknowledged as processed after a commit of SQLite (WAL, synchronous FULL), one for each action.`,
);

export const loguxMemory: Peer = logux(
  'Logux, memory',
  'memory',
  'memory',
  `${COMMON}Acknowledged as processed when the server has it in memory.`,
);

function logux(name: string, durability: Durability, storage: string, differences: string): Peer {
  return {
    name,
    version: '0.14.0',
    durability,
    differences,
    start: async (folder) => {
      const packages = {
        ...(await load<Pick<Packages, 'Client'>>('@logux/client')),
        ...(await load<Pick<Packages, 'WsConnection' | 'Reconnect'>>('@logux/core')),
        ...(await load<Pick<Packages, 'WebSocket'>>('ws')),
      };
      const server = await startServer('logux.ts', { FOLDER: folder, STORAGE: storage });
      return {
        connect: () => connect(packages, `ws://127.0.0.1:${server.port}`),
        memory: server.memory,
        stop: server.stop,
      };
    },
  };
}

async function connect(packages: Packages, url: string): Promise<PeerClient> {
  const client = new packages.Client({
    // Said, since Node 20 has no WebSocket of its own.
    server: new packages.Reconnect(new packages.WsConnection(url, packages.WebSocket)),
    subprotocol: 1,
    userId: 'bench',
    token: '',
    timeout: 600_000,
    ping: 300_000,
  });
  client.start();
  await client.waitFor('synchronized');
  let pulled = 0;
  let position = 0;
  client.type('records/page', (page) => {
    pulled += page.records.length;
    position = page.upTo;
  });
  const put = (records: readonly BenchRecord[]): Promise<unknown> =>
    client.sync({ type: 'records/put', records });
  return {
    push: async (records) => {
      const pages: Promise<unknown>[] = [];
      for (let start = 0; start < records.length; start += RECORDS_PER_ACTION) {
        pages.push(put(records.slice(start, start + RECORDS_PER_ACTION)));
      }
      await Promise.all(pages);
    },
    change: async (record) => {
      await put([record]);
    },
    pull: async () => {
      pulled = 0;
      const after = position;
      await client.sync({ type: 'logux/subscribe', channel: CHANNEL, after });
      void client.sync({ type: 'logux/unsubscribe', channel: CHANNEL, after });
      return pulled;
    },
    listen: async (onRecord) => {
      client.type('records/put', (action, meta) => {
        if (meta.id.includes(client.nodeId)) return;
        for (const record of action.records) onRecord(record.id);
      });
      await client.sync({ type: 'logux/subscribe', channel: CHANNEL, after: NOTHING_OLD });
    },
    close: async () => {
      client.destroy();
    },
  };
}
