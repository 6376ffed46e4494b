/** The invariants can fail: each planted bug breaks one of those that it should, and soon. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runAndCheck } from './check-world.ts';
import { memoryGround } from './memory-ground.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { plans } from './steps.ts';
import { Violation } from './violation.ts';

const PLANS_MAX = 200;

for (const { name, breaks, stepsMax, plant } of PLANTED_BUGS) {
  test(`found within ${PLANS_MAX} plans: ${name}`, async () => {
    const property = fc.asyncProperty(plans(stepsMax), async (plan) => {
      await runAndCheck(plan, { ...memoryGround(plan), spoilStore: plant });
    });
    const { failed, errorInstance } = await fc.check(property, {
      numRuns: PLANS_MAX,
      seed: 1,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
    if (!(errorInstance instanceof Violation)) throw errorInstance;
    expect(breaks).toContain(errorInstance.invariant);
  });
}
