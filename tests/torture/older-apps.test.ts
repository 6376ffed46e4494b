/**
 * The app in the field and newer apps edit the same records, with lost answers, wrong clocks and new sign-ins: all end
 * equal, nothing acknowledged is lost, and whoever replaces what it had not been given leaves a conflict.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, startTravel } from '../gaps/ground.ts';
import { run } from '../legacy/apps/run.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const STEPS = size(500, 2_000);
const FIRST_SEED = Number(process.env.SEED ?? 1);
const SEEDS = Array.from({ length: process.env.SEED ? 1 : size(2, 20) }, (_, at) => FIRST_SEED + at);

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ REQUESTS_PER_MINUTE_MAX: '1000000' });
});
afterAll(() => ground.close());

test.each(SEEDS)(
  `${STEPS} steps, seed %i`,
  async (seed) => {
    const began = performance.now();
    const { faults, figures } = await run(ground, seed, STEPS);
    tell(`older apps, seed ${seed}`, { seconds: Math.round(performance.now() - began) / 1_000, ...figures });
    expect({ seed, faults }).toEqual({ seed, faults: [] });
  },
  TEST_MS_MAX,
);
