import { expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import type { RawChange, Submission } from '../engine/submission.ts';
import { limitChanges } from './limited-engine.ts';

const change = (id: string): RawChange => ({
  entityType: 'Memory',
  id,
  operation: 'UPDATE',
  changeId: `change of ${id}`,
  fields: {},
});

const submission = (userId: string, changes: number, more: Partial<Submission> = {}): Submission => ({
  domain: 'travel',
  actor: { userId },
  device: null,
  batchId: 'batch',
  origin: 'client',
  changes: Array.from({ length: changes }, (_, at) => change(String(at))),
  ...more,
});

function ground() {
  let now = 0;
  const letIn: number[] = [];
  let limited = 0;
  const inner = {
    submit: async ({ changes }: Submission) => {
      letIn.push(changes.length);
      return { receipts: [], serverTime: 0 };
    },
  } as unknown as Engine;
  const engine = limitChanges(inner, {
    changesPerMinuteMax: 60,
    tenantChangesPerMinuteMax: 120,
    onLimited: () => limited++,
    clock: () => now,
  });
  const isLetIn = async (sent: Submission): Promise<boolean> => {
    const before = letIn.length;
    await engine.submit(sent);
    return letIn.length > before;
  };
  return { engine, isLetIn, limited: () => limited, wait: (ms: number) => (now += ms) };
}

test('who has used up the share of a minute is told when to come again, change by change; others go on', async () => {
  const { engine, isLetIn, limited, wait } = ground();
  expect(await isLetIn(submission('ann', 60))).toBe(true);
  const { receipts } = await engine.submit(submission('ann', 2));
  expect(receipts).toMatchObject([
    { status: 'retry', code: 'RATE_LIMITED', index: 0, changeId: 'change of 0', retryAfterMs: 1_000 },
    { status: 'retry', code: 'RATE_LIMITED', index: 1, changeId: 'change of 1', retryAfterMs: 1_000 },
  ]);
  expect(limited()).toBe(1);
  expect(await isLetIn(submission('bob', 2))).toBe(true);
  wait(999);
  expect(await isLetIn(submission('ann', 2))).toBe(false);
  wait(1);
  expect(await isLetIn(submission('ann', 2))).toBe(true);
});

test('more than a share at once is let in, and paid for by waiting', async () => {
  const { isLetIn, wait } = ground();
  expect(await isLetIn(submission('ann', 600))).toBe(true);
  wait(541_000 - 1);
  expect(await isLetIn(submission('ann', 1))).toBe(false);
  wait(1);
  expect(await isLetIn(submission('ann', 1))).toBe(true);
});

test('a tenant has a share of its own, whoever of it sends', async () => {
  const { isLetIn } = ground();
  for (const user of ['ann', 'bob'])
    expect(await isLetIn(submission(user, 60, { tenant: 'home' }))).toBe(true);
  expect(await isLetIn(submission('carl', 1, { tenant: 'home' }))).toBe(false);
  expect(await isLetIn(submission('carl', 1, { tenant: 'office' }))).toBe(true);
});

test('what the server does by itself is not counted', async () => {
  const { isLetIn } = ground();
  for (const origin of ['server', 'restore'] as const)
    for (let round = 0; round < 3; round++)
      expect(await isLetIn(submission('ann', 60, { origin }))).toBe(true);
});
