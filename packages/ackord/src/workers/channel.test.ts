import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { channelTo } from './channel.ts';
import type { FromWorker } from './messages.ts';

test('what is told beyond the bound is dropped until the other side has read, and nothing else is', () => {
  const taken: (() => void)[] = [];
  const sent: string[] = [];
  const end = {
    send(message: FromWorker, read: (error: Error | null) => void): boolean {
      sent.push(message.kind);
      taken.push(() => read(null));
      return true;
    },
  };
  const send = channelTo<FromWorker>(() => end);
  const half = 'x'.repeat(LIMITS.workerBytesUnderWayMax / 2);
  expect([1, 2, 3].map(() => send({ kind: 'told', text: half }))).toEqual([true, true, false]);
  expect(send({ kind: 'count-all', id: 1 })).toBe(true);
  taken[0]?.();
  expect(send({ kind: 'told', text: half })).toBe(true);
  expect(sent).toEqual(['told', 'told', 'count-all', 'told']);
});

test('nothing is sent to an end that is gone', () => {
  expect(channelTo<FromWorker>(() => null)({ kind: 'told', text: 'x' })).toBe(false);
});
