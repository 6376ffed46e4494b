/**
 * Lets so many through at once. The others wait, and those who wait take turns: who comes with a thousand at a time keeps
 * somebody who comes with one waiting no longer than who comes with two. Of the same key, in the order in which they came.
 */
export class FairGate {
  readonly #atOnceMax: number;
  #inside = 0;
  /** In the order in which the keys get their turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #onIdle: (() => void)[] = [];

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  /** Resolves when it is its turn, with what has to be called when it is done; a second call of that does nothing. */
  async enter(key: string): Promise<() => void> {
    if (this.#inside < this.#atOnceMax) this.#inside++;
    // Whoever leaves hands its place over.
    else await new Promise<void>((resolve) => this.#queueOf(key).push(resolve));
    let isInside = true;
    return () => {
      if (isInside) this.#leave();
      isInside = false;
    };
  }

  async pass<T>(key: string, work: () => Promise<T>): Promise<T> {
    const leave = await this.enter(key);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Resolves when nobody is inside or waits. */
  idle(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #queueOf(key: string): (() => void)[] {
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    return queue;
  }

  #leave(): void {
    for (const [key, queue] of this.#waiting) {
      const next = queue.shift();
      this.#waiting.delete(key);
      if (queue.length > 0) this.#waiting.set(key, queue);
      next?.();
      return;
    }
    this.#inside--;
    if (this.#inside === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
