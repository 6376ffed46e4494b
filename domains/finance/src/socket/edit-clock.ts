/**
 * When was an edit made, by the server's clock? Entries name two times by the clock of their device, which may be
 * anything: when the edit was made, and when it was to be sent. What is wanted is never later than the truth: a time
 * that is too early makes an edit count as unseeing (a conflict more in the journal), one that is too late would let it
 * overwrite in silence what reached the device only afterwards.
 *
 * So nothing is concluded from how long entries seem to be on their way: a line that stalls looks like a clock that is
 * behind. But whatever comes behind the answer to a ping was sent after that ping was (`askedAt`), for a socket keeps the
 * order. So when the device's clock showed `lastAttempt`, the server's showed at least `askedAt`, and their difference
 * gives the least server time of every other time of the device. The best such difference of the connection holds for
 * all its entries; it is as good as the shortest time between a ping and an entry that was sent behind its answer.
 *
 * One thing is taken for granted of apps: that they send at least the first entry of a chunk within the margin after
 * noting the time. (The app in the field notes it for 30 entries at once and sends them 50 ms apart, so only the first of
 * a chunk counts.) A chunk may have begun on a connection before, though; so what the first one here tells holds for its
 * own entries alone: they were sent after `askedAt`, and only one gap after the greeting, when nothing had arrived yet.
 * The margin covers also what an app needs to show what has arrived. An edit within it counts as unseeing; nobody reads
 * and answers that quickly.
 */

/** Of the worst quartz, and of a clock that is being set right softly: one part in a thousand. */
const DRIFT = 0.001;

export interface DeviceTimes {
  /** How long before it was to be sent the edit was made; null: unknown. */
  readonly ageMs: number | null;
  /** When it was to be sent, by the device's clock. */
  readonly attemptedAt: number | null;
}

/** All times in milliseconds; those of the server by a clock that never goes back. */
export class EditClock {
  readonly #marginMs: number;
  /** How much more the server's clock shows than the device's, at least. */
  #least = Number.NEGATIVE_INFINITY;
  /** And at most: whatever arrives was sent before. Speaks only where the device's clock was set meanwhile. */
  #most = Number.POSITIVE_INFINITY;
  /** The same of the chunk that came first, for that alone. */
  #leastOfFirst = Number.NEGATIVE_INFINITY;
  #first = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(marginMs: number) {
    this.#marginMs = marginMs;
  }

  /** Entries of one message have come in. `askedAt`: of the newest ping that was answered before them. */
  heard(entries: readonly DeviceTimes[], receivedAt: number, askedAt: number): void {
    const sentAt = Math.max(...entries.map(({ attemptedAt }) => attemptedAt ?? Number.NEGATIVE_INFINITY));
    if (!Number.isFinite(sentAt)) return;
    this.#most = Math.min(this.#most, receivedAt - sentAt);
    if (sentAt <= this.#newest) return;
    if (this.#newest === Number.NEGATIVE_INFINITY) {
      this.#first = sentAt;
      this.#leastOfFirst = askedAt - sentAt;
    } else this.#learn(askedAt - sentAt, sentAt - this.#newest);
    this.#newest = sentAt;
  }

  /** What was learned before may be wrong by what the clocks have drifted since. */
  #learn(least: number, since: number): void {
    const known = this.#least - since * DRIFT;
    // Set forward: it speaks of another clock.
    this.#least = known > this.#most ? least : Math.max(known, least);
  }

  /** The earliest that the edit may have been made, less the margin; null: nobody knows. For entries that were heard. */
  madeAt({ ageMs, attemptedAt }: DeviceTimes): number | null {
    if (ageMs === null || attemptedAt === null) return null;
    const least = attemptedAt <= this.#first ? this.#leastOfFirst : this.#least;
    return attemptedAt - ageMs + Math.min(least, this.#most) - this.#marginMs;
  }
}
