/**
 * Rung 8: reads what a batch needs, in two goes at most. The first asks for what the changes name, along with the locks;
 * the second, only where a record turned out to need it, for history, descendants, graves, holders of unique keys and open conflicts.
 */
import {
  type Change,
  type EntityType,
  type Fields,
  LIMITS,
  lastStamp,
  type RecordState,
  type Registry,
  stampOf,
} from '@ackord/core';
import { withOwnersOfListed } from './hidden-ids.ts';
import { hasUnread, lastReadOf } from './last-read.ts';
import { isTenantScope, parentsOf, rootOfScope, userScope } from './place.ts';
import type {
  BatchDetails,
  BatchRead,
  BatchState,
  LockedScopes,
  RecordKey,
  StoreTransaction,
} from './ports.ts';
import { type ChangeTask, recordAtKey, recordKey, type Task, type Unit } from './unit.ts';
import { WantedKeys } from './wanted-keys.ts';
import { WorkingCopy } from './working-copy.ts';

/** What the changes name. */
export function readOf(registry: Registry, scopes: readonly string[], units: readonly Unit[]): BatchRead {
  const tasks = units.flatMap((unit) => unit.tasks);
  const keys = new WantedKeys(registry);
  for (const scope of scopes) {
    const root = rootOfScope(registry, scope);
    if (root) keys.want(root, [scope]);
  }
  for (const unit of units) {
    const likely = [...unit.scopes];
    for (const task of unit.tasks)
      for (const key of keysOfTask(registry, task)) keys.want(key, likely, isDisputable(task, key));
  }
  return {
    keys: keys.all,
    receipts: tasks.flatMap(receiptsOfTask),
    scopes,
    actors: [
      ...new Set(
        tasks.flatMap((task) =>
          task.kind === 'member' ? [task.call.actor, task.userId] : [task.call.actor],
        ),
      ),
    ],
    waiters: units.flatMap(({ isRemembered, tasks: [task] }) =>
      isRemembered && task ? [task.call.actor] : [],
    ),
  };
}

/** What is new has no conflicts; should there be a record after all, they are read with its details. */
const isDisputable = (task: Task, { id }: RecordKey): boolean =>
  task.kind === 'change' && task.change.operation !== 'CREATE' && task.change.id === id;

/** Gives a maker of working copies: deciding may have to start again, on a fresh one. */
export async function loadBatch(
  transaction: StoreTransaction,
  registry: Registry,
  locks: LockedScopes,
  units: readonly Unit[],
): Promise<() => WorkingCopy> {
  const tasks = units.flatMap((unit) => unit.tasks);
  const scopes = locks.locked.map((scope) => scope.id);
  // Of those left over where other servers hold something, less is needed.
  const asked = locks.state ?? (await transaction.read(readOf(registry, scopes, units)));
  const related = await withRelated(transaction, registry, asked, scopes);
  const state = await withOwnersOfListed(transaction, registry, related, scopes, tasks);
  const details = detailsOf(new WorkingCopy(registry, locks.now, locks.locked, state), tasks);
  const needed = Object.values(details).some((list) => list.length > 0);
  const found = needed ? await transaction.readDetails(details) : null;
  return () => {
    const copy = new WorkingCopy(registry, locks.now, locks.locked, state);
    if (found) copy.addDetails(found);
    return copy;
  };
}

/**
 * What an alias stands for, and what lies above a deleted record. Both are seldom, so they are read in goes of their
 * own, and only when one was named.
 */
async function withRelated(
  transaction: StoreTransaction,
  registry: Registry,
  state: BatchState,
  scopes: readonly string[],
): Promise<BatchState> {
  const known = new Set([...state.locations, ...state.records].map(({ type, id }) => recordKey(type, id)));
  const related = [
    ...state.locations.flatMap(({ type, aliasOf }) => (aliasOf === null ? [] : [{ type, id: aliasOf }])),
    ...state.records.flatMap((record) => aboveGrave(registry, record)),
  ];
  const keys = related.filter(({ type, id }) => !known.has(recordKey(type, id)));
  if (keys.length === 0) return state;
  const found = await transaction.read({ keys, receipts: [], scopes, actors: [] });
  if (found.locations.length === 0) return state;
  const more = {
    ...state,
    locations: [...state.locations, ...found.locations],
    records: [...state.records, ...found.records],
  };
  return withRelated(transaction, registry, more, scopes);
}

function aboveGrave(registry: Registry, { type, fields, tombstone }: RecordState): RecordKey[] {
  if (tombstone?.kind !== 'deleted') return [];
  const { owner } = registry.type(type);
  const id = owner ? fields[owner.field] : null;
  return [tombstone.root, ...(owner && typeof id === 'string' ? [{ type: owner.type, id }] : [])];
}

function keysOfTask(registry: Registry, task: Task): RecordKey[] {
  if (task.kind === 'member') return [];
  if (task.kind === 'resolution')
    return task.related.flatMap((subject) => [subject, ...parentsOf(registry, subject)]);
  const { change } = task;
  const keys: RecordKey[] = [{ type: change.type, id: change.id }];
  for (const [name, value] of Object.entries(change.fields)) {
    const reference = registry.type(change.type).fields.get(name)?.reference;
    if (!reference) continue;
    for (const id of Array.isArray(value) ? value : [value])
      if (typeof id === 'string') keys.push({ type: reference.type, id });
  }
  return keys;
}

const transactionReceipt = (transaction: string): string => `transaction ${transaction}`;

function receiptsOfTask(task: Task) {
  if (task.kind !== 'change') return [];
  const own = { actor: task.call.actor, changeId: task.change.changeId };
  return task.transaction === null
    ? [own]
    : [own, { actor: task.call.actor, changeId: transactionReceipt(task.transaction) }];
}

interface Details {
  readonly history: Map<string, BatchDetails['history'][number]>;
  readonly descendantsOf: Map<string, BatchDetails['descendantsOf'][number]>;
  readonly deletions: Map<string, BatchDetails['deletions'][number]>;
  readonly uniques: Map<string, BatchDetails['uniques'][number]>;
  readonly openConflicts: Map<string, BatchDetails['openConflicts'][number]>;
  readonly conflicts: Map<string, BatchDetails['conflicts'][number]>;
  readonly versionsAt: Map<string, BatchDetails['versionsAt'][number]>;
}

function detailsOf(copy: WorkingCopy, tasks: readonly Task[]): BatchDetails {
  const details: Details = {
    history: new Map(),
    descendantsOf: new Map(),
    deletions: new Map(),
    uniques: new Map(),
    openConflicts: new Map(),
    conflicts: new Map(),
    versionsAt: new Map(),
  };
  for (const task of tasks) {
    if (task.kind === 'change') detailsOfChange(copy, task, details);
    else if (task.kind === 'resolution') {
      details.conflicts.set(task.conflictId, { scope: task.scope, id: task.conflictId });
      for (const { type, id, candidates } of task.related) {
        const record = copy.record(type, copy.canonical(type, id));
        if (record) detailsOfRecord(copy, record, details, ANY_DECISION);
        for (const fields of candidates) needHolder(copy, task.call.actor, type, record, fields, details);
      }
    }
  }
  return {
    history: [...details.history.values()],
    descendantsOf: [...details.descendantsOf.values()],
    deletions: [...details.deletions.values()],
    uniques: [...details.uniques.values()],
    openConflicts: [...details.openConflicts.values()],
    conflicts: [...details.conflicts.values()],
    versionsAt: [...details.versionsAt.values()],
  };
}

function detailsOfChange(copy: WorkingCopy, task: ChangeTask, details: Details): void {
  const { change, call } = task;
  const waits = [
    ...(call.waiting.get(recordKey(change.type, change.id)) ?? []),
    ...(task.resumes ? [task.resumes] : []),
  ];
  for (const { actor, conflictId } of waits)
    details.conflicts.set(conflictId, { scope: `user:${actor}`, id: conflictId });
  const type = copy.registry.type(change.type);
  const record = copy.record(change.type, copy.canonical(change.type, change.id));
  needHolder(copy, call.actor, change.type, record, change.fields, details);
  if (record === null) return;
  const movesTo = type.owner && change.fields[type.owner.field];
  detailsOfRecord(copy, record, details, {
    mayDelete: change.operation === 'DELETE',
    mayMove: movesTo !== undefined && movesTo !== copy.ownerOf(record),
    knowsConflicts: isDisputable(task, record),
  });
  if (change.base === null) {
    const unread = lastReadOf(call, change, record);
    if (unread) details.versionsAt.set(recordAtKey(unread), unread);
    // Whose values it may replace.
    if (hasUnread(call, change, record))
      needHistory(record, earliestStamp(type, change, record) - 1, details);
    return;
  }
  // Whoever deletes with a base has seen what was there when that version was made.
  const deletesParent = change.operation === 'DELETE' && type.children.length > 0;
  if (deletesParent) needHistory(record, change.base - 1, details);
  else if (change.base < record.version) needHistory(record, change.base, details);
}

const ANY_DECISION = { mayDelete: true, mayMove: false, knowsConflicts: false };

function detailsOfRecord(
  copy: WorkingCopy,
  record: RecordState,
  details: Details,
  may: { mayDelete: boolean; mayMove: boolean; knowsConflicts: boolean },
): void {
  const key = recordKey(record.type, record.id);
  const type = copy.registry.type(record.type);
  if (!may.knowsConflicts)
    details.openConflicts.set(key, { scope: record.scope, type: record.type, id: record.id });
  if (record.tombstone?.kind === 'deleted') {
    details.deletions.set(record.tombstone.deletion, {
      scope: record.scope,
      deletion: record.tombstone.deletion,
    });
    const uniqueKey = type.unique?.key(record.fields) ?? null;
    if (uniqueKey !== null)
      details.uniques.set(`${record.scope} ${type.key} ${uniqueKey}`, {
        scope: record.scope,
        type: type.key,
        key: uniqueKey,
      });
  } else if ((may.mayDelete || may.mayMove) && type.children.length > 0 && !closesScope(copy, record)) {
    details.descendantsOf.set(key, { scope: record.scope, type: record.type, id: record.id });
  }
}

/** Whoever has the unique key that the record would get. */
function needHolder(
  copy: WorkingCopy,
  actor: string,
  typeKey: string,
  record: RecordState | null,
  fields: Fields,
  details: Details,
): void {
  const type = copy.registry.type(typeKey);
  const scope = record?.scope ?? (type.scope === 'user' ? userScope(actor) : null);
  const key = type.unique?.key({ ...record?.fields, ...fields }) ?? null;
  if (key !== null && scope !== null)
    details.uniques.set(`${scope} ${type.key} ${key}`, { scope, type: type.key, key });
}

/** The version that last changed what the change touches, the earliest one of several. A deletion touches all. */
function earliestStamp(type: EntityType, { fields, operation }: Change, record: RecordState): number {
  if (operation === 'DELETE') return Math.min(...Object.values(record.clock).map((stamp) => stamp.version));
  const groups = new Set(Object.keys(fields).map((field) => type.fields.get(field)?.group ?? field));
  const versions = [...groups].map((group) => stampOf(record.clock, group).version);
  return Math.min(lastStamp(record.clock).version, ...versions);
}

function needHistory(record: RecordState, after: number, details: Details): void {
  const key = recordKey(record.type, record.id);
  const known = details.history.get(key);
  if (known && known.after <= after) return;
  details.history.set(key, {
    type: record.type,
    id: record.id,
    scopes: [record.scope, ...record.formerScopes],
    after,
  });
}

/** Does the root's deletion close its scope by one event, without a tombstone per record? */
export function closesScope(copy: WorkingCopy, record: RecordState): boolean {
  const root = rootOfScope(copy.registry, record.scope);
  if (root?.id !== record.id || root.type !== record.type) return false;
  // Records of a tenant hang on no other one: they can only go with all of it.
  if (isTenantScope(record.scope)) return true;
  let count = 0;
  for (const [key, digest] of copy.digests) if (key.startsWith(`${record.scope} `)) count += digest.count;
  return count > LIMITS.cascadeRecordsMax;
}
