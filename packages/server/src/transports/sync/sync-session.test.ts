import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import type { Submission } from '../../engine/submission.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import { SyncSession } from './sync-session.ts';
import type { SyncTools } from './sync-tools.ts';

/** A session on a server where so many pushes wait already. */
function sessionAmong(waiting: number) {
  const submitted: string[] = [];
  const sent: unknown[] = [];
  const keys: string[] = [];
  const tools = {
    engine: {
      submit: async ({ batchId }: Submission) => {
        submitted.push(batchId);
        return { receipts: [], serverTime: 7 };
      },
    },
    pushes: {
      waiting,
      pass: (key: string, work: () => Promise<unknown>) => {
        keys.push(key);
        return work();
      },
    },
  } as unknown as SyncTools;
  const socket = { send: (text: string) => sent.push(JSON.parse(text)) } as unknown as LiveSocket;
  const session = new SyncSession({
    tools,
    socket,
    actor: { userId: 'ann' },
    domain: 'travel',
    device: 'phone',
    tenant: null,
    renew: async () => null,
  });
  return { session, submitted, sent, keys };
}

const push = {
  type: 'push',
  id: 'p1',
  changes: [{ changeId: 'c1', type: 'Memory', id: 'm1', op: 'delete', base: 1 }],
};

test('a push that had no turn yet gets one, and one that has it gets no other', async () => {
  const { session, submitted, sent, keys } = sessionAmong(0);
  await session.take(push, null);
  expect([keys, submitted]).toEqual([['ann'], ['p1']]);
  await session.inTurn((turn) => session.take(push, turn));
  expect([keys, submitted]).toEqual([
    ['ann', 'ann'],
    ['p1', 'p1'],
  ]);
  expect(sent).toEqual([1, 2].map(() => ({ type: 'receipts', id: 'p1', receipts: [], time: 7 })));
});

test('where too many wait, what is pushed is to be sent again', async () => {
  const { session, submitted, sent, keys } = sessionAmong(LIMITS.submissionsWaitingMax);
  await session.inTurn((turn) => session.take(push, turn));
  await session.take(push, null);
  expect([keys, submitted]).toEqual([[], []]);
  const receipt = { status: 'retry', code: 'BUSY', changeId: 'c1', retryAfterMs: expect.any(Number) };
  for (const answer of sent) expect(answer).toMatchObject({ id: 'p1', receipts: [receipt] });
  expect(sent).toHaveLength(2);
});
