/** The caller's conflicts, and deciding one. */
import { randomUUID } from 'node:crypto';
import { type ConflictStrategy, errorText, type Fields, isWellFormedText } from '@ackord/core';
import type { ConflictResolution, ConflictView } from './conflict-view.ts';
import type { CallResult, ResolvedFields } from './engine.ts';
import type { Store } from './ports.ts';
import { scopesOfUser } from './reads.ts';
import type { Actor } from './submission.ts';
import { callOf, enqueue, type Submitting } from './submit.ts';
import type { ResolutionTask } from './unit.ts';

/** Pending ones of the caller and those in which it lost, newest first. */
export function listConflicts(
  store: Store,
  request: {
    readonly actor: Actor;
    readonly domain: string;
    readonly type: string | null;
    readonly limit: number;
  },
): Promise<readonly ConflictView[]> {
  const { actor, domain, type, limit } = request;
  return store.snapshot(async (snapshot) => {
    const scopes = [...(await scopesOfUser(snapshot, actor.userId)).keys()];
    return snapshot.conflicts({
      scopes,
      id: null,
      actor: actor.userId,
      type: type === null ? null : `${domain}.${type}`,
      limit,
    });
  });
}

export async function resolveConflict(
  tools: Submitting,
  request: {
    readonly actor: Actor;
    readonly domain: string;
    readonly conflictId: string;
    readonly strategy: ConflictStrategy;
    readonly resolvedFields: ResolvedFields;
    readonly device: string | null;
  },
): Promise<CallResult<{ readonly resolution: ConflictResolution }>> {
  const { actor, domain, conflictId, strategy, device } = request;
  const unknown = { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') } as const;
  if (!isWellFormedText(conflictId)) return unknown;
  const found = await tools.store.snapshot(async (snapshot) => {
    const scopes = [...(await scopesOfUser(snapshot, actor.userId)).keys()];
    const [conflict] = await snapshot.conflicts({
      scopes,
      id: conflictId,
      actor: null,
      type: null,
      limit: 1,
    });
    if (!conflict?.type.startsWith(`${domain}.`)) return null;
    // A transaction group touches all the scopes of its members.
    const members = (conflict.payload ?? []) as readonly { id: string; raw: { entityType: string } }[];
    const keys = [
      { type: conflict.type, id: conflict.entityId },
      ...members.map(({ id, raw }) => ({ type: `${domain}.${raw.entityType}`, id })),
    ];
    const locations = await snapshot.locations(keys);
    return {
      conflict,
      keys,
      scopes: new Set([
        conflict.scope,
        ...locations.map(({ scope }) => scope).filter((scope) => scopes.includes(scope)),
      ]),
    };
  });
  if (!found) return unknown;
  const call = callOf({ domain, actor, device, batchId: randomUUID() }, tools.store);
  call.receivedAt = tools.now();
  const task: ResolutionTask = {
    kind: 'resolution',
    call,
    index: 0,
    scope: found.conflict.scope,
    conflictId,
    record: { type: found.conflict.type, id: found.conflict.entityId },
    related: found.keys,
    strategy,
    resolvedFields: readResolved(request.resolvedFields, found.conflict) as Fields | null,
    result: null,
  };
  await enqueue(tools, [
    { tasks: [task], scopes: found.scopes, bytes: 0, alone: true, skips: 0, replacings: 0, committedAt: 0 },
  ]);
  const { result } = task as { result: ResolutionTask['result'] };
  return result ?? { ok: false, code: 'UNAVAILABLE', message: errorText('UNAVAILABLE') };
}

const readResolved = (resolved: ResolvedFields, { type }: ConflictView) =>
  typeof resolved === 'function' ? resolved(type.slice(type.indexOf('.') + 1)) : resolved;
