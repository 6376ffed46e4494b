/**
 * Chance that comes out the same every time: the story's places, words and pictures depend on the seed alone.
 * (Ids of records don't: those are as random as a phone makes them.)
 */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Up to `count` different items, in their order. */
  some<T>(items: readonly T[], count: number): T[];
}

/** Mulberry32: 32 bits of state, and quite even enough for a story. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    some(items, count) {
      let wanted = Math.min(count, items.length);
      return items.filter((_item, at) => {
        const taken = next() < wanted / (items.length - at);
        if (taken) wanted--;
        return taken;
      });
    },
  };
}
