/**
 * The network between one device and the server: it breaks at once, breaks after a commit and before its answer, falls
 * silent one way or both while each side believes that the other is there, or lets nobody through.
 */
import { createServer, connect as open, type Server, type Socket } from 'node:net';
import type { Chance } from '../../legacy/apps/chance.ts';

type Silence = 'up' | 'down' | 'both';

interface Pair {
  readonly end: () => void;
  readonly device: Socket;
  silence: Silence | null;
}

export class Link {
  readonly #pairs = new Set<Pair>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #chance: Chance;
  readonly #server: Server;
  #url = '';
  #cutsAtAnswer = 0;
  isDown = false;
  readonly figures = { cut: 0, cutAtAnswer: 0, halfOpen: 0 };

  private constructor(target: { host: string; port: number }, chance: Chance) {
    this.#chance = chance;
    this.#server = createServer((device) => {
      if (this.isDown) return void device.destroy();
      this.#join(device, open(target));
    });
  }

  static async start(serverUrl: string, chance: Chance): Promise<Link> {
    const { hostname, port } = new URL(serverUrl);
    const link = new Link({ host: hostname, port: Number(port) }, chance);
    await new Promise<void>((resolve) => {
      link.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = link.#server.address();
    link.#url = `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return link;
  }

  get url(): string {
    return this.#url;
  }

  cut(): void {
    this.figures.cut += this.#pairs.size;
    for (const pair of [...this.#pairs]) pair.end();
  }

  /** The next answer to an entry does not arrive, nor anything after it. */
  cutAtAnswer(): void {
    this.#cutsAtAnswer = 1;
  }

  /** Each side learns of it in its own time. */
  fallSilent(silence: Silence, deviceMs: number, serverMs: number): void {
    for (const pair of this.#pairs) {
      if (pair.silence !== null) continue;
      this.figures.halfOpen += 1;
      pair.silence = silence;
      this.#later(deviceMs, () => pair.device.destroy());
      this.#later(Math.max(deviceMs, serverMs), pair.end);
    }
  }

  heal(): void {
    this.isDown = false;
    this.#cutsAtAnswer = 0;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const pair of [...this.#pairs]) pair.end();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #join(device: Socket, server: Socket): void {
    const end = (): void => {
      device.destroy();
      server.destroy();
      this.#pairs.delete(pair);
    };
    const pair: Pair = { end, device, silence: null };
    this.#pairs.add(pair);
    for (const socket of [device, server]) socket.setNoDelay(true).on('error', () => socket.destroy());
    // What a device that went away had sent may be on its way still.
    device.on('close', () => {
      if (pair.silence === null) end();
    });
    server.on('close', () => {
      if (pair.silence === null) end();
    });
    const delays = { up: this.#chance.number(6), down: this.#chance.number(8) };
    device.on('data', (data) => {
      if (pair.silence === null || pair.silence === 'down') this.#pass(server, data, delays.up);
    });
    server.on('data', (data) => {
      if (pair.silence === 'down' || pair.silence === 'both') return;
      if (this.#cutsAtAnswer > 0 && data.includes('"sync_ack"')) {
        this.#cutsAtAnswer -= 1;
        this.figures.cutAtAnswer += 1;
        return end();
      }
      this.#pass(device, data, delays.down);
    });
  }

  #pass(to: Socket, data: Buffer, delayMs: number): void {
    this.#later(delayMs, () => {
      if (!to.destroyed) to.write(data);
    });
  }

  #later(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
