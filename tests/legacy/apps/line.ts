/** The network between an app and the server: every call is executed and watched; some answers never arrive. */
import type { Answer } from '../../gaps/ground.ts';
import type { Chance } from './chance.ts';
import type { Observer, Writer } from './observer.ts';

/** The request was executed, and its answer lost. */
export class LostAnswer extends Error {}

export class Line {
  readonly #chance: Chance;
  readonly #observer: Observer;
  /** Of a hundred answers. */
  lossPercent: number;
  readonly figures = { calls: 0, lost: 0, refused: 0 };

  constructor(chance: Chance, observer: Observer, lossPercent: number) {
    this.#chance = chance;
    this.#observer = observer;
    this.lossPercent = lossPercent;
  }

  async call(writer: Writer, ask: () => Promise<Answer>): Promise<Answer> {
    const answer = await ask();
    this.figures.calls += 1;
    await this.#observer.look(writer);
    if (this.#chance.percent(this.lossPercent)) {
      this.figures.lost += 1;
      throw new LostAnswer();
    }
    if (answer.errors.length > 0) this.figures.refused += 1;
    for (const { extensions, message } of answer.errors) {
      if (extensions.code === 'INTERNAL') throw new Error(`A defect: ${message}`);
    }
    return answer;
  }
}
