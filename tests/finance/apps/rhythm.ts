/**
 * The times of the app in the field, in milliseconds, and how fast a run of the model lets them pass: all of them by
 * the same factor, so that their proportions stay.
 */
const FACTOR = 25;

/** How long something of the app lasts here. */
export const scaled = (milliseconds: number): number => milliseconds / FACTOR;

export const RHYTHM = {
  /** Between two entries of a chunk. */
  transactionGapMs: 25,
  otherGapMs: 50,
  chunkEntries: 30,
  chunkLookMs: 500,
  chunkWaitMsMax: 30_000,
  chunkPauseMs: 100,
  queueLookMs: 5_000,
  pingMs: 20_000,
  loadRetryMs: 1_000,
  reconnectMs: 1_000,
  reconnectMsMax: 30_000,
} as const;

/** A device's clock: so far off, and so much too fast. Milliseconds since 1970, whole ones. */
export class DeviceClock {
  readonly #startedAt = Date.now();
  readonly #offsetMs: number;
  readonly #rate: number;

  constructor(offsetMs: number, rate: number) {
    this.#offsetMs = offsetMs;
    this.#rate = rate;
  }

  now(): number {
    return Math.round(this.#startedAt + this.#offsetMs + (Date.now() - this.#startedAt) * this.#rate);
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }
}
