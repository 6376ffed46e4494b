/** RxDB's server over a collection in memory, with its replication endpoint. */
import { load } from '../load.ts';
import { freePort, readyOn } from './until-stopped.ts';

interface Database {
  addCollections(collections: object): Promise<{ items: object }>;
}
interface Server {
  addReplicationEndpoint(options: { name: string; collection: object }): unknown;
  start(): Promise<unknown>;
  close(): Promise<unknown>;
}

const { createRxDatabase } = await load<{ createRxDatabase(options: object): Promise<Database> }>(
  'rxdb/plugins/core',
);
const { getRxStorageMemory } = await load<{ getRxStorageMemory(): object }>('rxdb/plugins/storage-memory');
const { createRxServer } = await load<{ createRxServer(options: object): Promise<Server> }>(
  'rxdb-server/plugins/server',
);
const { RxServerAdapterExpress } = await load<{ RxServerAdapterExpress: object }>(
  'rxdb-server/plugins/adapter-express',
);

const text = { type: 'string' };
const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory() });
const { items } = await database.addCollections({
  items: {
    schema: {
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: {
        id: { type: 'string', maxLength: 64 },
        name: text,
        text,
        amount: { type: 'number' },
        editedAt: text,
      },
      required: ['id', 'name', 'text', 'amount', 'editedAt'],
    },
  },
});
const port = await freePort();
const server = await createRxServer({
  database,
  // Its route for other origins is one that Express 5 doesn't take; none is needed here.
  adapter: { ...RxServerAdapterExpress, setCors() {} },
  hostname: '127.0.0.1',
  port,
});
server.addReplicationEndpoint({ name: 'items', collection: items });
await server.start();
readyOn(port, async () => {
  await server.close();
});
