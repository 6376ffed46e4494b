/**
 * PouchDB Server: CouchDB's protocol over LevelDB. The client is PouchDB's own HTTP adapter, which writes to the server
 * and follows its changes without keeping a copy, so no time goes into a store on the device.
 */
import { load } from '../../peers/load.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

type Document = Omit<BenchRecord, 'id'> & { readonly _id: string; readonly _rev?: string };
type Written = { readonly ok: true; readonly id: string; readonly rev: string } | { readonly error: true };
interface Change {
  readonly id: string;
  readonly changes: readonly { readonly rev: string }[];
}
interface Database {
  bulkDocs(documents: readonly Document[]): Promise<readonly Written[]>;
  put(document: Document): Promise<{ readonly rev: string }>;
  get(id: string): Promise<Document>;
  changes(options: { since: number | string; include_docs: boolean; live: true }): Feed;
  changes(options: { since: number | string; include_docs: boolean }): Promise<{
    readonly results: readonly Change[];
    readonly last_seq: number | string;
  }>;
  info(): Promise<{ readonly update_seq: number | string }>;
  close(): Promise<void>;
}
interface Feed {
  on(event: 'change', told: (change: Change) => void): Feed;
  on(event: 'error', told: (error: unknown) => void): Feed;
  cancel(): void;
}
interface Package {
  readonly default: new (address: string) => Database;
}

export const pouchdb: Peer = {
  name: 'PouchDB Server',
  version: '4.2.0 with PouchDB 9.0.0',
  durability: 'later',
  differences:
    'Acknowledged when LevelDB has handed the write to the operating system, without waiting for the disk. The newest ' +
    'revision wins by its hash; a stale write is refused. Measured without a store on the device. Live changes come by ' +
    'long polling, an answer and a new request each.',
  start: async (folder) => {
    const { default: PouchDB } = await load<Package>('pouchdb');
    const server = await startServer('pouchdb.ts', { FOLDER: folder });
    return {
      connect: async () => connect(new PouchDB(`http://127.0.0.1:${server.port}/records`)),
      memory: server.memory,
      stop: server.stop,
    };
  },
};

async function connect(database: Database): Promise<PeerClient> {
  await database.info();
  const revisions = new Map<string, string>();
  const feeds: Feed[] = [];
  let position: number | string = 0;
  return {
    push: async (records) => {
      const written = await database.bulkDocs(records.map((record) => documentOf(record, undefined)));
      for (const one of written) {
        if ('error' in one) throw new Error(`Refused: ${JSON.stringify(one)}`);
        revisions.set(one.id, one.rev);
      }
    },
    change: async (record) => {
      const { rev } = await database
        .put(documentOf(record, revisions.get(record.id)))
        .catch(async () => database.put(documentOf(record, (await database.get(record.id))._rev)));
      revisions.set(record.id, rev);
    },
    pull: async () => {
      const page = await database.changes({ since: position, include_docs: true });
      for (const change of page.results) remember(revisions, change);
      position = page.last_seq;
      return page.results.length;
    },
    listen: async (onRecord) => {
      const { update_seq } = await database.info();
      const feed = database.changes({ since: update_seq, include_docs: true, live: true });
      feeds.push(
        feed
          .on('change', (change) => {
            remember(revisions, change);
            onRecord(change.id);
          })
          .on('error', () => {}),
      );
      // Asked behind the first poll: its answer says that the server has got to it.
      await database.info();
    },
    close: async () => {
      for (const feed of feeds) feed.cancel();
      await database.close();
    },
  };
}

function documentOf({ id, ...fields }: BenchRecord, revision: string | undefined): Document {
  return revision === undefined ? { _id: id, ...fields } : { _id: id, _rev: revision, ...fields };
}

function remember(revisions: Map<string, string>, change: Change): void {
  const revision = change.changes[0]?.rev;
  if (revision !== undefined) revisions.set(change.id, revision);
}
