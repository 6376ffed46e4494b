/** Choices of a run: the same seed gives the same ones. */
export interface Chance {
  /** From 0 up to, but not including, `below`. */
  number(below: number): number;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  one<T>(from: readonly T[]): T | undefined;
}

/** mulberry32: small, fast, and good enough to choose by. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const number = (below: number): number => Math.floor(next() * below);
  return { number, percent: (share) => next() * 100 < share, one: (from) => from[number(from.length)] };
}
