/** Names that hold for a while after they were added; bounded, the oldest go first. */
export interface ExpiringSetOptions {
  readonly keptMs: number;
  readonly namesMax: number;
  /** Milliseconds of any monotonic clock. */
  readonly clock?: () => number;
}

export class ExpiringSet {
  readonly #until = new Map<string, number>();
  readonly #keptMs: number;
  readonly #namesMax: number;
  readonly #clock: () => number;

  constructor({ keptMs, namesMax, clock = () => performance.now() }: ExpiringSetOptions) {
    this.#keptMs = keptMs;
    this.#namesMax = namesMax;
    this.#clock = clock;
  }

  add(name: string): void {
    this.#until.delete(name);
    this.#until.set(name, this.#clock() + this.#keptMs);
    if (this.#until.size <= this.#namesMax) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      return;
    }
  }

  delete(name: string): void {
    this.#until.delete(name);
  }

  has(name: string): boolean {
    return (this.#until.get(name) ?? 0) > this.#clock();
  }
}
