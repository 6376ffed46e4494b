/**
 * Hocuspocus: a Yjs document on a server. All records lie in one shared map, a record being one value of it, which is
 * the cheapest form that Yjs has for them. The client is Hocuspocus' own provider with a document in memory.
 */
import { load } from '../../peers/load.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

interface Origin {
  readonly local: boolean;
}
interface SharedMap {
  set(id: string, record: BenchRecord): void;
  observe(
    told: (event: { readonly keysChanged: ReadonlySet<string>; readonly transaction: Origin }) => void,
  ): void;
}
interface SharedDocument {
  getMap(name: string): SharedMap;
  transact(work: () => void): void;
  destroy(): void;
}
interface Socket {
  destroy(): void;
}
interface Provider {
  readonly unsyncedChanges: number;
  on(event: 'synced' | 'unsyncedChanges', told: () => void): void;
  off(event: 'synced' | 'unsyncedChanges', told: () => void): void;
  attach(): void;
  destroy(): void;
}
interface Packages {
  readonly HocuspocusProvider: new (options: object) => Provider;
  readonly HocuspocusProviderWebsocket: new (options: object) => Socket;
  readonly Doc: new () => SharedDocument;
  readonly WebSocket: unknown;
}

/** No presence is shared, so a quiet socket is no sign of a dead one. */
const QUIET_MS_MAX = 3_600_000;

export const hocuspocus: Peer = {
  name: 'Hocuspocus (Yjs)',
  version: '4.7.0',
  durability: 'later',
  differences:
    'Acknowledged when the server has merged the change into its document in memory; the whole document goes into ' +
    'SQLite 2 to 10 s later. No server decides: of two values for a record one wins by chance of the device ids. Every ' +
    'device that writes or listens holds the whole document and is told of everything.',
  start: async (folder) => {
    const packages = {
      ...(await load<Pick<Packages, 'HocuspocusProvider' | 'HocuspocusProviderWebsocket'>>(
        '@hocuspocus/provider',
      )),
      ...(await load<Pick<Packages, 'Doc'>>('yjs')),
      ...(await load<Pick<Packages, 'WebSocket'>>('ws')),
    };
    const server = await startServer('hocuspocus.ts', { FOLDER: folder });
    return {
      connect: () => connect(packages, `ws://127.0.0.1:${server.port}`),
      memory: server.memory,
      stop: server.stop,
    };
  },
};

async function connect(packages: Packages, url: string): Promise<PeerClient> {
  const document = new packages.Doc();
  const records = document.getMap('records');
  const socket = new packages.HocuspocusProviderWebsocket({
    url,
    WebSocketPolyfill: packages.WebSocket,
    messageReconnectTimeout: QUIET_MS_MAX,
  });
  // A socket counts as connected when it has been answered, so an empty document is asked for first.
  const door = await sync(packages, socket, 'door', new packages.Doc());
  const changed = new Set<string>();
  records.observe(({ keysChanged, transaction }) => {
    if (!transaction.local) for (const id of keysChanged) changed.add(id);
  });
  let live: Promise<Provider> | undefined;
  const stay = (): Promise<Provider> => {
    live ??= sync(packages, socket, 'bench', document);
    return live;
  };
  const write = async (written: readonly BenchRecord[]): Promise<void> => {
    const provider = await stay();
    document.transact(() => {
      for (const record of written) records.set(record.id, record);
    });
    await acknowledged(provider);
  };
  return {
    push: write,
    change: (record) => write([record]),
    pull: async () => {
      if (live === undefined) (await sync(packages, socket, 'bench', document)).destroy();
      const { size } = changed;
      changed.clear();
      return size;
    },
    listen: async (onRecord) => {
      await stay();
      records.observe(({ keysChanged, transaction }) => {
        changed.clear();
        if (!transaction.local) for (const id of keysChanged) onRecord(id);
      });
    },
    close: async () => {
      (await live)?.destroy();
      door.destroy();
      socket.destroy();
      document.destroy();
    },
  };
}

/** Joins the document: both sides tell what they have, and get what they lack. */
async function sync(
  packages: Packages,
  socket: Socket,
  name: string,
  document: SharedDocument,
): Promise<Provider> {
  const provider = new packages.HocuspocusProvider({
    name,
    document,
    websocketProvider: socket,
    awareness: null,
  });
  const synced = new Promise<void>((resolve) => provider.on('synced', resolve));
  provider.attach();
  await synced;
  return provider;
}

function acknowledged(provider: Provider): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (provider.unsyncedChanges > 0) return;
      provider.off('unsyncedChanges', look);
      resolve();
    };
    provider.on('unsyncedChanges', look);
    look();
  });
}
