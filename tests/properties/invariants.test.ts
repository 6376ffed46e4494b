/**
 * The invariants of the engine, on random plans: three devices of two users edit, send, read, share, lose answers and
 * go back to backups, with clocks up to a day off, on a database that fails now and then.
 * The same plans each time, so that a run tells of the change and not of chance; other ones with another PROPERTY_SEED.
 * PROPERTY_RUNS: how many; PROPERTY_PATH repeats one that failed.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { runAndCheck } from './check-world.ts';
import { memoryGround } from './memory-ground.ts';
import { plans } from './steps.ts';

const { PROPERTY_RUNS, PROPERTY_SEED, PROPERTY_PATH } = process.env;
const RUNS = Number(PROPERTY_RUNS ?? 1_000);
const MINUTES = 60_000;

test(`all invariants hold on ${RUNS} plans`, { timeout: 60 * MINUTES }, async () => {
  await fc.assert(
    fc.asyncProperty(plans(), async (plan) => {
      await runAndCheck(plan, memoryGround(plan));
    }),
    {
      numRuns: RUNS,
      seed: Number(PROPERTY_SEED ?? 1),
      ...(PROPERTY_PATH !== undefined && { path: PROPERTY_PATH }),
    },
  );
});
