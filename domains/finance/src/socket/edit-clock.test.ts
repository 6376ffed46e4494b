/** The time that an edit is given is never later than the one at which it was made, whatever the line and the clock. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EditClock } from './edit-clock.ts';

interface Chunk {
  /** How long after the chunk before it was noted. */
  readonly rest: number;
  /** When the edits were made, before that. */
  readonly ages: readonly number[];
  /** How long after the entry before each was sent, and how long it took. */
  readonly gaps: readonly number[];
  readonly delays: readonly number[];
}

const ms = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most });
const each = (most: number): fc.Arbitrary<number[]> => fc.array(ms(most), { minLength: 5, maxLength: 5 });
const anyChunk: fc.Arbitrary<Chunk> = fc.record({
  rest: ms(20_000),
  ages: each(60_000),
  gaps: each(1_000),
  delays: fc.oneof(each(200), each(30_000)),
});

interface Heard {
  readonly entry: { readonly ageMs: number; readonly attemptedAt: number };
  readonly madeAt: number;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * All that a device sends on one line, which keeps the order. `shows`: its clock. `left`: for so long the rest of the first
 * chunk has been waiting for a line.
 */
function sentBy(chunks: readonly Chunk[], shows: (at: number) => number, left: number): Heard[] {
  const heard: Heard[] = [];
  let notedAt = 1_000_000;
  let lineFreeAt = 0;
  let waiting = left;
  for (const { rest, ages, gaps, delays } of chunks) {
    notedAt += rest + 1;
    let sentAt = notedAt + waiting;
    waiting = 0;
    ages.forEach((age, at) => {
      if (at > 0) sentAt += gaps[at] ?? 0;
      const receivedAt = Math.max(lineFreeAt, sentAt + (delays[at] ?? 0));
      lineFreeAt = receivedAt;
      const madeAt = notedAt - age;
      const attemptedAt = shows(notedAt);
      heard.push({ entry: { attemptedAt, ageMs: attemptedAt - shows(madeAt) }, madeAt, sentAt, receivedAt });
    });
    notedAt = sentAt;
  }
  return heard;
}

/** Pings are answered on the same line: the newest that may have been answered before an entry was asked before it was sent. */
const askedBefore = (sentAt: number, every: number): number => Math.floor((sentAt - 1) / every) * every;

describe('never later than the edit', () => {
  test('on lines that stall, with clocks that are off, and entries that wait in their chunk', () => {
    fc.assert(
      fc.property(
        fc.array(anyChunk, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: 50, max: 30_000 }),
        fc.oneof(fc.constant(0), ms(30_000)),
        (chunks, offset, drift, every, left) => {
          const clock = new EditClock(0);
          const shows = (at: number): number => at * (1 + drift / 10_000) + offset;
          const [first] = chunks;
          sentBy(chunks, shows, left).forEach(({ entry, madeAt, sentAt, receivedAt }, at) => {
            const askedAt = askedBefore(sentAt, every);
            clock.heard([entry], receivedAt, askedAt);
            const isOfFirst = at < (first?.ages.length ?? 0);
            // What is left of a chunk may have been noted long before, but nothing had arrived on this line before it was asked.
            const latest = isOfFirst && left > 0 ? askedAt : madeAt;
            // The age itself is by a clock that goes wrong.
            expect(clock.madeAt(entry) ?? 0).toBeLessThanOrEqual(latest + entry.ageMs * 0.001 + 0.01);
          });
        },
      ),
    );
  });

  test('of a clock that is set forward, nothing is taken over', () => {
    const clock = new EditClock(0);
    clock.heard([{ ageMs: 0, attemptedAt: 1_000 }], 10_000, 9_900);
    const later = { ageMs: 50, attemptedAt: 3_601_000 };
    clock.heard([later], 20_000, 19_000);
    expect(clock.madeAt(later)).toBe(18_950);
  });

  test('an edit of before the clock was set back gets no later than it was', () => {
    const clock = new EditClock(0);
    clock.heard([{ ageMs: 0, attemptedAt: 100_000 }], 100_000, 99_990);
    const late = { ageMs: 3_000, attemptedAt: 105_000 };
    clock.heard([late], 110_000, 109_900);
    expect(clock.madeAt(late)).toBeLessThanOrEqual(102_000);
  });
});

describe('as good as can be', () => {
  test('what was sent soon after an answered ping tells of all later entries', () => {
    const clock = new EditClock(0);
    clock.heard([{ ageMs: 0, attemptedAt: 400 }], 9_960, 9_000);
    clock.heard([{ ageMs: 0, attemptedAt: 500 }], 10_060, 10_000);
    const later = { ageMs: 2_000, attemptedAt: 5_500 };
    clock.heard([later], 19_000, 11_000);
    // Drifting clocks cost a little.
    expect(clock.madeAt(later)).toBeGreaterThan(13_000 - 20);
    expect(clock.madeAt(later)).toBeLessThanOrEqual(13_000);
  });

  test('but not the rest of a chunk that began on another connection', () => {
    const clock = new EditClock(0);
    const rest = { ageMs: 0, attemptedAt: 500 };
    clock.heard([rest], 10_060, 10_000);
    expect(clock.madeAt(rest)).toBe(10_000);
    const next = { ageMs: 100, attemptedAt: 5_500 };
    clock.heard([next], 10_900, 10_400);
    expect(clock.madeAt(next)).toBe(10_300);
  });

  test('the margin comes off; without times, or before any ping was answered, nothing is known', () => {
    const clock = new EditClock(300);
    clock.heard([{ ageMs: 0, attemptedAt: 500 }], 10_060, Number.NEGATIVE_INFINITY);
    expect(clock.madeAt({ ageMs: 0, attemptedAt: 500 })).toBe(Number.NEGATIVE_INFINITY);
    clock.heard([{ ageMs: 0, attemptedAt: 600 }], 10_160, 10_100);
    expect(clock.madeAt({ ageMs: 0, attemptedAt: 600 })).toBe(9_800);
    expect(clock.madeAt({ ageMs: null, attemptedAt: 600 })).toBeNull();
    expect(clock.madeAt({ ageMs: 0, attemptedAt: null })).toBeNull();
  });
});
