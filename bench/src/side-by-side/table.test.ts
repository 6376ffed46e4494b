/** What is said of peers: ratios point the right way, and nobody is left out. */
import { expect, test } from 'vitest';
import type { Figures, PeerResult, StepOutcome } from './outcome.ts';
import { complete } from './run-ground.ts';
import { ratioToAckord, tableOf } from './table.ts';
import { FULL, stepsOf } from './workload.ts';

const figures: Figures = { ms: 10, p95_ms: 15, p99_ms: 20, per_s: 1_000, runs: 3, memory_mb: 100 };
const peer = (key: string, steps: readonly StepOutcome[], more: Partial<PeerResult> = {}): PeerResult => ({
  key,
  name: key,
  version: '1',
  durability: 'commit',
  differences: '',
  installed: true,
  steps,
  ...more,
});
const push = (ms: number): StepOutcome => ({
  workload: 'W1',
  size: 1_000,
  outcome: { kind: 'measured', ...figures, ms },
});
const single = (per_s: number): StepOutcome => ({
  workload: 'W5',
  size: 50,
  outcome: { kind: 'measured', ...figures, per_s },
});

test('a ratio above 1 says that Ackord is ahead, in times as in rates', () => {
  const ackord = peer('ackord', [push(10), single(12_000)]);
  const other = peer('other', [push(25), single(3_000)]);
  expect(ratioToAckord([ackord, other], other, push(0))).toBe(2.5);
  expect(ratioToAckord([ackord, other], other, single(0))).toBe(4);
  expect(ratioToAckord([other], other, push(0))).toBeNull();
});

test('every planned step has an outcome, and those after a failure say so', () => {
  const failed: StepOutcome = {
    workload: 'W2',
    size: 10_000,
    outcome: { kind: 'failed', reason: 'too slow' },
  };
  const [first, ...later] = complete(stepsOf('first', FULL), [failed], '');
  expect(first).toEqual(failed);
  expect(later.map(({ workload, size, outcome }) => [workload, size, outcome])).toEqual([
    ['W2', 100_000, { kind: 'not tried', reason: 'not tried after W2 with 10,000 had failed' }],
    ['W4', 100_000, { kind: 'not tried', reason: 'not tried after W2 with 10,000 had failed' }],
  ]);
});

test('a peer that could not start is told with its reason, not left out', () => {
  const [first, second] = complete(stepsOf('bulk', FULL), [], 'no such port');
  expect(first?.outcome).toEqual({ kind: 'failed', reason: 'no such port' });
  expect(second?.outcome.kind).toBe('not tried');
});

test('the table holds all peers, those in memory behind the durable ones, and names what is not installed', () => {
  const text = tableOf([
    peer('quick', [push(1)], { durability: 'memory' }),
    peer('ackord', [push(10)]),
    peer('stuck', [{ workload: 'W1', size: 1_000, outcome: { kind: 'failed', reason: 'it hung' } }]),
    peer('absent', [], { installed: false }),
  ]);
  expect(text.indexOf('quick')).toBeGreaterThan(text.indexOf('stuck'));
  expect(text).toContain('failed: it hung');
  expect(text).toContain('Not installed (npm run bench:peers): absent');
});
