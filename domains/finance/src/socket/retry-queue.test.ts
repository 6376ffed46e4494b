/** The queue of retries: later and later, bounded, once at a time, and visible. */
import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import type { ReadEntry } from './decode-entry.ts';
import { createEntryRetries, delayMs, type EntryRetries, entryIdOf, type Tried } from './retry-queue.ts';

const entry = (id: string): ReadEntry => ({
  kind: 'change',
  name: { id },
  typeName: 'Recipient',
  entityId: id,
  change: { entityType: 'Recipient', id, operation: 'CREATE', fields: {} },
  decoded: null,
  ageMs: 5,
  attemptedAt: null,
});
const FAILED: Tried = { ok: false, reason: 'database_operational_error' };
const sent = (id: string) => ({ entry: entry(id), actor: { userId: 'u' }, sessionId: 's' });
const add = (queue: EntryRetries, id: string, tenant = 't'): boolean =>
  queue.add(tenant, sent(id), 'database_operational_error');

function queueThat(outcome: (id: string) => Tried) {
  const tried: string[] = [];
  const queue = createEntryRetries({
    clock: () => 0,
    random: () => 0.5,
    retry: async (_tenant, entries) =>
      entries.map((one) => {
        tried.push(entryIdOf(one.entry));
        return outcome(entryIdOf(one.entry));
      }),
  });
  return { queue, tried };
}

test('waits twice as long each time, up to a bound, within an eighth of it', () => {
  expect([1, 2, 3, 6, 7, 40].map((attempts) => delayMs(attempts, 0.5))).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
  ]);
  expect([delayMs(2, 0), delayMs(2, 1)]).toEqual([1_750, 2_250]);
});

test('what succeeds is gone, what fails waits longer, what fails too often is given up', async () => {
  const { queue } = queueThat((id) => (id === 'good' ? { ok: true } : FAILED));
  add(queue, 'good');
  add(queue, 'bad');
  await queue.tryNow('t');
  expect(queue.waiting('t')).toMatchObject([{ attempts: 2, nextAt: 2_000, entry: { ageMs: null } }]);
  for (let attempt = 2; attempt < LIMITS.retryAttemptsMax; attempt++) await queue.tryNow('t');
  expect(queue.waiting('t')).toEqual([]);
  expect(queue.failed('t')).toMatchObject([
    { attempts: LIMITS.retryAttemptsMax, entry: { name: { id: 'bad' } } },
  ]);
  queue.revive('t');
  expect(queue.waiting('t')).toMatchObject([{ attempts: 1 }]);
  expect(queue.failed('t')).toEqual([]);
  await queue.stop();
});

test('an entry that comes again takes its own place, and keeps its turn', async () => {
  const { queue, tried } = queueThat(() => FAILED);
  add(queue, 'a');
  await queue.tryNow('t');
  add(queue, 'a');
  expect(queue.waiting('t')).toMatchObject([{ attempts: 2, nextAt: 2_000 }]);
  expect(tried).toEqual(['a']);
  expect(queue.done('t', 'a')).toBe(true);
  expect(queue.done('t', 'a')).toBe(false);
  await queue.stop();
});

test('a tenant has so much room and no more, and is cleared alone', async () => {
  const { queue } = queueThat(() => FAILED);
  for (let at = 0; at < LIMITS.retriesPerTenantMax; at++) expect(add(queue, String(at))).toBe(true);
  expect(add(queue, 'one more')).toBe(false);
  expect(add(queue, '0')).toBe(true);
  expect(add(queue, 'elsewhere', 'other')).toBe(true);
  expect(queue.clear('t')).toBe(LIMITS.retriesPerTenantMax);
  expect(queue.waiting('other')).toHaveLength(1);
  await queue.stop();
});

test('settled by hand while it is being tried, it does not come back', async () => {
  const { queue } = queueThat(() => {
    queue.done('t', 'a');
    return FAILED;
  });
  add(queue, 'a');
  await queue.tryNow('t');
  expect(queue.waiting('t')).toEqual([]);
  await queue.stop();
});
