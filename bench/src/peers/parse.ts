/**
 * Parse Server on PostgreSQL. The client is Parse's JavaScript SDK: bulk writes with saveAll, pages by time of change,
 * live queries over a socket for each device.
 */
import { load } from '../../peers/load.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';
import { startPeerDatabase } from './peer-database.ts';
import { startServer } from './server-process.ts';

interface Item {
  readonly id: string;
  readonly updatedAt: Date;
  set(fields: object): void;
  save(): Promise<Item>;
}
interface Query {
  ascending(...fields: string[]): Query;
  greaterThanOrEqualTo(field: string, value: Date): Query;
  skip(count: number): Query;
  limit(count: number): Query;
  find(): Promise<readonly Item[]>;
  get(id: string): Promise<Item>;
}
interface Subscription {
  readonly subscribePromise: Promise<void>;
  on(event: 'create' | 'update', told: (item: Item) => void): void;
}
interface LiveQueryClient {
  open(): void;
  on(event: 'open', told: () => void): void;
  subscribe(query: Query): Subscription;
  close(): Promise<unknown>;
}
interface Parse {
  initialize(application: string, key: string): void;
  serverURL: string;
  allowCustomObjectId: boolean;
  readonly Object: {
    new (className: string, fields: object): Item;
    saveAll(items: readonly Item[], options: { batchSize: number }): Promise<unknown>;
  };
  readonly Query: new (className: string) => Query;
  readonly LiveQueryClient: new (options: object) => LiveQueryClient;
}

const CLASS = 'Item';
const PAGE = 10_000;
const BATCH = 500;

export const parseServer: Peer = {
  name: 'Parse Server',
  version: '9.10.0',
  durability: 'commit',
  differences:
    'Acknowledged after a commit of PostgreSQL, one for each record, also in bulk. The last write stands. Pages go by ' +
    'the time of change, which is set before the commit, so a reader can miss a change that commits late. A live query ' +
    'sends the record before and after.',
  start: async (folder) => {
    const { default: Parse } = await load<{ default: Parse }>('parse/node');
    const database = await startPeerDatabase(folder);
    const server = await startServer('parse.ts', {
      FOLDER: folder,
      PGHOST: database.host,
      PGPORT: database.port,
      PGUSER: database.user,
      PGDATABASE: database.database,
    }).catch(async (error: unknown) => {
      await database.stop();
      throw error;
    });
    Parse.initialize('bench', 'bench-javascript');
    Parse.allowCustomObjectId = true;
    Parse.serverURL = `http://127.0.0.1:${server.port}/parse`;
    return {
      connect: () => connect(Parse, `ws://127.0.0.1:${server.port}`),
      memory: server.memory,
      stop: async () => {
        await server.stop();
        await database.stop();
      },
    };
  },
};

async function connect(Parse: Parse, url: string): Promise<PeerClient> {
  const socket = new Parse.LiveQueryClient({
    applicationId: 'bench',
    javascriptKey: 'bench-javascript',
    serverURL: url,
  });
  const open = new Promise<void>((resolve) => socket.on('open', resolve));
  socket.open();
  await open;
  const items = new Map<string, Item>();
  const position = positionIn(Parse, items);
  return {
    push: async (records) => {
      const fresh = records.map(({ id, ...fields }) => newItem(Parse, id, fields));
      await Parse.Object.saveAll(fresh, { batchSize: BATCH });
      for (const item of fresh) items.set(item.id, item);
    },
    change: async ({ id, ...fields }: BenchRecord) => {
      const known = items.get(id);
      items.set(id, await (known ? saved(known, fields) : savedUnknown(Parse, id, fields)));
    },
    pull: position,
    listen: async (onRecord) => {
      const told = (item: Item): void => {
        items.set(item.id, item);
        onRecord(item.id);
      };
      const subscription = socket.subscribe(new Parse.Query(CLASS));
      subscription.on('create', told);
      subscription.on('update', told);
      await subscription.subscribePromise;
    },
    close: async () => {
      await socket.close();
    },
  };
}

/** Reads page after page behind the newest time of change that it has seen; of that time itself all are asked again. */
function positionIn(Parse: Parse, items: Map<string, Item>): () => Promise<number> {
  let newest = new Date(0);
  let seenAtNewest = new Set<string>();
  return async () => {
    const from = newest;
    const seenBefore = seenAtNewest;
    let count = 0;
    for (let skipped = 0; ; skipped += PAGE) {
      const page = await new Parse.Query(CLASS)
        .greaterThanOrEqualTo('updatedAt', from)
        .ascending('updatedAt', 'objectId')
        .skip(skipped)
        .limit(PAGE)
        .find();
      for (const item of page) {
        if (item.updatedAt.getTime() === from.getTime() && seenBefore.has(item.id)) continue;
        items.set(item.id, item);
        count += 1;
        if (item.updatedAt.getTime() !== newest.getTime()) seenAtNewest = new Set();
        newest = item.updatedAt;
        seenAtNewest.add(item.id);
      }
      if (page.length < PAGE) return count;
    }
  };
}

const newItem = (Parse: Parse, id: string, fields: object): Item =>
  new Parse.Object(CLASS, { ...fields, id });

function saved(item: Item, fields: object): Promise<Item> {
  item.set(fields);
  return item.save();
}

/** A record that this device has not got is new, unless the server says that it is there. */
function savedUnknown(Parse: Parse, id: string, fields: object): Promise<Item> {
  return newItem(Parse, id, fields)
    .save()
    .catch(async () => saved(await new Parse.Query(CLASS).get(id), fields));
}
