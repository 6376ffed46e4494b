import { expect, test } from 'vitest';
import type { Submission } from '../../engine/submission.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import type { Turn } from './push-gate.ts';
import { SyncSession } from './sync-session.ts';
import type { SyncTools } from './sync-tools.ts';

/** A session, and where its pushes get this turn. */
function sessionWith(turn: Turn) {
  const submitted: string[] = [];
  const sent: unknown[] = [];
  const users: string[] = [];
  const tools = {
    engine: {
      submit: async ({ batchId }: Submission) => {
        submitted.push(batchId);
        return { receipts: [], serverTime: 7 };
      },
    },
    pushes: {
      pass: (userId: string, _: number, work: (turn: Turn) => Promise<void>) => {
        users.push(userId);
        return work(turn);
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
  return { session, submitted, sent, users };
}

const push = {
  type: 'push',
  id: 'p1',
  changes: [{ changeId: 'c1', type: 'Memory', id: 'm1', op: 'delete', base: 1 }],
};

test('a push that had no turn yet gets one, and one that has it gets no other', async () => {
  const { session, submitted, sent, users } = sessionWith('come');
  await session.take(push, null);
  expect([users, submitted]).toEqual([['ann'], ['p1']]);
  await session.inTurn(99, (turn) => session.take(push, turn));
  expect([users, submitted]).toEqual([
    ['ann', 'ann'],
    ['p1', 'p1'],
  ]);
  expect(sent).toEqual([1, 2].map(() => ({ type: 'receipts', id: 'p1', receipts: [], time: 7 })));
});

test('what has no turn any more is to be sent again', async () => {
  const { session, submitted, sent } = sessionWith('refused');
  await session.take(push, null);
  expect(submitted).toEqual([]);
  const receipt = { status: 'retry', code: 'BUSY', changeId: 'c1', retryAfterMs: expect.any(Number) };
  expect(sent).toMatchObject([{ id: 'p1', receipts: [receipt] }]);
});
