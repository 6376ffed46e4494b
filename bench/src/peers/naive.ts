/**
 * The yardstick: a server of some thirty lines (naive-server.ts) on the same PostgreSQL, with the same settings, that
 * does what one needs for a first demonstration and nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@ackord/server';
import { WebSocket } from 'ws';
import { machine } from '../machine.ts';
import { residentMb } from '../processes.ts';
import { ROOT } from '../server.ts';
import type { BenchRecord, Peer, PeerClient } from './peer.ts';

export const naive: Peer = {
  name: 'naive Node + PostgreSQL + ws',
  version: `PostgreSQL ${machine().postgres}`,
  durability: 'commit',
  differences:
    'The last writer wins: no conflicts, versions, history, receipts, access or limits. ' +
    'Its cursor is a sequence, so a reader can miss a change that commits late, and a socket that reads slowly fills its memory.',
  async start(folder) {
    const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'data') });
    const server = spawn(
      process.execPath,
      [
        '--max-semi-space-size=64',
        fileURLToPath(new URL('./naive-server.js', import.meta.url)),
        postgres.ownerConnectionString,
      ],
      { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    const port = await portOf(server);
    return {
      connect: () => NaiveClient.connect(port),
      memory: () => residentMb(server.pid ?? 0),
      async stop() {
        if (server.exitCode === null && server.kill()) await once(server, 'exit');
        await postgres.stop();
      },
    };
  },
};

async function portOf(server: ChildProcess): Promise<number> {
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`The naive server ended with ${code}`);
  });
  const [address] = await Promise.race([once(server, 'message'), ended]);
  return (address as { port: number }).port;
}

interface Answer {
  readonly ask: number;
  readonly rows: readonly { readonly edit: string; readonly body: BenchRecord }[];
}

interface Asked {
  readonly resolve: (rows: Answer['rows']) => void;
  readonly reject: (cause: Error) => void;
}

class NaiveClient implements PeerClient {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, Asked>();
  #asks = 0;
  #since = '0';
  #onRecord: (id: string) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text) => this.#take(JSON.parse(text.toString())));
    socket.on('close', () => {
      for (const { reject } of this.#asked.values()) reject(new Error('The socket was closed'));
    });
  }

  static async connect(port: number): Promise<NaiveClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(socket, 'open');
    return new NaiveClient(socket);
  }

  async push(records: readonly BenchRecord[]): Promise<void> {
    await Promise.all(records.map((record) => this.change(record)));
  }

  async change(item: BenchRecord): Promise<void> {
    await this.#ask({ type: 'put', item });
  }

  async pull(): Promise<number> {
    const rows = await this.#ask({ type: 'since', since: this.#since });
    this.#since = rows.at(-1)?.edit ?? this.#since;
    return rows.length;
  }

  async listen(onRecord: (id: string) => void): Promise<void> {
    this.#onRecord = onRecord;
    await this.#ask({ type: 'listen' });
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #ask(message: object): Promise<Answer['rows']> {
    const ask = ++this.#asks;
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject });
      this.#socket.send(JSON.stringify({ ask, ...message }));
    });
  }

  #take(message: Answer | { readonly type: 'item'; readonly item: BenchRecord }): void {
    if ('type' in message) {
      this.#onRecord(message.item.id);
      return;
    }
    this.#asked.get(message.ask)?.resolve(message.rows);
    this.#asked.delete(message.ask);
  }
}
