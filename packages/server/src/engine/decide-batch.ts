/**
 * Rung 9 for a batch: every task of every unit in its order, on one working copy. A unit that needs scopes which are
 * not locked is taken back whole and named in the answer; a transaction group is all or nothing.
 */
import { errorText, type RecordState } from '@ackord/core';
import { decideChange } from './decide-change.ts';
import { decideMember } from './decide-member.ts';
import { decideResolution } from './decide-resolution.ts';
import { refeedGrave } from './graves.ts';
import { groupMember } from './group-member.ts';
import { conflictIdOf, supersede } from './journal.ts';
import { keepReceipt } from './keep-receipt.ts';
import { userScope } from './place.ts';
import { abortedReceipt, acknowledged, isAcknowledged, rejectedReceipt, retryReceipt } from './receipts.ts';
import type { Rules } from './situation-of.ts';
import type { Receipt } from './submission.ts';
import { type Call, type ChangeTask, recordKey, type Task, type Unit } from './unit.ts';
import { endWait } from './waiting.ts';
import type { WorkingCopy } from './working-copy.ts';

/** Units that must go back to other lanes, with the scopes that they turned out to need. */
export type Misplaced = ReadonlyMap<Unit, readonly string[]>;

export interface Decided {
  readonly misplaced: Misplaced;
  /** Puts the results on the tasks: called when the batch is committed, and not before. */
  readonly settle: () => void;
  /** Takes back what deciding noted on the calls, so that the same tasks can be decided again. */
  readonly takeBack: () => void;
}

/** If any unit is misplaced, the copy is spoilt: decide the others again on a fresh one. */
export function decideBatch(copy: WorkingCopy, units: readonly Unit[], rules: Rules): Decided {
  const takeBack = rememberCalls(units.flatMap((unit) => unit.tasks.map((task) => task.call)));
  const misplaced = new Map<Unit, readonly string[]>();
  const results: (() => void)[] = [];
  try {
    for (const unit of units) {
      const scopes = decideUnit(copy, unit, rules, results);
      if (scopes) misplaced.set(unit, scopes);
    }
  } catch (defect) {
    takeBack();
    throw defect;
  }
  return {
    misplaced,
    takeBack,
    settle: () => {
      for (const put of results) put();
    },
  };
}

function decideUnit(
  copy: WorkingCopy,
  unit: Unit,
  rules: Rules,
  results: (() => void)[],
): readonly string[] | null {
  // It was placed without a look at what waits.
  if (unit.isRemembered && copy.actorsWaiting.has(unit.tasks[0]?.call.actor ?? '')) return [...unit.scopes];
  for (const part of partsOf(unit.tasks)) {
    const isGroup = transactionOf(part[0]) !== null;
    const scopes = isGroup
      ? decideGroup(copy, part as ChangeTask[], rules, results)
      : decideTask(copy, part[0], rules, results);
    if (scopes) return scopes;
  }
  return null;
}

function rememberCalls(calls: readonly Call[]): () => void {
  const kept = [...new Set(calls)].map((call) => ({
    call,
    failed: [...call.failed],
    waiting: [...call.waiting],
    room: call.waitingRoom,
  }));
  return () => {
    for (const { call, failed, waiting, room } of kept) {
      call.failed.clear();
      for (const key of failed) call.failed.add(key);
      call.waiting.clear();
      for (const [key, changes] of waiting) call.waiting.set(key, changes);
      call.waitingRoom = room;
    }
  };
}

const transactionOf = (task: Task | undefined): string | null =>
  task?.kind === 'change' ? task.transaction : null;

/** Groups stand where their order put them, next to each other; every other task is a part of its own. */
function* partsOf(tasks: readonly Task[]): Generator<readonly Task[]> {
  let group: Task[] = [];
  for (const task of tasks) {
    if (group.length > 0 && transactionOf(task) !== transactionOf(group[0])) {
      yield group;
      group = [];
    }
    if (transactionOf(task) === null) yield [task];
    else group.push(task);
  }
  if (group.length > 0) yield group;
}

function decideTask(
  copy: WorkingCopy,
  task: Task | undefined,
  rules: Rules,
  results: (() => void)[],
): readonly string[] | null {
  if (!task) return null;
  switch (task.kind) {
    case 'change': {
      const decision = decideChange(copy, task, rules);
      if (decision.kind === 'elsewhere') return decision.scopes;
      if (task.resumes && !stillWaits(decision.receipt)) endWait(copy, task.resumes, decision.receipt);
      results.push(() => {
        task.receipt = decision.receipt;
      });
      return null;
    }
    case 'member': {
      const result = decideMember(copy, task);
      results.push(() => {
        task.result = result;
      });
      return null;
    }
    case 'resolution': {
      const result = decideResolution(copy, task, rules);
      if ('scopes' in result) {
        if (!result.scopes.every((scope) => task.call.closedTo.has(scope))) return result.scopes;
        results.push(() => {
          task.result = { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
        });
        return null;
      }
      results.push(() => {
        task.result = result;
      });
      return null;
    }
  }
}

/** Nothing is known of the record then, for nothing was decided. */
const stillWaits = (receipt: Receipt): boolean =>
  isAcknowledged(receipt) ? receipt.version === null : receipt.status === 'retry';

/** All or none: a member that is not accepted as sent takes the whole group back. */
function decideGroup(
  copy: WorkingCopy,
  group: readonly ChangeTask[],
  rules: Rules,
  results: (() => void)[],
): readonly string[] | null {
  const [first] = group;
  if (!first || first.transaction === null) return null;
  const { actor } = first.call;
  const mark = { actor, changeId: `transaction ${first.transaction}` };
  // Sorted: what else is sent along may put the members in another order.
  const members = group
    .map((task) => task.change.changeId)
    .sort()
    .join(' ');
  const name = { ...mark, fingerprint: '', scope: userScope(actor), body: members };
  const known = copy.receipt(mark.actor, mark.changeId);
  if (known && known.body !== members) {
    for (const task of group) results.push(receive(task, rejectedReceipt(task, 'TRANSACTION_SPLIT')));
    return null;
  }
  const takeBack = rememberCalls([first.call]);
  copy.mark();
  const receipts: Receipt[] = [];
  for (const task of group) {
    const decision = decideChange(copy, task, rules);
    if (decision.kind === 'elsewhere') {
      copy.rollBackPart();
      takeBack();
      return decision.scopes;
    }
    receipts.push(decision.receipt);
  }
  const culprit = receipts.findIndex(
    (receipt) =>
      !isAcknowledged(receipt) ||
      (!receipt.replayed && (!receipt.stands || receipt.conflict?.status === 'pending')),
  );
  if (culprit < 0) {
    copy.keepPart();
    // A group that is sent again has its mark already; receipts are written once.
    if (!known) copy.keepReceipt(name);
    group.forEach((task, at) => {
      results.push(receive(task, receipts[at] as Receipt));
    });
    return null;
  }
  copy.rollBackPart();
  takeBack();
  const bad = receipts[culprit] as Receipt;
  if (!isAcknowledged(bad) || !bad.conflict) abort(group, culprit, bad, results);
  else {
    keepAsOneConflict(copy, group, receipts, bad, results);
    if (!known) copy.keepReceipt(name);
  }
  return null;
}

const receive = (task: ChangeTask, receipt: Receipt) => () => {
  task.receipt = receipt;
};

function abort(group: readonly ChangeTask[], culprit: number, bad: Receipt, results: (() => void)[]): void {
  group.forEach((task, at) => {
    const own = at === culprit && !isAcknowledged(bad);
    // What passes for one passes for all: they come again together.
    const passing = bad.status === 'retry' ? retryReceipt(task, bad.code) : abortedReceipt(task, bad);
    results.push(receive(task, own ? bad : passing));
    const { call, change } = task;
    // What needs a record that the group would have made goes the way of the group.
    if (change.operation === 'CREATE')
      (bad.status === 'retry' ? call.delayed : call.failed).add(recordKey(change.type, change.id));
  });
}

/** The group lost somewhere: none of it is applied, and all of it is kept as one pending conflict. */
function keepAsOneConflict(
  copy: WorkingCopy,
  group: readonly ChangeTask[],
  receipts: readonly Receipt[],
  bad: Extract<Receipt, { stands: boolean }>,
  results: (() => void)[],
): void {
  const task = group[receipts.indexOf(bad)];
  if (!task || !bad.conflict) return;
  const conflict = {
    ...bad.conflict,
    id: conflictIdOf(task),
    status: 'pending',
    winner: null,
    strategy: 'MANUAL_RESOLUTION',
    resolvedAt: null,
    resolvedBy: null,
    decidedVersion: bad.conflict.serverVersion,
    payload: group.map((member) => groupMember(copy, member)),
  } as const;
  supersede(copy, conflict);
  copy.keepConflict(conflict);
  const refed = new Map<string, RecordState | null>();
  for (const [at, member] of group.entries()) {
    // A member that was refused may be about a record that its writer must not see.
    const mine = receipts[at]?.status !== 'rejected';
    const before = mine ? copy.record(member.change.type, member.change.id) : null;
    const key = recordKey(member.change.type, member.change.id);
    const record = refed.get(key) ?? (before && refeedGrave(copy, member, before));
    refed.set(key, record);
    const receipt = acknowledged(member, { status: 'conflict', record, before, conflict, stands: false });
    keepReceipt(copy, member, receipt, conflict.scope);
    results.push(receive(member, receipt));
  }
}
