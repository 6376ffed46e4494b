/** Rung 9 for access: who may give or take which role in a scope. */
import { errorText, type Role, roleReaches } from '@ackord/core';
import type { CallError } from './engine.ts';
import { rootOfScope } from './place.ts';
import type { MemberTask } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

const refuse = (code: CallError['code'], detail?: string): CallError => ({
  ok: false,
  code,
  message: errorText(code, detail),
});

export function decideMember(copy: WorkingCopy, task: MemberTask): Exclude<MemberTask['result'], null> {
  const { scope, userId, role, call } = task;
  const root = rootOfScope(copy.registry, scope);
  const record = root && copy.record(root.type, root.id);
  const mine = copy.role(scope, call.actor);
  if (!record || record.tombstone !== null || mine === null) return refuse('FORBIDDEN');
  const theirs = copy.role(scope, userId);
  const leaving = userId === call.actor && role === null;
  if (!leaving && !roleReaches(mine, 'EDITOR')) return refuse('FORBIDDEN');
  // Owners are above editors: only an owner makes one, changes one or takes access away from somebody else.
  const touchesOwner = role === 'OWNER' || theirs === 'OWNER' || (role === null && !leaving);
  if (touchesOwner && !leaving && mine !== 'OWNER') return refuse('FORBIDDEN');
  if (userId === call.actor && mine === 'OWNER') {
    return refuse('BAD_USER_INPUT', 'You are the owner: hand it over to another member first.');
  }
  if (task.handsOver && theirs === null)
    return refuse('BAD_USER_INPUT', 'Only a member can become the owner: share it first.');
  if (theirs === role)
    return { ok: true, role, grantedAt: copy.memberships.get(`${scope} ${userId}`)?.grantedAt ?? copy.now };
  const done = write(copy, task, record, theirs, role);
  if (task.handsOver) write(copy, { ...task, userId: call.actor }, record, mine, 'EDITOR');
  return done;
}

function write(
  copy: WorkingCopy,
  { scope, userId, call, index }: MemberTask,
  record: { type: string; id: string },
  theirs: Role | null,
  role: Role | null,
) {
  const known = copy.memberships.get(`${scope} ${userId}`);
  const grantedAt = theirs === null ? copy.now : (known?.grantedAt ?? copy.now);
  copy.setMembership({
    scope,
    userId,
    role: role ?? theirs ?? 'VIEWER',
    grantedAt,
    revokedAt: role === null ? copy.now : null,
  });
  const line = {
    actor: call.actor,
    device: call.device,
    changeId: `${call.batchId} ${index}`,
    before: { role: theirs },
  };
  copy.note({
    ...line,
    scope,
    type: 'ackord.Member',
    id: userId,
    version: 0,
    operation: role === null ? 'REVOKE' : 'GRANT',
    outcome: 'applied',
  });
  // The root travels again, so that replicas learn what their user may do in it now.
  const root = copy.record(record.type, record.id);
  if (root && theirs !== null && role !== null)
    copy.save(root, { ...line, before: null, operation: 'REFEED', outcome: 'refed' });
  return { ok: true as const, role, grantedAt };
}
