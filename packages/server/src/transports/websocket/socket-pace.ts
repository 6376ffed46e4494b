/**
 * How fast a socket is read: not while too many of its messages are under way, and no faster than its budget allows.
 * Whoever stays at the limit for too long is ended.
 */
import { LIMITS } from '@ackord/core';
import { CLOSE } from './close-codes.ts';
import type { LiveSocket } from './live-socket.ts';
import { MessageBudget } from './message-budget.ts';

export class SocketPace {
  readonly #socket: LiveSocket;
  readonly #budget = new MessageBudget();
  #underWay = 0;
  #throttle: NodeJS.Timeout | null = null;

  constructor(socket: LiveSocket) {
    this.#socket = socket;
  }

  /** A message has come; large ones count as several. */
  begin(characters: number): void {
    this.spend(1 + Math.floor(characters / LIMITS.socketMessageCharsPerCount));
    this.#underWay++;
    if (this.#underWay === LIMITS.socketMessagesUnderWayMax) this.#read();
  }

  /** It is done with. */
  end(): void {
    this.#underWay--;
    if (this.#underWay === LIMITS.socketMessagesUnderWayMax - 1) this.#read();
  }

  spend(cost: number): void {
    const spending = this.#budget.spend(cost);
    if (spending.kind === 'end') this.#socket.close(CLOSE.abuse, 'too much, for too long');
    if (spending.kind !== 'wait' || this.#throttle !== null) return;
    this.#throttle = setTimeout(() => {
      this.#throttle = null;
      this.#read();
    }, spending.milliseconds).unref();
    this.#read();
  }

  close(): void {
    if (this.#throttle !== null) clearTimeout(this.#throttle);
  }

  #read(): void {
    if (this.#underWay >= LIMITS.socketMessagesUnderWayMax || this.#throttle !== null) this.#socket.pause();
    else this.#socket.resume();
  }
}
