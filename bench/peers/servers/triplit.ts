/** A Triplit server on SQLite below FOLDER, with one collection. */
import { load } from '../load.ts';
import { freePort, readyOn } from './until-stopped.ts';

interface SchemaBuilder {
  Schema: {
    Collections(collections: object): object;
    Schema(fields: object): object;
    Id(): object;
    String(): object;
    Number(): object;
  };
}
type StartListening = (port: number, ready: () => void) => { close(): void };

const { FOLDER = '', JWT_SECRET = '' } = process.env;
process.env.LOCAL_DATABASE_URL = `${FOLDER}/triplit.sqlite`;
const { createServer, createTriplitStorageProvider } = await load<{
  createServer(options: object): Promise<StartListening>;
  createTriplitStorageProvider(kind: string): Promise<object>;
}>('@triplit/server');
const { Schema: S } = await load<SchemaBuilder>('@triplit/client');

const collections = S.Collections({
  items: {
    schema: S.Schema({
      id: S.Id(),
      name: S.String(),
      text: S.String(),
      amount: S.Number(),
      editedAt: S.String(),
    }),
  },
});
const listen = await createServer({
  storage: await createTriplitStorageProvider('sqlite'),
  dbOptions: { schema: { collections, version: 0 } },
  jwtSecret: JWT_SECRET,
  projectId: 'bench',
  maxPayloadMb: 500,
  logHandler: { log() {}, startSpan() {}, endSpan() {} },
});
const port = await freePort();
const server = listen(port, () => readyOn(port, () => server.close()));
