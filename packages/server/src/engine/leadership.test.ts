import { LIMITS } from '@ackord/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Leadership, startLeadership } from './leadership.ts';

/** A lease by a clock of its own: that of the database. */
function duties() {
  let taken: { readonly holder: string; readonly endsAt: number } | null = null;
  let isAway = false;
  return {
    setAway(away: boolean): void {
      isAway = away;
    },
    holdDuty: async (_duty: string, holder: string, milliseconds: number): Promise<boolean> => {
      if (isAway) throw new Error('away');
      if (taken !== null && taken.holder !== holder && taken.endsAt > Date.now()) return false;
      taken = { holder, endsAt: Date.now() + milliseconds };
      return true;
    },
    leaveDuty: async (_duty: string, holder: string): Promise<void> => {
      if (taken?.holder === holder) taken = null;
    },
  };
}

let started: Leadership[] = [];
beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  vi.useRealTimers();
});

function start(store: Parameters<typeof startLeadership>[0]['store'], holder: string) {
  const changes: boolean[] = [];
  const leadership = startLeadership({ store, holder, onChange: (leads) => changes.push(leads) });
  started = [...started, leadership];
  return { leadership, changes };
}

test('one leads, and the other one follows it within seconds, be it ended in order or not', async () => {
  const store = duties();
  const [first, second] = [start(store, 'first'), start(store, 'second')];
  let begun = 0;
  second.leadership.onLead(() => begun++);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([first.leadership.leads, second.leadership.leads]).toEqual([true, false]);
  expect(await second.leadership.confirm()).toBe(false);
  expect(begun).toBe(0);

  await first.leadership.stop();
  expect(await first.leadership.confirm()).toBe(false);
  await vi.advanceTimersByTimeAsync(LIMITS.leaseLookMs);
  expect(second.leadership.leads).toBe(true);
  expect(begun).toBe(1);
  expect(first.leadership.leads).toBe(false);
  expect(first.changes).toEqual([true]);
});

test('who was cut off leads to the end of its lease and no longer, and leads again later', async () => {
  const store = duties();
  const { leadership, changes } = start(store, 'first');
  await vi.advanceTimersByTimeAsync(1);
  store.setAway(true);
  expect(await leadership.confirm()).toBe(false);
  expect(leadership.leads).toBe(true);
  await vi.advanceTimersByTimeAsync(LIMITS.leaseMs + LIMITS.leaseLookMs);
  expect(leadership.leads).toBe(false);
  store.setAway(false);
  await vi.advanceTimersByTimeAsync(LIMITS.leaseLookMs);
  expect(changes).toEqual([true, false, true]);
});

test('an answer that comes when the lease has ended is no leave to act', async () => {
  const store = duties();
  let answer = (): void => {};
  const slow = {
    ...store,
    holdDuty: (...asked: Parameters<typeof store.holdDuty>) =>
      new Promise<boolean>((resolve) => {
        answer = () => void store.holdDuty(...asked).then(resolve);
      }),
  };
  const { leadership } = start(slow, 'slept');
  const confirmed = leadership.confirm();
  await vi.advanceTimersByTimeAsync(LIMITS.leaseMs);
  answer();
  expect(await confirmed).toBe(false);
  expect(leadership.leads).toBe(false);
  const again = leadership.confirm();
  answer();
  expect(await again).toBe(true);
});
