/**
 * One trip for many callers: while trips are under way, those who come gather for the next one, as changes do in the
 * lanes. Nobody joins a trip that has begun, so everybody is answered from a moment after its call.
 */
import { isUnreachable } from './unreachable.ts';

interface Asker<In, Out> {
  readonly input: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (cause: unknown) => void;
}

export interface TripLimits {
  readonly tripsAtOnceMax: number;
  readonly askersMax: number;
}

export class Together<In, Out> {
  readonly #travel: (inputs: readonly In[]) => Promise<readonly Out[]>;
  readonly #limits: TripLimits;
  #gathering: Asker<In, Out>[] = [];
  #underWay = 0;

  /** `travel`: answers in the order of its inputs, one for each. */
  constructor(travel: (inputs: readonly In[]) => Promise<readonly Out[]>, limits: TripLimits) {
    this.#travel = travel;
    this.#limits = limits;
  }

  /** Rejects as a trip with this input alone does, or because the store can't be reached. */
  ask(input: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ input, resolve, reject });
      // Those who ask at the same time travel together as well.
      if (this.#gathering.length === 1) queueMicrotask(() => this.#go());
    });
  }

  #go(): void {
    const { tripsAtOnceMax, askersMax } = this.#limits;
    if (this.#gathering.length === 0 || this.#underWay >= tripsAtOnceMax) return;
    const askers = this.#gathering.splice(0, askersMax);
    this.#underWay++;
    void this.#answer(askers).finally(() => {
      this.#underWay--;
      this.#go();
    });
    this.#go();
  }

  /** What is refused is refused to its asker alone, not to those who happened to come at the same time: halves find it. */
  async #answer(askers: readonly Asker<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#travel(askers.map(({ input }) => input));
      if (answers.length !== askers.length) throw new Error('A trip has to bring one answer for each');
      for (const [at, { resolve }] of askers.entries()) resolve(answers[at] as Out);
    } catch (cause) {
      if (askers.length === 1 || isUnreachable(cause)) for (const { reject } of askers) reject(cause);
      else {
        const half = askers.length >> 1;
        await this.#answer(askers.slice(0, half));
        await this.#answer(askers.slice(half));
      }
    }
  }
}
