/**
 * Rung 11: a statement refused what it was given. The batch is cut by units, then by tasks, until the culprit stands
 * alone: it gets `retry` INTERNAL and is reported as a defect, and nobody else is harmed.
 */
import { LIMITS } from '@ackord/core';
import type { Committed, Committing } from './commit.ts';
import { rejectedReceipt } from './receipts.ts';
import { refuseUnits } from './refuse.ts';
import { recordKey, type Task, type Unit } from './unit.ts';

type Commit = (tools: Committing, units: readonly Unit[]) => Promise<Committed>;

const FAILURES_KEPT_MAX = 10_000;

export async function isolate(
  tools: Committing,
  units: readonly Unit[],
  cause: string,
  commit: Commit,
): Promise<Committed> {
  const [only] = units;
  if (!only) throw new Error('An empty batch was refused');
  const parts =
    units.length > 1
      ? halves(units).map((half) => half.slice())
      : halves(cuttable(only)).map((tasks) => [{ ...only, tasks: tasks.flat() }]);
  if (parts.length < 2) {
    refuseAlone(tools, only, cause);
    return { announcements: [], arrived: [], now: 0, skipped: [], misplaced: new Map(), attempts: 1 };
  }
  const ends: Committed[] = [];
  for (const [at, part] of parts.entries()) {
    const end = await commit(tools, part);
    ends.push(end);
    if (units.length > 1) continue;
    // What follows in a unit builds on what can't be decided now, and comes back with it.
    if (end.skipped.length + end.misplaced.size > 0) break;
    const passing = faultOf(part);
    if (passing === null) continue;
    refuseUnits(parts.slice(at + 1).flat(), passing);
    break;
  }
  // Parts of one unit answer for the unit: the tasks are shared, so a part that must come back brings all of it.
  const whole = (unit: Unit): Unit => units.find((candidate) => candidate === unit) ?? only;
  const now = Math.max(...ends.map((end) => end.now));
  if (units.length === 1) only.committedAt = now;
  return {
    announcements: ends.flatMap((end) => end.announcements),
    arrived: ends.flatMap((end) => end.arrived),
    now,
    skipped: ends.flatMap((end) => end.skipped.map(whole)),
    misplaced: new Map(
      ends.flatMap((end) => [...end.misplaced].map(([unit, scopes]) => [whole(unit), scopes] as const)),
    ),
    attempts: 1,
  };
}

/** The passing fault by which the units could not be committed at all; null: they were. */
function faultOf(units: readonly Unit[]): 'BUSY' | 'UNAVAILABLE' | null {
  for (const task of units.flatMap<Task>((unit) => unit.tasks)) {
    const code = task.kind === 'change' && task.receipt?.status === 'retry' ? task.receipt.code : null;
    if (code === 'BUSY' || code === 'UNAVAILABLE') return code;
  }
  return null;
}

function halves<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [list.slice()];
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** Tasks that may be parted: a transaction group stays whole. */
function cuttable(unit: Unit): Task[][] {
  const parts: Task[][] = [];
  for (const task of unit.tasks) {
    const last = parts.at(-1)?.[0];
    const sameGroup =
      task.kind === 'change' &&
      task.transaction !== null &&
      last?.kind === 'change' &&
      last.transaction === task.transaction;
    if (sameGroup) parts.at(-1)?.push(task);
    else parts.push([task]);
  }
  return parts;
}

function refuseAlone({ observer, failures }: Committing, unit: Unit, cause: string): void {
  refuseUnits([unit], 'INTERNAL');
  for (const task of unit.tasks) {
    const changeId = task.kind === 'change' ? task.change.changeId : null;
    observer.defect({ where: 'write', cause, changeId });
    if (task.kind !== 'change') continue;
    const key = `${task.call.actor} ${task.change.changeId}`;
    const count = (failures.get(key) ?? 0) + 1;
    failures.delete(key);
    failures.set(key, count);
    if (failures.size > FAILURES_KEPT_MAX) failures.delete(failures.keys().next().value as string);
    // It fails for a reason that will not pass: the device keeps it apart instead of sending it for ever.
    const isFinal = count >= LIMITS.internalFailuresMax;
    if (isFinal) task.receipt = rejectedReceipt(task, 'INTERNAL');
    const record = recordKey(task.change.type, task.change.id);
    if (!isFinal) task.call.delayed.add(record);
    else if (task.change.operation === 'CREATE') task.call.failed.add(record);
  }
}
