/**
 * RxDB's server, its database in memory. RxDB's client allows sixteen collections in a process, so the devices here speak
 * the server's replication endpoints as that client does: pull by checkpoint, push of rows, a stream of server-sent
 * events. The server is licensed SSPL-1.0: it is run here to be measured, and neither changed nor made part of anything.
 */
import { fetchAgain } from './fetch-again.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

type Stored = BenchRecord & { readonly _deleted: boolean };
interface Checkpoint {
  readonly id: string;
  readonly lwt: number;
}
interface Page {
  readonly documents: readonly Stored[];
  readonly checkpoint: Checkpoint;
}

const PULLED_AT_ONCE = 10_000;
/** The server's limit of a request is 100 kB. */
const PUSHED_AT_ONCE = 100;

export const rxdbServer: Peer = {
  name: 'RxDB Server',
  version: '15.22.0 with RxDB 15.39.0',
  durability: 'memory',
  differences:
    'Acknowledged when the server has it in memory. A change made on another state than the server has is refused and ' +
    'made again on that one. Measured without a store on the device.',
  start: async (folder) => {
    const server = await startServer('rxdb.ts', { FOLDER: folder });
    const url = `http://127.0.0.1:${server.port}/items/0`;
    return { connect: async () => connect(url), memory: server.memory, stop: server.stop };
  },
};

async function connect(url: string): Promise<PeerClient> {
  let position: Checkpoint = { id: '', lwt: 0 };
  const known = new Map<string, Stored>();
  const ending = new AbortController();
  const write = async (records: readonly BenchRecord[]): Promise<void> => {
    let left = records.map((record) => stored(record));
    while (left.length > 0) {
      const conflicts = await push(url, known, left);
      for (const document of left) known.set(document.id, document);
      for (const theirs of conflicts) known.set(theirs.id, theirs);
      const refused = new Set(conflicts.map(({ id }) => id));
      left = left.filter(({ id }) => refused.has(id));
    }
  };
  return {
    push: async (records) => {
      for (let start = 0; start < records.length; start += PUSHED_AT_ONCE) {
        await write(records.slice(start, start + PUSHED_AT_ONCE));
      }
    },
    change: (record) => write([record]),
    pull: async () => {
      let count = 0;
      for (;;) {
        const page = await pull(url, position);
        position = page.checkpoint;
        count += page.documents.length;
        for (const document of page.documents) known.set(document.id, document);
        if (page.documents.length < PULLED_AT_ONCE) return count;
      }
    },
    listen: (onRecord) =>
      follow(url, ending.signal, (page) => {
        for (const document of page.documents) {
          known.set(document.id, document);
          onRecord(document.id);
        }
      }),
    close: async () => ending.abort(),
  };
}

const stored = ({ id, name, text, amount, editedAt }: BenchRecord): Stored => ({
  id,
  name,
  text,
  amount,
  editedAt,
  _deleted: false,
});

/** Answers the documents that were refused, as the server has them. */
async function push(
  url: string,
  known: ReadonlyMap<string, Stored>,
  documents: readonly Stored[],
): Promise<readonly Stored[]> {
  const rows = documents.map((document) => {
    const assumed = known.get(document.id);
    return assumed === undefined
      ? { newDocumentState: document }
      : { newDocumentState: document, assumedMasterState: assumed };
  });
  const response = await fetchAgain(`${url}/push`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(rows),
  });
  if (!response.ok) throw new Error(`RxDB Server answered a push with ${response.status}`);
  const conflicts: unknown = await response.json();
  return conflicts as readonly Stored[];
}

async function pull(url: string, { id, lwt }: Checkpoint): Promise<Page> {
  const query = `lwt=${lwt}&id=${encodeURIComponent(id)}&limit=${PULLED_AT_ONCE}`;
  const response = await fetchAgain(`${url}/pull?${query}`, {});
  if (!response.ok) throw new Error(`RxDB Server answered a pull with ${response.status}`);
  const page: unknown = await response.json();
  return page as Page;
}

/** Resolves when the stream stands; it is read until the signal. */
async function follow(url: string, signal: AbortSignal, told: (page: Page) => void): Promise<void> {
  const response = await fetch(`${url}/pullStream`, { headers: { Accept: 'text/event-stream' }, signal });
  if (!response.ok || response.body === null) {
    throw new Error(`RxDB Server answered a stream with ${response.status}`);
  }
  void readEvents(response.body, told).catch(() => {});
}

async function readEvents(body: ReadableStream<Uint8Array>, told: (page: Page) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = event.replace(/^data: /, '');
      if (data.startsWith('{')) told(JSON.parse(data));
    }
  }
}
