/**
 * Brings rows into the engine: what is new is created, what changed over there is updated in the fields that changed,
 * what did not change is not sent. Change ids come from the row and its content, so that a run which was interrupted
 * finds its own changes again. Edits that people made here meanwhile meet those of over there by the rules of sync.
 */
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Engine,
  groupBy,
  type MovedRow,
  type MovedRows,
  type RawChange,
  type Receipt,
} from '@ackord/server';
import { inParallel } from './in-parallel.ts';
import { type Names, problemOf } from './rehearsal.ts';
import type { Report } from './report.ts';
import type { MovedType } from './tables.ts';

export interface Carrying {
  readonly engine: Engine;
  readonly moved: MovedRows;
  readonly report: Report;
  readonly isDryRun: boolean;
  /** For dry runs. */
  readonly names: Names;
}

/** A record as it should be by the older server. */
export interface Item {
  readonly type: MovedType | 'TrackSegment' | 'RouteRecording';
  readonly table: string;
  readonly id: string;
  readonly originId: string;
  /** Who may write it. */
  readonly actor: string;
  readonly fields: { readonly [field: string]: unknown };
  readonly created: { readonly by: string; readonly at: number } | null;
  /** When it was changed last over there; null: nobody knows. */
  readonly time: number | null;
  /** Who made it was left out and can't be named later: while it is not here, it waits. */
  readonly isAwaiting?: boolean;
  /** Where it is counted, if not by its type. */
  readonly countAs?: string;
  /** How many points it holds, which are what is counted. */
  readonly points?: number;
}

const nameOf = ({ type, countAs = type }: Item): string => countAs;
const rowsOf = ({ points = 1 }: Item): number => points;

const DEVICE = 'moving-in';
const CHANGES_PER_SUBMISSION = 1_000;
const SUBMISSIONS_AT_ONCE = 16;
const TRIES_MAX = 50;

/** All of one type. */
export async function carry(tools: Carrying, items: readonly Item[]): Promise<void> {
  const [first] = items;
  if (!first) return;
  const { report } = tools;
  const states = await tools.moved.read(
    first.type,
    items.map(({ id }) => id),
  );
  const stateOf = new Map(states.map((state) => [state.id, state]));
  const tasks: Task[] = [];
  for (const item of items) {
    const task = taskOf(item, stateOf.get(item.id) ?? null);
    if (!task) report.of(nameOf(item)).unchanged += rowsOf(item);
    else if (task.isNew && item.isAwaiting)
      report.goesAlong(nameOf(item), { table: item.table, id: item.originId }, rowsOf(item));
    else tasks.push(task);
  }
  if (!tools.isDryRun) return submitAll(tools, tasks);
  for (const task of tasks) rehearse(tools, task);
}

function rehearse({ engine, report, names }: Carrying, task: Task): void {
  const { item, isNew } = task;
  const type = engine.registry.type(`travel.${item.type}`);
  const problem = problemOf(type, item, isNew);
  if (problem !== null) {
    refuse(report, task, problem);
    return;
  }
  const holder = isNew ? names.holderOf(type, item) : null;
  if (holder !== null) noteOne(report, item, holder);
  report.of(nameOf(item))[isNew ? 'created' : 'changed'] += rowsOf(item);
}

export const pointsLeftOut = (points: number): string =>
  points === 1 ? 'One point is left out.' : `All ${points} points of this stretch are left out.`;

function refuse(report: Report, { item, isNew }: Task, message: string): void {
  const { table, originId: id, points } = item;
  const reason = points === undefined ? message : `${message} ${pointsLeftOut(points)}`;
  report[isNew ? 'leftOut' : 'refused'](nameOf(item), { table, id, reason }, rowsOf(item));
}

const noteOne = (report: Report, { type, id }: Item, holder: string): void =>
  report.note(`${type} ${id}: its name is that of ${holder} but for case or blanks; they become one.`);

interface Task {
  readonly item: Item;
  readonly isNew: boolean;
  readonly hashes: { readonly [field: string]: string };
  readonly change: RawChange;
}

function taskOf(item: Item, known: MovedRow | null): Task | null {
  const hashes = Object.fromEntries(
    Object.entries(item.fields).map(([field, value]) => [field, hashOf(value)]),
  );
  // What was deleted over there and is back again is made anew.
  const before = known?.isGone ? null : known;
  const changed = Object.keys(hashes).filter((field) => hashes[field] !== before?.fields[field]);
  if (before && changed.length === 0) return null;
  const common = {
    entityType: item.type,
    id: item.id,
    clientTime: item.time,
    changeId: changeIdOf(item.type, item.id, known && [known.version, known.fields], hashes),
  };
  const change: RawChange = before
    ? {
        ...common,
        operation: 'UPDATE',
        base: before.version,
        fields: Object.fromEntries(changed.map((field) => [field, item.fields[field]])),
      }
    : {
        ...common,
        operation: 'CREATE',
        fields: item.fields,
        ...(item.created && { created: item.created }),
      };
  return { item, isNew: before === null, hashes, change };
}

/** In one go, since this runs for every field of every row. */
export const hashOf = (value: unknown): string =>
  hash('sha256', JSON.stringify(value ?? null), 'base64url').slice(0, 16);

export const changeIdOf = (...parts: readonly unknown[]): string =>
  `moved ${hashOf(parts)}${hashOf([parts])}`;

async function submitAll(tools: Carrying, tasks: readonly Task[]): Promise<void> {
  const lists = [...groupBy(tasks, ({ item }) => item.actor).values()].flatMap((list) =>
    chunksOf(list, CHANGES_PER_SUBMISSION),
  );
  const done: MovedRow[] = [];
  await inParallel(lists, SUBMISSIONS_AT_ONCE, async (list) => {
    const actor = list[0]?.item.actor ?? '';
    const receipts = await submitChanges(
      tools,
      actor,
      list.map(({ change }) => change),
    );
    receipts.forEach((receipt, index) => {
      const task = list[index];
      const row = task && settle(tools.report, task, receipt);
      if (row) done.push(row);
    });
  });
  await tools.moved.save(done);
}

function settle(report: Report, task: Task, receipt: Receipt): MovedRow | null {
  const { item, isNew, hashes } = task;
  const { type, id, originId, actor } = item;
  if ('code' in receipt) {
    refuse(report, task, receipt.message);
    return null;
  }
  const outcome = isNew ? 'created' : 'changed';
  report.of(nameOf(item))[receipt.stands ? outcome : 'kept'] += rowsOf(item);
  if (isNew && receipt.canonicalId !== null && receipt.canonicalId !== id)
    noteOne(report, item, receipt.canonicalId);
  return { type, id, originId, actor, version: receipt.version ?? 0, fields: hashes, isGone: false };
}

/** A receipt for each, in their order. What the engine wants to be tried again is. Throws when it never gets through. */
export async function submitChanges(
  { engine }: Pick<Carrying, 'engine'>,
  actor: string,
  changes: readonly RawChange[],
): Promise<readonly Receipt[]> {
  const receipts = new Array<Receipt>(changes.length);
  let open = changes.map((_, index) => index);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const result = await engine.submit({
      domain: 'travel',
      actor: { userId: actor },
      device: DEVICE,
      batchId: changeIdOf(actor, open.length, changes[0]?.changeId),
      origin: 'server',
      changes: open.flatMap((index) => changes[index] ?? []),
    });
    const again: number[] = [];
    let waitMs = 0;
    result.receipts.forEach((receipt, position) => {
      const index = open[position] as number;
      receipts[index] = receipt;
      if (receipt.status !== 'retry') return;
      again.push(index);
      waitMs = Math.max(waitMs, receipt.retryAfterMs);
    });
    open = again;
    if (open.length === 0) break;
    if (attempt === TRIES_MAX) throw new MovingStopped('The new server took no changes for some time.');
    await pause(Math.max(100, waitMs));
  }
  return receipts;
}

/** The run can't go on; what is in stays in, and the next run goes on from there. */
export class MovingStopped extends Error {}

export function chunksOf<T>(list: readonly T[], length: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < list.length; start += length) chunks.push(list.slice(start, start + length));
  return chunks;
}
