/**
 * Many devices of the native protocol, some of each user, that write all the time to wherever they are let in; and in the
 * end the question whether all of them are equal, among each other and to the server.
 */
import { createHash } from 'node:crypto';
import { addToDigest, canonicalJson, emptyDigest, formatDigest, recordChecksum } from '@ackord/core';
import { type DeviceCounts, type Expected, NativeDevice } from './native-device.ts';

export interface FleetUser {
  readonly token: string;
  readonly tripId: string;
}

export interface FleetSettings {
  readonly addresses: readonly string[];
  readonly users: readonly FleetUser[];
  readonly devicesPerUser: number;
}

export interface FleetStatus extends DeviceCounts {
  readonly devices: number;
  readonly live: number;
  /** With something that is not acknowledged. */
  readonly busy: number;
}

export interface Verdict {
  readonly faults: readonly string[];
  /** What was acknowledged of each memory, by id; null: its deletion. */
  readonly expected: readonly (readonly [id: string, state: Expected | null])[];
  /** Hash of the replica of a user's first device, by trip; all others of the user have the same. */
  readonly replicas: Readonly<Record<string, string>>;
}

const LOOK_MS = 1_000;
const TURN_MS = 50;

export class Fleet {
  readonly #devices: readonly NativeDevice[];
  readonly #devicesPerUser: number;
  readonly #look: NodeJS.Timeout;
  #writing: NodeJS.Timeout | undefined;

  constructor({ addresses, users, devicesPerUser }: FleetSettings) {
    this.#devicesPerUser = devicesPerUser;
    this.#devices = users.flatMap(({ token, tripId }, user) =>
      Array.from({ length: devicesPerUser }, (_, at) => {
        const name = `device ${user} ${at}`;
        return new NativeDevice({ name, addresses, token, tripId }, user + at);
      }),
    );
    this.#look = setInterval(() => {
      for (const device of this.#devices) device.lookAround();
    }, LOOK_MS);
  }

  /** So many edits a second from now on, by devices at random; 0: none. */
  write(perSecond: number): void {
    clearInterval(this.#writing);
    if (perSecond === 0) return;
    let owed = 0;
    this.#writing = setInterval(() => {
      for (owed += (perSecond * TURN_MS) / 1_000; owed >= 1; owed--)
        this.#devices[Math.floor(Math.random() * this.#devices.length)]?.write();
    }, TURN_MS);
  }

  status(): FleetStatus {
    const total = (of: (device: NativeDevice) => number): number =>
      this.#devices.reduce((sum, device) => sum + of(device), 0);
    return {
      devices: this.#devices.length,
      live: total(({ isLive }) => Number(isLive)),
      busy: total(({ isIdle }) => Number(!isIdle)),
      connections: total(({ counts }) => counts.connections),
      cut: total(({ counts }) => counts.cut),
      unanswered: total(({ counts }) => counts.unanswered),
      retries: total(({ counts }) => counts.retries),
      acknowledged: total(({ counts }) => counts.acknowledged),
      slowestMs: Math.max(...this.#devices.map(({ counts }) => counts.slowestMs)),
    };
  }

  /** Devices that are not live, wait for a receipt, or stand behind the head of their trip. */
  behind(heads: Readonly<Record<string, number>>): number {
    return this.#devices.filter(({ settings, isLive, isIdle, seqs }) => {
      const scope = `trip:${settings.tripId}`;
      return !isLive || !isIdle || (seqs[scope] ?? 0) < (heads[scope] ?? 0);
    }).length;
  }

  /** Of the trips, by scope, as the server has them now. */
  async heads(): Promise<Record<string, number>> {
    const firsts = this.#devices.filter((_, at) => at % this.#devicesPerUser === 0);
    const heads = firsts.map(
      async (device) => [`trip:${device.settings.tripId}`, (await device.digests()).seq] as const,
    );
    return Object.fromEntries(await Promise.all(heads));
  }

  /** When all is quiet and nobody is behind: compares every device with the server and with the others of its user. */
  async judge(): Promise<Verdict> {
    const faults = this.#devices.flatMap(({ settings, faults }) =>
      faults.map((fault) => `${settings.name}: ${fault}`),
    );
    const replicas: Record<string, string> = {};
    for (const [at, device] of this.#devices.entries()) {
      const { name, tripId } = device.settings;
      const hash = replicaHash(device);
      if (at % this.#devicesPerUser === 0) replicas[tripId] = hash;
      else if (replicas[tripId] !== hash)
        faults.push(`${name}: its replica differs from that of its user's first`);
      const { seq, types } = await device.digests();
      if (device.seqs[`trip:${tripId}`] !== seq)
        faults.push(`${name}: stands at ${device.seqs[`trip:${tripId}`]}, the server at ${seq}`);
      const mine = digestsOf(device);
      if (canonicalJson(types) !== canonicalJson(mine))
        faults.push(`${name}: has ${canonicalJson(mine)}, the server ${canonicalJson(types)}`);
    }
    return { faults, expected: this.#devices.flatMap(({ expected }) => [...expected]), replicas };
  }

  stop(): void {
    this.write(0);
    clearInterval(this.#look);
    for (const device of this.#devices) device.stop();
  }
}

function replicaHash({ records }: NativeDevice): string {
  const texts = [...records.values()].map((record) => canonicalJson(record)).sort();
  return createHash('sha256').update(texts.join('\n')).digest('hex');
}

function digestsOf({ records, settings }: NativeDevice): Record<string, string> {
  const digests = new Map<string, typeof emptyDigest>();
  for (const record of records.values()) {
    if (record.scope !== `trip:${settings.tripId}`) continue;
    const { type } = record;
    const checksum = recordChecksum({ ...record, type: `travel.${type}` });
    digests.set(type, addToDigest(digests.get(type) ?? emptyDigest, checksum));
  }
  return Object.fromEntries([...digests].map(([type, digest]) => [type, formatDigest(digest)]));
}
