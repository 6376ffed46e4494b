/**
 * The subscription `conflicts`: first the caller's list as getConflicts gives it, then whatever in it is new, was decided
 * or moved on. The list is read again when somebody says that one of the caller's conflicts has changed, and now and
 * then, for what another server has not said.
 */
import { LIMITS } from '@ackord/core';
import type { ConflictView } from '../../../engine/conflict-view.ts';
import { isUnreachable } from '../../../engine/unreachable.ts';
import { requireActor } from '../context.ts';
import { encodeConflict } from '../encode-conflict.ts';
import { inRange } from '../in-range.ts';
import { checkType } from '../resolvers/enhanced-sync.ts';
import type { ConflictsArgs } from './asked.ts';
import type { Telling } from './changes.ts';
import type { Plan } from './plan.ts';
import { filled, render } from './render.ts';

/** Resolves when the client wants no more, rejects with what it is to be told instead. */
export async function tellConflicts(telling: Telling, plan: Plan, args: ConflictsArgs): Promise<void> {
  const { context, turns, tell, report, signal } = telling;
  const first = context();
  const { engine, wire } = first;
  const actor = requireActor(first);
  const type = args.entityType || null;
  if (type !== null) checkType(wire, type);
  const limit = inRange('limit', args.limit ?? LIMITS.conflictsDefault, LIMITS.conflictsMax);
  const bell = createBell(signal);
  const unfollow = engine.followConflicts(actor.userId, bell.ring);
  const timer = setInterval(bell.ring, LIMITS.conflictLookMs).unref();
  const ask = { actor, domain: wire.name, type, limit: LIMITS.conflictsMax } as const;
  const say = async (conflicts: readonly ConflictView[]): Promise<void> => {
    await turns.next();
    if (signal.aborted) return;
    const value = conflicts.map((conflict) => encodeConflict(wire, conflict));
    await tell(filled(await render(plan, value, context(), report), NO_PLACES));
  };
  try {
    let known = await engine.conflicts(ask);
    await say(known.slice(0, limit));
    while (await bell.rung()) {
      const now = await engine.conflicts(ask).catch(unlessAway);
      if (now === null) continue;
      const changed = await changedSince(known, now, (id) => engine.conflicts({ ...ask, id }));
      known = now;
      if (changed.length > 0) await say(changed);
    }
  } finally {
    clearInterval(timer);
    unfollow();
  }
}

const NO_PLACES = { cursor: '', moment: '' };

/** The next look finds what this one did not. */
function unlessAway(cause: unknown): null {
  if (isUnreachable(cause)) return null;
  throw cause;
}

/** Decided in the caller's favour, a conflict leaves the list: it is asked for by its id. */
async function changedSince(
  before: readonly ConflictView[],
  now: readonly ConflictView[],
  read: (id: string) => Promise<readonly ConflictView[]>,
): Promise<ConflictView[]> {
  const marks = new Map(before.map((conflict) => [conflict.id, markOf(conflict)]));
  const changed = now.filter((conflict) => marks.get(conflict.id) !== markOf(conflict));
  const there = new Set(now.map(({ id }) => id));
  const left = before.filter(({ id, status }) => status === 'pending' && !there.has(id));
  const decided = await Promise.all(left.map(({ id }) => read(id)));
  return [...changed, ...decided.flat().filter(({ status }) => status !== 'pending')];
}

const markOf = ({ status, winner, resolvedAt, serverVersion }: ConflictView): string =>
  `${status} ${winner} ${resolvedAt} ${serverVersion}`;

/** Rung while nobody waits, it is remembered. */
function createBell(signal: AbortSignal) {
  let isRung = false;
  let wake = (): void => {};
  const ring = (): void => {
    isRung = true;
    wake();
  };
  signal.addEventListener('abort', ring);
  return {
    ring,
    /** False: there is nobody to be told any more. */
    async rung(): Promise<boolean> {
      if (!isRung)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      isRung = false;
      return !signal.aborted;
    },
  };
}
