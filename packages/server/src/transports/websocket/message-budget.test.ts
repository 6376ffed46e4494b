import { LIMITS } from '@ackord/core';
import { describe, expect, test } from 'vitest';
import { MessageBudget } from './message-budget.ts';

const { socketMessagesPerSecondMax: perSecond, socketMessageBurstMax: burst, socketThrottledMsMax } = LIMITS;

function budgetAt() {
  let now = 1_000;
  const budget = new MessageBudget(() => now);
  const later = (ms: number): void => {
    now += ms;
  };
  return { spend: (cost: number) => budget.spend(cost), later };
}

describe('a budget of messages', () => {
  test('a burst goes through at once; what is more has to wait for as long as it takes to earn it', () => {
    const { spend, later } = budgetAt();
    for (let sent = 0; sent < burst; sent++) expect(spend(1)).toEqual({ kind: 'go on' });
    expect(spend(1)).toEqual({ kind: 'wait', milliseconds: Math.ceil(1_000 / perSecond) });
    expect(spend(9)).toEqual({ kind: 'wait', milliseconds: Math.ceil(10_000 / perSecond) });
    later(10_000 / perSecond);
    expect(spend(0)).toEqual({ kind: 'go on' });
  });

  test('the bursts of an app, thirty at a time and forty a second, never wait', () => {
    const { spend, later } = budgetAt();
    for (let round = 0; round < 300; round++) {
      const kinds = Array.from({ length: 40 }, () => spend(1).kind);
      expect(new Set(kinds)).toEqual(new Set(['go on']));
      later(1_000);
    }
  });

  test('who rests earns no more than one burst', () => {
    const { spend, later } = budgetAt();
    later(24 * 3_600_000);
    expect(spend(burst).kind).toBe('go on');
    expect(spend(1).kind).toBe('wait');
  });

  test('who stays at the limit is ended after a while; just before, it is not', () => {
    const { spend, later } = budgetAt();
    spend(burst);
    expect(spend(1).kind).toBe('wait');
    for (let passed = 1_000; passed < socketThrottledMsMax; passed += 1_000) {
      later(1_000);
      expect(spend(perSecond).kind).toBe('wait');
    }
    later(1_000);
    expect(spend(perSecond).kind).toBe('end');
  });

  test('whoever has spent so much at once that it would wait for longer than that is ended at once', () => {
    const { spend } = budgetAt();
    const tokens = (socketThrottledMsMax / 1_000) * perSecond;
    expect(spend(burst + tokens).kind).toBe('wait');
    expect(spend(perSecond).kind).toBe('end');
  });

  test('who calms down is forgiven', () => {
    const { spend, later } = budgetAt();
    spend(burst);
    expect(spend(1).kind).toBe('wait');
    later((burst / perSecond) * 1_000);
    expect(spend(1).kind).toBe('go on');
    later(socketThrottledMsMax);
    spend(burst);
    expect(spend(1).kind).toBe('wait');
  });
});
