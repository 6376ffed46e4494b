/**
 * Where pushes wait, as the text that came, until there is room to decide them: what is made of one takes ten times the
 * memory, and thousands may come in the same moment. Users take turns, and each is served in the order of its pushes.
 * A scope that is held up elsewhere is in nobody's way: a place counts for a short while only.
 */
import { LIMITS } from '@ackord/core';
import { FairGate } from '../../limits/fair-gate.ts';

/** Of a push: it may be decided now, or is to be sent again, because too many wait or it has waited for too long. */
export type Turn = 'come' | 'refused';

export class PushGate {
  readonly #gate = new FairGate(LIMITS.pushesAtOnceMax);
  /** What waits, in bytes, and of whom. */
  #waiting = 0;
  readonly #byUser = new Map<string, number>();

  /** `characters`: of the text that waits. Ends when the work has. */
  async pass(userId: string, characters: number, work: (turn: Turn) => Promise<void>): Promise<void> {
    const bytes = characters + LIMITS.pushWaitingBytesEach;
    if (!this.#hasRoomFor(userId, bytes)) return work('refused');
    const came = performance.now();
    this.#count(userId, bytes);
    const leave = await this.#gate.enter(userId);
    this.#count(userId, -bytes);
    const timer = setTimeout(leave, LIMITS.pushPlaceMsMax).unref();
    try {
      // Whoever sent it has given up by then.
      await work(performance.now() - came > LIMITS.laneWaitMsMax ? 'refused' : 'come');
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  /** One user alone may take half of it. */
  #hasRoomFor(userId: string, bytes: number): boolean {
    const { pushWaitingBytesMax } = LIMITS;
    const ofUser = this.#byUser.get(userId) ?? 0;
    return this.#waiting + bytes <= pushWaitingBytesMax && ofUser + bytes <= pushWaitingBytesMax / 2;
  }

  #count(userId: string, bytes: number): void {
    this.#waiting += bytes;
    const ofUser = (this.#byUser.get(userId) ?? 0) + bytes;
    if (ofUser > 0) this.#byUser.set(userId, ofUser);
    else this.#byUser.delete(userId);
  }
}
