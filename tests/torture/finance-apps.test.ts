/**
 * The finance app in the field on three devices of one tenant, with wrong clocks and connections that break, also
 * between a commit and its answer: no edit is lost, all three end equal to the server, and every queue is empty.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { APPS_OPTIONS, run } from '../finance/apps/run.ts';
import { type FinanceGround, startFinance } from '../finance/ground.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const EDITS = size(200, 500);
const FIRST_SEED = Number(process.env.SEED ?? 1);
const SEEDS = Array.from({ length: process.env.SEED ? 1 : size(1, 20) }, (_, at) => FIRST_SEED + at);

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance({}, APPS_OPTIONS);
});
afterAll(() => ground.close());

// Each of them mostly waits.
test.concurrent.each(SEEDS)(
  `${EDITS} edits, seed %i`,
  async (seed) => {
    const began = performance.now();
    const { faults, figures } = await run(ground, seed, EDITS);
    tell(`finance apps, seed ${seed}`, {
      seconds: Math.round(performance.now() - began) / 1_000,
      ...figures,
    });
    for (const fault of faults) process.stdout.write(`finance apps, seed ${seed}: ${fault}\n`);
    expect({ seed, faults }).toEqual({ seed, faults: [] });
  },
  TEST_MS_MAX,
);
