import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { createFanOut } from './fan-out.ts';

test('rooms take turns, each once however often it asks, and go on until they are done', async () => {
  const fanOut = createFanOut(() => 0);
  const served: string[] = [];
  let left = 2;
  const long = (): boolean => {
    served.push('long');
    return --left === 0;
  };
  const finished = new Promise<void>((resolve) => {
    fanOut.ask(long);
    fanOut.ask(long);
    fanOut.ask(() => {
      served.push('short');
      resolve();
      return true;
    });
  });
  await finished;
  await new Promise(setImmediate);
  expect(served).toEqual(['long', 'short', 'long']);
});

test('rooms rest on a busy server only, the longer the more sockets they have', () => {
  let busy = 0;
  const fanOut = createFanOut(() => busy);
  expect(fanOut.restMs(100)).toBe(0);
  busy = LIMITS.fanOutCalmShare;
  expect(fanOut.restMs(100)).toBe(0);
  busy = 1;
  expect(fanOut.restMs(3)).toBe(3 * LIMITS.fanOutMsPerSocket);
  expect(fanOut.restMs(100)).toBe(LIMITS.fanOutRestMsMax);
  expect(fanOut.restMs(1_000)).toBe(LIMITS.fanOutRestMsMax);
  busy = (LIMITS.fanOutCalmShare + LIMITS.fanOutBusyShare) / 2;
  expect(fanOut.restMs(3)).toBeCloseTo((3 * LIMITS.fanOutMsPerSocket) / 2);
});
