/**
 * Answers that are kept for a moment: callers who ask for the same thing together, or soon after each other, share one
 * look-up. Bounded in number and age; failures, and answers that are not worth keeping, are forgotten at once.
 */
export interface ShortMemory<T> {
  get(key: string): Promise<T>;
  forget(key: string): void;
  readonly size: number;
}

interface Entry<T> {
  readonly at: number;
  readonly answer: Promise<T>;
}

export function createShortMemory<T>(settings: {
  readonly look: (key: string) => Promise<T>;
  readonly isKept: (answer: T) => boolean;
  readonly keptMs: number;
  readonly entriesMax: number;
  /** Milliseconds of any monotonic clock. */
  readonly clock?: () => number;
}): ShortMemory<T> {
  const { look, isKept, keptMs, entriesMax, clock = () => performance.now() } = settings;
  // In the order in which they were looked up: the first ones are the oldest.
  const entries = new Map<string, Entry<T>>();

  const remember = (key: string, entry: Entry<T>): void => {
    entries.delete(key);
    entries.set(key, entry);
    const drop = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.answer.then((answer) => {
      if (!isKept(answer)) drop();
    }, drop);
  };
  const forgetOld = (now: number): void => {
    for (const [key, { at }] of entries) {
      if (now - at < keptMs && entries.size <= entriesMax) return;
      entries.delete(key);
    }
  };

  return {
    get(key) {
      const now = clock();
      const known = entries.get(key);
      if (known && now - known.at < keptMs) return known.answer;
      const entry = { at: now, answer: look(key) };
      remember(key, entry);
      forgetOld(now);
      return entry.answer;
    },
    forget: (key) => void entries.delete(key),
    get size() {
      return entries.size;
    },
  };
}
