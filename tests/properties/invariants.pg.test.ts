/**
 * The same invariants on PostgreSQL: fewer plans, but real transactions, locks and snapshots beneath them. What calls
 * that are made at once do to each other is up to the machine, so a plan that fails may hold the next time.
 * PROPERTY_SEED, PROPERTY_RUNS and PROPERTY_PATH as in invariants.test.ts.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { type OpenedStore, openPostgres } from '../support/stores.ts';
import { runAndCheck } from './check-world.ts';
import { type PostgresGrounds, postgresGrounds } from './postgres-ground.ts';
import { plans } from './steps.ts';

const { PROPERTY_RUNS, PROPERTY_SEED, PROPERTY_PATH } = process.env;
const RUNS = Number(PROPERTY_RUNS ?? 100);
const MINUTES = 60_000;

let opened: OpenedStore;
let grounds: PostgresGrounds;
beforeAll(async () => {
  opened = await openPostgres();
  grounds = await postgresGrounds(opened.store, opened.ownerUrl ?? '');
});
afterAll(async () => {
  await grounds?.close();
  await opened?.close();
});

test(`all invariants hold on ${RUNS} plans on PostgreSQL`, { timeout: 60 * MINUTES }, async () => {
  await fc.assert(
    fc.asyncProperty(plans(), async (plan) => {
      await runAndCheck(plan, grounds.next());
    }),
    {
      numRuns: RUNS,
      seed: Number(PROPERTY_SEED ?? 1),
      ...(PROPERTY_PATH !== undefined && { path: PROPERTY_PATH }),
    },
  );
});
