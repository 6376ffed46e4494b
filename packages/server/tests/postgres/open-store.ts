/** A server's start in a process of its own: opens the store on the owner's URL that is given, and ends. */
import { openPostgresStore } from '../../src/store/postgres-store.ts';
import { storeTestRegistry } from '../store/shelf.ts';

const [, , ownerUrl = ''] = process.argv;
const lines: string[] = [];
const opened = await openPostgresStore({
  ownerUrl,
  registry: storeTestRegistry,
  log: (line) => lines.push(line),
});
const { epoch, cursorKeys } = opened.store;
await opened.close();
process.stdout.write(JSON.stringify({ epoch, key: Buffer.from(cursorKeys[0] ?? []).toString('hex'), lines }));
