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
  #characters = 0;

  /** `characters`: of the text that waits. Ends when the work has. */
  async pass(userId: string, characters: number, work: (turn: Turn) => Promise<void>): Promise<void> {
    const isFull =
      this.#gate.waitingOf(userId) >= LIMITS.pushesWaitingPerUserMax ||
      this.#characters + characters > LIMITS.pushCharactersWaitingMax;
    if (isFull) return work('refused');
    const came = performance.now();
    this.#characters += characters;
    const leave = await this.#gate.enter(userId);
    this.#characters -= characters;
    const timer = setTimeout(leave, LIMITS.pushPlaceMsMax).unref();
    try {
      // Whoever sent it has given up by then.
      await work(performance.now() - came > LIMITS.laneWaitMsMax ? 'refused' : 'come');
    } finally {
      clearTimeout(timer);
      leave();
    }
  }
}
