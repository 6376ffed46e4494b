/**
 * Lets so many through at once, the others in the order in which they came: thousands of sessions may want to read at the
 * same moment, and the connections to the database are few and not theirs alone.
 */
export class Gate {
  readonly #atOnceMax: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#atOnceMax) this.#inside++;
    // Whoever leaves hands its place over.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    }
  }
}
