/** Access to scopes: who is in one, and giving or taking a role. Goes down the same line as every change. */

import { randomUUID } from 'node:crypto';
import { errorText, type Role, roleReaches } from '@ackord/core';
import type { CallResult, Member } from './engine.ts';
import type { Store } from './ports.ts';
import { enqueue, type Submitting } from './queue.ts';
import { scopesOfUser } from './reads.ts';
import type { Actor } from './submission.ts';
import { callOf } from './submit.ts';
import type { MemberTask } from './unit.ts';

export async function setMember(
  tools: Submitting,
  request: {
    readonly actor: Actor;
    readonly scope: string;
    readonly userId: string;
    readonly role: Role | null;
    readonly handsOver?: boolean;
  },
): Promise<CallResult<{ readonly member: Member | null }>> {
  const { actor, scope, userId, role, handsOver = false } = request;
  // Whoever has no role here must not even make the scope wait.
  const mine = await tools.store.snapshot((snapshot) => scopesOfUser(snapshot, actor.userId));
  if (!roleReaches(mine.get(scope) ?? null, 'VIEWER'))
    return { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
  const call = callOf({ domain: '', actor, device: null, batchId: randomUUID() }, tools.store);
  const task: MemberTask = { kind: 'member', call, index: 0, scope, userId, role, handsOver, result: null };
  await enqueue(tools, [
    {
      tasks: [task],
      scopes: new Set([scope]),
      bytes: 0,
      alone: false,
      isRemembered: false,
      queuedAt: 0,
      skips: 0,
      replacings: 0,
      committedAt: 0,
    },
  ]);
  const { result } = task as { result: MemberTask['result'] };
  if (!result) return { ok: false, code: 'UNAVAILABLE', message: errorText('UNAVAILABLE') };
  if (!result.ok) return result;
  return {
    ok: true,
    member: result.role === null ? null : { userId, scope, role: result.role, grantedAt: result.grantedAt },
  };
}

export function listMembers(
  store: Store,
  { actor, scope }: { readonly actor: Actor; readonly scope: string },
): Promise<CallResult<{ readonly members: readonly Member[] }>> {
  return store.snapshot(async (snapshot) => {
    const mine = await scopesOfUser(snapshot, actor.userId);
    if (!mine.has(scope)) return { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
    const members = await snapshot.members([scope]);
    return {
      ok: true,
      members: members
        .filter((one) => one.revokedAt === null)
        .map(({ userId, role, grantedAt }) => ({ userId, scope, role, grantedAt })),
    };
  });
}
