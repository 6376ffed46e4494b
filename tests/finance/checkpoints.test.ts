/** A property: whatever has happened in a tenant, it can go back to what it was. On the oracle, in memory. */
import { createMemoryStore } from '@ackord/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointsInMemory, createOf, deleteOf, registry, summary, tenantOn, updateOf } from './history.ts';

const step = fc.record({
  act: fc.constantFrom('create', 'update', 'update', 'delete'),
  type: fc.constantFrom('Tag', 'Account', 'Transaction'),
  id: fc.integer({ min: 0, max: 4 }),
  value: fc.constantFrom('a', 'b', 'c', 'longer'),
  device: fc.constantFrom('one', 'two'),
  /** Edits of wrong clocks lose, are fed again, and bring back what is deleted. */
  skew: fc.integer({ min: -2_000, max: 2_000 }),
  base: fc.constantFrom(null, null, 1, 2),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const changeOf = ({ act, type, id, value, skew, base }: Step) => {
  const more = {
    clientTime: 1_800_000_000_000 + skew,
    stamp: 1_800_000_000_000 + skew,
    base: act === 'create' ? null : base,
  };
  const name = `r${id}`;
  if (act === 'create') return createOf(type as 'Tag', name, more);
  return act === 'delete' ? deleteOf(type as 'Tag', name, more) : updateOf(type as 'Tag', name, value, more);
};

test('every history can be taken back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(step, { maxLength: 25 }),
      async (first, second) => {
        const tenant = tenantOn(
          createMemoryStore({ registry }),
          checkpointsInMemory(),
          () => 1_800_000_000_000,
        );
        for (const one of first) await tenant.send([changeOf(one)], one.device);
        const before = summary(await tenant.live());
        const made = await tenant.checkpoints.create({ ...tenant, type: 'incremental_sync' });
        if (!made.ok) throw new Error(made.message);
        for (const one of second) await tenant.send([changeOf(one)], one.device);
        const restored = await tenant.checkpoints.restore({ ...tenant, id: made.checkpoint.id });
        expect(restored).toMatchObject({ ok: true, report: { verified: true, refused: 0 } });
        expect(summary(await tenant.live())).toEqual(before);
        await tenant.engine.stop();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
