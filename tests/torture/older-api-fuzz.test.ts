/**
 * Hostile calls to every operation of the travel API: the server never fails, never lets the database or a library
 * speak, and never tells anybody a word of others. What it is asked with is made by a seed.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, startTravel } from '../gaps/ground.ts';
import { fuzz } from '../legacy/fuzz/fuzz.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const CALLS = size(3_000, 24_000);
const SEED = Number(process.env.SEED ?? 1);
const SDL = readFileSync(new URL('../../domains/travel/schema.graphql', import.meta.url), 'utf8');

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ REQUESTS_PER_MINUTE_MAX: '1000000' });
});
afterAll(() => ground.close());

test(
  `${CALLS} hostile calls, seed ${SEED}`,
  async () => {
    const began = performance.now();
    const { faults, ...figures } = await fuzz(ground, SEED, SDL, CALLS);
    tell('hostile calls', { seconds: Math.round(performance.now() - began) / 1_000, ...figures });
    // As one text: a list would be shown by its length alone.
    expect(faults.join('\n\n')).toBe('');
    // The calls were no mere noise: most operations have once done what they were asked.
    expect(figures.succeeded).toBeGreaterThan(figures.operations * size(0.55, 0.75));
    for (const code of ['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED'])
      expect(figures.codes[code]).toBeGreaterThan(20);
  },
  TEST_MS_MAX,
);
