/** Hocuspocus with its SQLite extension, the document below FOLDER. */
import { load } from '../load.ts';
import { readyOn } from './until-stopped.ts';

interface Server {
  readonly address: { readonly port: number };
  listen(): Promise<unknown>;
  destroy(): Promise<unknown>;
}

const { Server } = await load<{ Server: new (options: object) => Server }>('@hocuspocus/server');
const { SQLite } = await load<{ SQLite: new (options: { database: string }) => object }>(
  '@hocuspocus/extension-sqlite',
);
const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  stopOnSignals: false,
  extensions: [new SQLite({ database: `${process.env.FOLDER}/hocuspocus.sqlite` })],
});
await server.listen();
readyOn(server.address.port, async () => {
  await server.destroy();
});
