/** The app in the field on three devices, in short: tests/torture/finance-apps.test.ts runs it as long as promised. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './apps/run.ts';
import { type FinanceGround, startFinance } from './ground.ts';

const EDITS = Number(process.env.EDITS ?? 120);
const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : [1, 2];

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground.close());

test.each(SEEDS)(`${EDITS} edits, seed %i`, async (seed) => {
  const { faults, figures } = await run(ground, seed, EDITS);
  if (process.env.SEED) process.stdout.write(`${JSON.stringify(figures)}\n`);
  for (const fault of faults) process.stdout.write(`finance apps, seed ${seed}: ${fault}\n`);
  expect({ seed, faults }).toEqual({ seed, faults: [] });
});
