/** PouchDB's server, express-pouchdb, on LevelDB below FOLDER: the routes that PouchDB clients need. */
import type { Server } from 'node:http';
import { load } from '../load.ts';
import { readyOn } from './until-stopped.ts';

interface PouchConstructor {
  new (name: string): { info(): Promise<unknown> };
  defaults(options: { prefix: string }): PouchConstructor;
}
interface App {
  listen(port: number, host: string, ready: () => void): Server;
}

const { default: PouchDB } = await load<{ default: PouchConstructor }>('pouchdb');
const { default: expressPouchDB } = await load<{
  default: (pouch: PouchConstructor, options: { mode: string }) => App;
}>('express-pouchdb');

const OnDisk = PouchDB.defaults({ prefix: `${process.env.FOLDER}/` });
const app = expressPouchDB(OnDisk, { mode: 'minimumForPouchDB' });
await new OnDisk('records').info();
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) readyOn(address.port);
});
