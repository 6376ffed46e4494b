/**
 * Connections from which nothing is heard any more: half-open ones look alive for minutes. Whoever is silent is asked for
 * a sign of life, and ended when none comes.
 */
import { LIMITS } from '@ackord/core';
import { CLOSE } from '../websocket/close-codes.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';

export interface Heard {
  readonly socket: LiveSocket;
  /** By `performance.now()`. */
  heardAt: number;
}

export class Silence {
  readonly #connections: Iterable<Heard>;
  readonly #timer: NodeJS.Timeout;

  constructor(connections: Iterable<Heard>) {
    this.#connections = connections;
    this.#timer = setInterval(() => this.#look(), LIMITS.syncSilenceMsMax / 4);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#connections) {
      const silence = now - connection.heardAt;
      if (silence > LIMITS.syncSilenceMsMax) connection.socket.close(CLOSE.goingAway, 'nothing was heard');
      else if (silence > LIMITS.syncSilenceMsMax / 2)
        connection.socket.probe(() => {
          connection.heardAt = performance.now();
        });
    }
  }
}
