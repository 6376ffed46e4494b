import { expect, test } from 'vitest';
import { AccessWatch } from './access-watch.ts';
import type { Membership, Snapshot } from './ports.ts';

const snapshotOf = (now: number, ...moved: Membership[]): Snapshot =>
  ({ now: async () => now, movedMembers: async () => moved }) as unknown as Snapshot;

test('polls overlap, and still everybody is told once of what moved', async () => {
  const watch = new AccessWatch();
  const told: string[] = [];
  const last = new Map<string, readonly Membership[] | undefined>();
  for (const user of ['ann', 'bob'])
    watch.follow(user, (moved) => {
      told.push(user);
      last.set(user, moved);
    });
  const of = (userId: string, grantedAt: number): Membership => ({
    userId,
    scope: 'trip:1',
    role: 'VIEWER',
    grantedAt,
    revokedAt: null,
  });
  await watch.poll(snapshotOf(100, of('ann', 90)));
  await watch.poll(snapshotOf(200, of('ann', 90)));
  expect(told).toEqual(['ann']);
  await watch.poll(snapshotOf(300, of('ann', 90), of('ann', 250), of('bob', 250)));
  expect(told).toEqual(['ann', 'ann', 'bob']);
  // A commit that became visible late.
  await watch.poll(snapshotOf(400, of('ann', 90), of('ann', 110), of('ann', 250), of('bob', 250)));
  expect(told).toEqual(['ann', 'ann', 'bob', 'ann']);
  // With what is new, and with that alone.
  expect(last).toEqual(
    new Map([
      ['ann', [of('ann', 110)]],
      ['bob', [of('bob', 250)]],
    ]),
  );
  // Another role, given at the same moment.
  await watch.poll(snapshotOf(450, { ...of('bob', 250), role: 'EDITOR' }));
  expect(told).toHaveLength(5);
  await watch.poll(snapshotOf(500));
  expect(told).toHaveLength(5);
});
