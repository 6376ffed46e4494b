/** The caller's conflicts, and deciding one. */
import { randomUUID } from 'node:crypto';
import {
  type ConflictStrategy,
  errorText,
  type Fields,
  isWellFormedText,
  LIMITS,
  type Registry,
} from '@ackord/core';
import { type ConflictResolution, type ConflictView, shownTo } from './conflict-view.ts';
import type { CallResult, ConflictsRequest, ResolvedFields } from './engine.ts';
import { membersOf } from './group-member.ts';
import { parentsOf } from './place.ts';
import type { Store } from './ports.ts';
import { enqueue, type Submitting } from './queue.ts';
import { scopesOfUser } from './reads.ts';
import type { Actor } from './submission.ts';
import { callOf } from './submit.ts';
import type { ResolutionSubject, ResolutionTask } from './unit.ts';

/** Pending ones of the caller and those in which it lost, or all of a scope that it may see; newest first. */
export function listConflicts(
  store: Store,
  registry: Registry,
  request: ConflictsRequest,
): Promise<readonly ConflictView[]> {
  const { actor, type, openOnly = false, id = null, ofScope, limit } = request;
  const domain = registry.domain(request.domain);
  return store.snapshot(async (snapshot) => {
    const mine = [...(await scopesOfUser(snapshot, actor.userId)).keys()];
    const found = await snapshot.conflicts({
      scopes: ofScope === undefined ? mine : mine.filter((scope) => scope === ofScope),
      id,
      actor: ofScope === undefined ? actor.userId : null,
      types: type === null ? domain.synced.map(({ key }) => key) : [`${domain.name}.${type}`],
      openOnly,
      limit,
    });
    return found.map((conflict) => shownTo(actor.userId, conflict));
  });
}

export const readOpenConflicts = (
  store: Store,
  registry: Registry,
  scope: string,
  domain: string,
): Promise<readonly ConflictView[]> =>
  store.snapshot((snapshot) =>
    snapshot.conflicts({
      scopes: [scope],
      id: null,
      actor: null,
      types: registry.domain(domain).synced.map(({ key }) => key),
      openOnly: true,
      limit: LIMITS.conflictsMax,
    }),
  );

export async function resolveConflict(
  tools: Submitting,
  request: {
    readonly actor: Actor;
    readonly domain: string;
    readonly conflictId: string;
    readonly strategy: ConflictStrategy;
    readonly resolvedFields: ResolvedFields;
    readonly side?: 'client' | 'server';
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
      types: null,
      openOnly: false,
      limit: 1,
    });
    if (!conflict?.type.startsWith(`${domain}.`)) return null;
    const resolved = readResolved(request.resolvedFields, conflict);
    const subjects = subjectsOf(conflict, resolved);
    // A transaction group touches all the scopes of its members; a record may get another parent.
    const keys = subjects.flatMap((subject) => [subject, ...parentsOf(tools.registry, subject)]);
    const locations = await snapshot.locations(keys);
    return {
      conflict,
      resolved,
      subjects,
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
    related: found.subjects,
    strategy,
    side: request.side ?? null,
    resolvedFields: found.resolved,
    result: null,
  };
  await enqueue(tools, [
    {
      tasks: [task],
      scopes: found.scopes,
      bytes: 0,
      alone: true,
      isRemembered: false,
      queuedAt: 0,
      skips: 0,
      replacings: 0,
      committedAt: 0,
    },
  ]);
  const { result } = task as { result: ResolutionTask['result'] };
  if (!result) return { ok: false, code: 'UNAVAILABLE', message: errorText('UNAVAILABLE') };
  if (result.ok || !result.conflict) return result;
  return { ...result, conflict: shownTo(actor.userId, result.conflict) };
}

const readResolved = (resolved: ResolvedFields, { type }: ConflictView): Fields | null =>
  (typeof resolved === 'function' ? resolved(type.slice(type.indexOf('.') + 1)) : resolved) as Fields | null;

function subjectsOf(conflict: ConflictView, resolved: Fields | null): readonly ResolutionSubject[] {
  const { type, entityId, client, server, payload } = conflict;
  const sides = [client, server, resolved].filter((side) => side !== null);
  return [
    { type, id: entityId, candidates: sides },
    ...membersOf(payload).map((member) => ({
      type: member.type,
      id: member.id,
      candidates: [member.fields],
    })),
  ];
}
