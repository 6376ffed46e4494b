/**
 * Ackord over its native protocol: one user, whose devices all see the memories of one trip. A device that has pulled
 * leaves and comes back, connected but not subscribed; so what it pulls the next time is what it missed.
 */
import { randomUUID } from 'node:crypto';
import type { WireChange, WireReceipt } from '@ackord/core';
import { machine } from '../machine.ts';
import { NativeClient, type NativeOptions } from '../native-client.ts';
import { startServer } from '../server.ts';
import type { BenchRecord, Peer, PeerClient, RunningPeer } from './peer.ts';

const CHANGES_PER_PUSH = 1_000;

export const ackord: Peer = {
  name: 'Ackord',
  version: machine().ackord,
  durability: 'commit',
  differences:
    'The server decides each change against the history of its record and keeps a receipt of it, a line in the log, ' +
    'and the digest of what it belongs to, all in one commit. Access is checked for each device. Its cache keeps ' +
    'what is asked for a second time: of the three first syncs of W2 two are served from there.',
  start: (folder) => startAckord(folder, 1),
};

/** The devices take turns with so many trips; all of them see all of it. */
export async function startAckord(folder: string, trips: number): Promise<RunningPeer> {
  const server = await startServer({}, folder);
  const { token } = await server.account();
  const tripIds = Array.from({ length: trips }, () => randomUUID());
  const maker = await NativeClient.open({ url: server.url, token });
  await maker.push(tripIds.map(tripOf));
  await maker.close();
  let devices = 0;
  return {
    connect: () => {
      const tripId = tripIds[devices++ % trips] as string;
      return AckordDevice.connect({ url: server.url, token, device: randomUUID() }, tripId);
    },
    memory: server.memory,
    stop: server.stop,
  };
}

export const tripOf = (id: string): WireChange => ({
  changeId: randomUUID(),
  type: 'Trip',
  id,
  op: 'create',
  base: 0,
  fields: { name: 'Along the coast', startDate: '2026-05-01T08:00:00.000Z' },
});

/** `base`: the version that the device knows of it, 0 for a new one. */
export const memoryOf = (tripId: string, record: BenchRecord, base = 0): WireChange => ({
  changeId: randomUUID(),
  type: 'Memory',
  id: record.id,
  op: base === 0 ? 'create' : 'update',
  base,
  fields: {
    tripId,
    title: record.name,
    text: record.text,
    timestamp: record.editedAt,
    latitude: record.amount,
  },
});

class AckordDevice implements PeerClient {
  readonly #options: NativeOptions;
  readonly #tripId: string;
  #client: Promise<NativeClient>;
  /** Of what this device wrote. */
  readonly #versions = new Map<string, number>();

  private constructor(options: NativeOptions, tripId: string, client: NativeClient) {
    this.#options = options;
    this.#tripId = tripId;
    this.#client = Promise.resolve(client);
  }

  static async connect(options: NativeOptions, tripId: string): Promise<AckordDevice> {
    return new AckordDevice(options, tripId, await NativeClient.open(options));
  }

  async push(records: readonly BenchRecord[]): Promise<void> {
    const client = await this.#client;
    const pushes: Promise<void>[] = [];
    for (let from = 0; from < records.length; from += CHANGES_PER_PUSH) {
      const part = records.slice(from, from + CHANGES_PER_PUSH);
      pushes.push(client.push(part.map((record) => this.#changeOf(record))).then(this.#note));
    }
    await Promise.all(pushes);
  }

  async change(record: BenchRecord): Promise<void> {
    const client = await this.#client;
    this.#note(await client.push([this.#changeOf(record)]));
  }

  async pull(): Promise<number> {
    const client = await this.#client;
    let count = 0;
    await client.pull(({ type }) => {
      if (type === 'Memory') count++;
    });
    this.#client = this.#comeBack(client);
    return count;
  }

  async listen(onRecord: (id: string) => void): Promise<void> {
    const client = await this.#client;
    let isLive = false;
    await client.subscribe(({ type, id }) => {
      if (isLive && type === 'Memory' && !this.#versions.has(id)) onRecord(id);
    });
    isLive = true;
  }

  async close(): Promise<void> {
    await (await this.#client).close();
  }

  async #comeBack(before: NativeClient): Promise<NativeClient> {
    await before.close();
    return NativeClient.open({ ...this.#options, cursor: before.cursor });
  }

  #changeOf(record: BenchRecord): WireChange {
    return memoryOf(this.#tripId, record, this.#versions.get(record.id));
  }

  readonly #note = (receipts: readonly WireReceipt[]): void => {
    for (const receipt of receipts)
      if ('version' in receipt && receipt.id !== null) this.#versions.set(receipt.id, receipt.version ?? 0);
  };
}
