import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import type { Submission } from '../engine/submission.ts';
import { gateChanges } from './gated-engine.ts';

function ground(limits: { readonly atOnceMax: number; readonly waitingMax: number }) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const inner = {
    submit: async ({ batchId }: Submission) => {
      begun.push(batchId);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { receipts: [], serverTime: 7 };
    },
  } as unknown as Engine;
  const engine = gateChanges(inner, limits);
  const submit = (batchId: string, userId: string, more: Partial<Submission> = {}) =>
    engine.submit({
      domain: 'travel',
      actor: { userId },
      device: null,
      batchId,
      origin: 'client',
      changes: [{ entityType: 'Memory', id: 'm', operation: 'UPDATE', changeId: 'c', fields: {} }],
      ...more,
    });
  /** Ends one after the other, until all that were submitted are answered. */
  const finish = async <T>(submitted: readonly Promise<T>[]): Promise<readonly T[]> => {
    let isOver = false;
    const all = Promise.all(submitted).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return all;
  };
  return { submit, begun, finish };
}

test('so many are decided at once; users take turns, and each is served in the order of its submissions', async () => {
  const { submit, begun, finish } = ground({ atOnceMax: 1, waitingMax: 10 });
  const all = [
    ['a1', 'ann'],
    ['a2', 'ann'],
    ['a3', 'ann'],
    ['b1', 'ben'],
  ].map(([batchId, userId]) => submit(batchId!, userId!));
  expect(await finish(all)).toEqual(all.map(() => ({ receipts: [], serverTime: 7 })));
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('the users of a tenant share its turns', async () => {
  const { submit, begun, finish } = ground({ atOnceMax: 1, waitingMax: 10 });
  const all = [
    submit('first', 'cem'),
    submit('x1', 'ann', { tenant: 'x' }),
    submit('x2', 'ben', { tenant: 'x' }),
    submit('y1', 'eve', { tenant: 'y' }),
  ];
  await finish(all);
  expect(begun).toEqual(['first', 'x1', 'y1', 'x2']);
});

test('where too many wait, changes are to be sent again, and not all at the same moment', async () => {
  const { submit, begun, finish } = ground({ atOnceMax: 1, waitingMax: 1 });
  const all = [submit('inside', 'ann'), submit('waits', 'ann')];
  const [refused] = (await submit('too many', 'ben')).receipts;
  expect(refused).toMatchObject({ status: 'retry', code: 'BUSY', changeId: 'c', entityType: 'Memory' });
  const { retryAfterMs } = refused as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThanOrEqual(LIMITS.busyRetryMs);
  expect(retryAfterMs).toBeLessThanOrEqual(2 * LIMITS.busyRetryMs);
  await finish(all);
  expect(await finish([submit('again', 'ben')])).toMatchObject([{ serverTime: 7 }]);
  expect(begun).toEqual(['inside', 'waits', 'again']);
});
