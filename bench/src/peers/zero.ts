/**
 * Zero: zero-cache follows PostgreSQL's replication into SQLite and keeps each device's queries up to date; writes go
 * through the app's own endpoint into PostgreSQL. The client is Zero's, with its store in memory.
 */
import { randomUUID } from 'node:crypto';
import { load } from '../../peers/load.ts';
import { type Item, type ZeroApp, zeroApp } from '../../peers/zero-app.ts';
import type { Peer, PeerClient } from './peer.ts';
import { startPeerDatabase } from './peer-database.ts';
import { startServer } from './server-process.ts';

type Outcome = { readonly type: 'success' } | { readonly type: 'error'; readonly error: unknown };
interface View {
  readonly data: readonly Item[];
  addListener(told: (data: readonly Item[]) => void): () => void;
  destroy(): void;
}
interface Zero {
  readonly connection: {
    readonly state: {
      readonly current: { readonly name: string };
      subscribe(told: (state: { readonly name: string }) => void): () => void;
    };
  };
  mutate(request: object): { readonly server: Promise<Outcome> };
  run(query: object, options: { type: 'complete' }): Promise<unknown>;
  materialize(query: object, options: { ttl: string }): View;
  close(): Promise<void>;
}
type ZeroClass = new (options: object) => Zero;

export const zero: Peer = {
  name: 'Zero',
  version: '1.9.0',
  durability: 'commit',
  differences:
    'Acknowledged when the write has come back by logical replication, so behind its commit in PostgreSQL. The last write ' +
    'stands; what a mutator does is up to the app. Writes pass zero-cache and an endpoint of the app, which here is some ' +
    'fifty lines. A device keeps its rows in memory and in order, and writes there first.',
  start: async (folder) => {
    await giveWhatBrowsersHave();
    const { Zero } = await load<{ Zero: ZeroClass }>('@rocicorp/zero');
    const app = await zeroApp();
    const database = await startPeerDatabase(folder, { wal_level: 'logical', max_connections: '120' });
    const server = await startServer('zero.ts', {
      FOLDER: folder,
      DATABASE_URL: database.url,
      // The rest of the address: zero-cache's driver takes a socket's folder from the environment alone.
      ZERO_UPSTREAM_DB: `postgres:///${database.database}?sslmode=disable`,
      PGHOST: database.host,
      PGPORT: database.port,
      PGUSER: database.user,
    }).catch(async (error: unknown) => {
      await database.stop();
      throw error;
    });
    return {
      connect: () => connect(Zero, app, `http://127.0.0.1:${server.port}`),
      memory: server.memory,
      stop: async () => {
        await server.stop();
        await database.stop();
      },
    };
  },
};

/** Node 20 has no WebSocket of its own. */
async function giveWhatBrowsersHave(): Promise<void> {
  const { WebSocket } = await load<{ WebSocket: unknown }>('undici');
  if (!('WebSocket' in globalThis)) {
    Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, writable: true });
  }
}

/** Zero leaves the server while its page is hidden: so each device has a page of its own here. */
class Page extends EventTarget {
  visibilityState: 'visible' | 'hidden' = 'visible';

  show(visibility: 'visible' | 'hidden'): void {
    this.visibilityState = visibility;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

function open(Zero: ZeroClass, options: object, page: Page): Zero {
  Object.defineProperty(globalThis, 'document', { value: page, configurable: true });
  try {
    return new Zero(options);
  } finally {
    Reflect.deleteProperty(globalThis, 'document');
  }
}

async function connect(Zero: ZeroClass, app: ZeroApp, cacheURL: string): Promise<PeerClient> {
  const page = new Page();
  const { schema, mutators, queries } = app;
  const options = {
    cacheURL,
    schema,
    mutators,
    userID: 'bench',
    storageKey: randomUUID(),
    kvStore: 'mem',
    logSink: { log() {} },
    hiddenTabDisconnectDelay: 0,
    context: {},
  };
  const device = open(Zero, options, page);
  await becomes(device, 'connected');
  const beThere = (): Promise<void> => {
    page.show('visible');
    return becomes(device, 'connected');
  };
  const put = async (items: readonly Item[]): Promise<void> => {
    await beThere();
    const outcome = await device.mutate(mutators.put({ items })).server;
    if (outcome.type === 'error') throw new Error(`Zero refused: ${JSON.stringify(outcome.error)}`);
  };
  let view: View | undefined;
  const known = new Map<string, Item>();
  const news = (): string[] => {
    const fresh = (view?.data ?? []).filter((item) => known.get(item.id)?.editedAt !== item.editedAt);
    for (const item of fresh) known.set(item.id, item);
    return fresh.map(({ id }) => id);
  };
  return {
    push: put,
    change: (record) => put([record]),
    pull: async () => {
      await beThere();
      view ??= device.materialize(queries.all(), { ttl: 'forever' });
      await device.run(queries.all(), { type: 'complete' });
      // A question that is new to the server is answered behind all that was missed.
      await device.run(queries.one({ id: randomUUID() }), { type: 'complete' });
      const { length } = news();
      page.show('hidden');
      await becomes(device, 'disconnected');
      return length;
    },
    listen: async (onRecord) => {
      await beThere();
      view ??= device.materialize(queries.all(), { ttl: 'forever' });
      await device.run(queries.all(), { type: 'complete' });
      news();
      view.addListener(() => {
        for (const id of news()) onRecord(id);
      });
    },
    close: async () => {
      view?.destroy();
      await device.close();
    },
  };
}

function becomes(device: Zero, name: string): Promise<void> {
  const { state } = device.connection;
  if (state.current.name === name) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = state.subscribe((now) => {
      if (now.name !== name) return;
      forget();
      resolve();
    });
  });
}
