/**
 * How much had arrived at a socket, and when: the newest of many such moments. Rows of numbers in one list, since each of
 * thousands of sockets keeps some dozens of them, and objects take four times as much.
 */
import { LIMITS } from '@ackord/core';

export interface Arrival {
  /** Everything up to there had arrived. */
  readonly seq: number;
  /** How many sendings had. */
  readonly sent: number;
}

const [SEQ, SENT, AT, WIDTH] = [0, 1, 2, 3];
const NOTHING: Arrival = { seq: 0, sent: 0 };

export class Arrivals {
  /** Oldest first. */
  readonly #cells: number[] = [];

  /** What had arrived last; nothing, at first. */
  get last(): Arrival {
    return this.#before(this.#cells.length);
  }

  add({ seq, sent }: Arrival, at: number): void {
    this.#cells.push(seq, sent, at);
    if (this.#cells.length > LIMITS.socketArrivalsRememberedMax * WIDTH) this.#cells.splice(0, WIDTH);
  }

  /** What is known to have arrived by then; null: nobody knows when that was. */
  by(at: number | null): Arrival {
    if (at === null) return NOTHING;
    let end = this.#cells.length;
    while (end > 0 && (this.#cells[end - WIDTH + AT] ?? 0) > at) end -= WIDTH;
    return this.#before(end);
  }

  #before(end: number): Arrival {
    if (end === 0) return NOTHING;
    return { seq: this.#cells[end - WIDTH + SEQ] ?? 0, sent: this.#cells[end - WIDTH + SENT] ?? 0 };
  }
}
