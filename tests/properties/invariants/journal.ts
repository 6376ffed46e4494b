/**
 * I10: no silent overwrite. Told from outside: what a device showed when its edit was made, what the log says that the
 * edit replaced, and what the journal of conflicts keeps. Where a value goes that its replacer had not seen, or a value
 * that was sent does not stand, the journal has both.
 */
import { equalJson, type Fields, type JsonValue, type Registry, textThreeWay } from '@ackord/core';
import type { ConflictView } from '@ackord/server';
import type { OutboxChange } from '../outbox-change.ts';
import { keyOf } from '../replica.ts';
import type { History, Line, Truth, Version } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';
import { acknowledgedBy, editsOf } from './receipts.ts';

interface Journal {
  readonly registry: Registry;
  readonly truth: Truth;
  readonly changes: ReadonlyMap<string, OutboxChange>;
  /** Conflicts by the change that they are about: as they are kept, and as they were answered. */
  readonly conflicts: ReadonlyMap<string, readonly ConflictView[]>;
  /** Ids that stand for others. */
  readonly aliases: ReadonlyMap<string, string>;
}

const changeKey = (of: { readonly actor: string; readonly changeId: string | null }): string =>
  `${of.actor} ${of.changeId}`;

export function checkJournal(world: World, truth: Truth): void {
  const journal = openJournal(world, truth);
  for (const history of truth.histories.values()) {
    for (const version of history.versions) {
      const change = journal.changes.get(changeKey(version.line));
      if (!change) checkResolved(journal, history, version);
      else if (version.line.operation === 'DELETE') checkBuried(journal, history, version, change);
      else checkReplaced(journal, history, version, change);
    }
  }
  for (const change of world.observer.changes) checkStands(journal, change);
}

function openJournal(world: World, truth: Truth): Journal {
  const conflicts = new Map<string, ConflictView[]>();
  const add = (conflict: ConflictView): void => {
    conflicts.set(changeKey(conflict), [...(conflicts.get(changeKey(conflict)) ?? []), conflict]);
  };
  for (const conflict of truth.conflicts) add(conflict);
  const kept = new Set(truth.conflicts.map(({ id }) => id));
  for (const change of world.observer.changes) {
    const conflict = acknowledgedBy(change)?.conflict;
    if (!conflict) continue;
    holds('I10', kept.has(conflict.id), 'a receipt names a conflict that is not kept', () => conflict);
    add(conflict);
  }
  return {
    registry: world.ground.registry,
    truth,
    conflicts,
    changes: new Map(world.observer.changes.map((change) => [changeKey(change), change])),
    aliases: new Map(
      truth.records.flatMap(({ id, tombstone }) =>
        tombstone?.kind === 'alias' ? [[id, tombstone.of] as const] : [],
      ),
    ),
  };
}

const groupOf = ({ registry }: Journal, type: string, field: string): string =>
  registry.type(type).fields.get(field)?.group ?? field;

/** Who last wrote the group of a field before a version. */
function writerBefore(journal: Journal, history: History, at: number, field: string): Line | null {
  const group = groupOf(journal, history.type, field);
  const names = journal.registry.type(history.type).groups.get(group) ?? [field];
  const wrote = ({ line }: Version): boolean =>
    line.before === null || names.some((name) => line.before?.[name] !== undefined);
  return history.versions.findLast((version) => version.version < at && wrote(version))?.line ?? null;
}

const sameDevice = (line: Line | null, change: OutboxChange): boolean =>
  line !== null && line.actor === change.actor && line.device === change.device;

// ---- what a change replaced

function checkReplaced(journal: Journal, history: History, made: Version, change: OutboxChange): void {
  // What a device deleted it has seen, or the deletion answers for it.
  const before = history.versions[made.version - 2]?.line ?? null;
  if (before?.operation === 'DELETE' && sameDevice(before, change)) return;
  for (const [field, old] of Object.entries(made.line.before ?? {})) {
    const writer = writerBefore(journal, history, made.version, field);
    if (sameDevice(writer, change) || saidIt(journal, history, made, change, field, old)) continue;
    if (sawOrMerged(journal, history, made, change, field, old)) continue;
    requireBothSides(journal, history, change, field, old, change.fields[field]);
  }
}

/** Has the device sent that very value before, and found it there already? */
const saidIt = (
  { changes }: Journal,
  history: History,
  made: Version,
  change: OutboxChange,
  field: string,
  value: JsonValue,
): boolean =>
  history.versions.some(
    ({ version, line }) =>
      version < made.version &&
      sameDevice(line, change) &&
      equalJson(changes.get(changeKey(line))?.fields[field], value),
  );

function sawOrMerged(
  { aliases }: Journal,
  history: History,
  made: Version,
  change: OutboxChange,
  field: string,
  old: JsonValue,
): boolean {
  const shown = change.shown?.[field];
  if (equalJson(shown, old) || equalJson(change.held?.[field], old)) return true;
  const now = made.fields[field] ?? null;
  if (Array.isArray(old)) {
    const seen = new Set(idsOf(shown, aliases));
    return idsOf(old, aliases).every((id) => idsOf(now, aliases).includes(id) || seen.has(id));
  }
  return mergesTo(history, change, field, old, now);
}

/** Is the value what comes of putting the two texts together? */
function mergesTo(
  history: History,
  change: OutboxChange,
  field: string,
  server: JsonValue,
  merged: JsonValue,
): boolean {
  if (field !== 'text') return false;
  const base = history.versions[change.base - 1]?.fields[field];
  return textThreeWay({ base, server, client: change.fields[field] ?? null }) === merged;
}

const idsOf = (value: JsonValue | undefined, aliases: ReadonlyMap<string, string>): string[] =>
  Array.isArray(value) ? value.map((id) => aliases.get(String(id)) ?? String(id)) : [];

function requireBothSides(
  journal: Journal,
  history: History,
  change: OutboxChange,
  field: string,
  server: JsonValue,
  client: JsonValue | undefined,
): void {
  const found = journal.conflicts.get(changeKey(change)) ?? [];
  const group = groupOf(journal, history.type, field);
  const keepsBoth = found.some(
    (conflict) =>
      keeps(conflict.server, field, server) &&
      (client === undefined || keeps(conflict.client, field, client) || isInGroup(conflict, change)) &&
      (conflict.conflictType === 'DELETION_CONFLICT' ||
        conflict.fields.some((name) => groupOf(journal, history.type, name) === group)),
  );
  holds('I10', keepsBoth, `a value was lost without a conflict that keeps both: ${field}`, () => ({
    change,
    server,
    client,
    found,
    history: { type: history.type, id: history.id, lines: history.versions.map(({ line }) => line) },
  }));
}

const keeps = (side: Fields | null, field: string, value: JsonValue): boolean =>
  equalJson(side?.[field], value);

/** A group that was kept as one conflict has all its changes in it. */
const isInGroup = ({ payload }: ConflictView, change: OutboxChange): boolean =>
  JSON.stringify(payload ?? []).includes(change.changeId);

// ---- what a deletion took

/** What others made of the record after the deleter's device had last read it. */
function checkBuried(journal: Journal, history: History, made: Version, change: OutboxChange): void {
  const key = keyOf(history);
  // What stood for another record takes nothing along.
  if (history.versions[made.version - 2]?.line.operation === 'ALIAS') return;
  const isRoot = history.id === change.id && history.type === `travel.${change.typeName}`;
  // Where a client does not say how far it has read, the server takes its last page as read, arrived or not.
  if (!isRoot && change.cursor === null) return;
  const seen = change.seenVersions?.get(key) ?? 0;
  const unseen = history.versions.filter(
    (one) =>
      one.version > seen &&
      one.version < made.version &&
      !sameDevice(one.line, change) &&
      isLastWord(journal, history, one, made, change),
  );
  if (unseen.length === 0) return;
  const name = `${history.type.slice('travel.'.length)}:${history.id}`;
  const found = journal.conflicts.get(changeKey(change)) ?? [];
  const kept = found.some(
    ({ clientDeletes, fields, payload }) =>
      (clientDeletes && (isRoot || fields.includes(name))) || payload !== null,
  );
  holds('I10', kept, 'a deletion took what its maker had not seen, without a conflict', () => ({
    change,
    unseen: unseen.map(({ line }) => line),
    found,
  }));
}

/** Does anything of what a version brought still stand right before a deletion, that the deleter has not said too? */
function isLastWord(
  journal: Journal,
  history: History,
  one: Version,
  deleted: Version,
  deletion: OutboxChange,
): boolean {
  const { before } = one.line;
  if (before === null) return true;
  return Object.keys(before).some(
    (field) =>
      writerBefore(journal, history, deleted.version, field) === one.line &&
      !saidIt(journal, history, deleted, deletion, field, one.fields[field] ?? null),
  );
}

// ---- what did not stand

function checkStands(journal: Journal, change: OutboxChange): void {
  const receipt = acknowledgedBy(change);
  if (!receipt) return;
  const found = journal.conflicts.get(changeKey(change)) ?? [];
  if (receipt.version === null) {
    const kept = change.operation === 'DELETE' || found.length > 0 || receipt.conflict !== null;
    holds('I10', kept, 'a change that waits is not in the journal', () => ({ change, receipt }));
    return;
  }
  const id = receipt.canonicalId ?? receipt.entityId;
  const history = journal.truth.histories.get(keyOf({ type: `travel.${change.typeName}`, id }));
  const made = history?.versions[receipt.version - 1];
  if (!history || !made) return;
  if (receipt.conflict?.payload != null) {
    const kept = isInGroup(receipt.conflict, change);
    holds('I10', kept, 'a group was kept without one of its changes', () => ({ change, receipt }));
    return;
  }
  const isDead = made.line.operation === 'DELETE' || made.line.operation === 'ALIAS';
  if (change.operation === 'DELETE') {
    const fine = isDead || found.some(({ clientDeletes }) => clientDeletes);
    holds('I10', fine, 'a deletion did not take place, and nothing tells', () => ({
      change,
      receipt,
      history,
    }));
  } else if (isDead) {
    const edited = Object.entries(editsOf(change)).some(
      ([field, sent]) => !isOfBase(journal, history, change, field, sent),
    );
    const fine = !edited || sameDevice(made.line, change) || found.length > 0;
    holds('I10', fine, 'an edit of a deleted record is not in the journal', () => ({
      change,
      receipt,
      history,
    }));
  } else checkValues(journal, history, made, change);
}

function checkValues(journal: Journal, history: History, made: Version, change: OutboxChange): void {
  for (const [field, sent] of Object.entries(editsOf(change))) {
    const there = made.fields[field] ?? null;
    if (isThere(journal, history, change, field, sent, there)) continue;
    if (isOfBase(journal, history, change, field, sent)) continue;
    const before = valueBefore(made, change, field);
    if (mergesTo(history, change, field, before, there)) continue;
    // A later edit of the same device, sent earlier or at once, is over this one.
    const writer = writerBefore(journal, history, made.version + 1, field);
    if (sameDevice(writer, change)) continue;
    requireBothSides(journal, history, change, field, there, sent);
  }
}

/** Back to what it was at the base, while own edits before it came to nothing: that is no edit to the server. */
function isOfBase(
  { aliases }: Journal,
  history: History,
  { base }: OutboxChange,
  field: string,
  sent: JsonValue,
): boolean {
  const atBase = base > 0 ? history.versions[base - 1]?.fields[field] : undefined;
  if (atBase === undefined) return false;
  // Another id of the same record is no edit either.
  return equalJson(canonical(atBase, aliases), canonical(sent, aliases));
}

const canonical = (value: JsonValue, aliases: ReadonlyMap<string, string>): JsonValue =>
  Array.isArray(value) ? [...new Set(idsOf(value, aliases))] : (aliases.get(String(value)) ?? value);

/** What the change met: the value before its version, or that version itself where it made none. */
const valueBefore = (made: Version, change: OutboxChange, field: string): JsonValue =>
  (changeKey(made.line) === changeKey(change) ? made.line.before?.[field] : undefined) ??
  made.fields[field] ??
  null;

function isThere(
  journal: Journal,
  history: History,
  change: OutboxChange,
  field: string,
  sent: JsonValue,
  there: JsonValue,
): boolean {
  if (equalJson(sent, there)) return true;
  const { aliases } = journal;
  if (typeof sent === 'string' && aliases.get(sent) === there) return true;
  if (!Array.isArray(sent)) return false;
  const [wanted, shown, now] = [sent, change.shown?.[field], there].map((list) => idsOf(list, aliases));
  const added = (wanted ?? []).filter((id) => !shown?.includes(id));
  const removed = (shown ?? []).filter((id) => !wanted?.includes(id));
  const isGone = (id: string): boolean => !now?.includes(id) || mayBeHidden(journal, history, change, id);
  return added.every((id) => now?.includes(id)) && removed.every(isGone);
}

/**
 * What somebody put into a list who has left since, or what never came to be: others don't see it, and a list that lacks
 * it leaves it there.
 */
function mayBeHidden({ truth }: Journal, history: History, { actor }: OutboxChange, id: string): boolean {
  const scope = truth.records.find((record) => record.id === id)?.scope;
  if (scope === undefined) return true;
  const owner = scope.slice('user:'.length);
  if (scope === `user:${actor}` || !scope.startsWith('user:')) return false;
  return history.versions.some(({ line }) => {
    const roles = (truth.logs.get(line.scope) ?? []).filter((one) => one.id === owner);
    return (
      !roles.some(({ operation }) => operation === 'GRANT') ||
      roles.some(({ operation }) => operation === 'REVOKE')
    );
  });
}

// ---- what a person decided

/** A decision replaces what it is about; everything else must be as the person saw it. */
function checkResolved(journal: Journal, history: History, made: Version): void {
  const conflict = journal.truth.conflicts.find(
    ({ entityId, resolution }) =>
      entityId === history.id &&
      resolution?.resolvedBy === made.line.actor &&
      resolution.version === made.version,
  );
  if (!conflict || conflict.payload !== null || conflict.conflictType === 'DELETION_CONFLICT') return;
  const groups = new Set(conflict.fields.map((field) => groupOf(journal, history.type, field)));
  for (const [field, old] of Object.entries(made.line.before ?? {})) {
    const seen = keeps(conflict.server, field, old) || keeps(conflict.client, field, old);
    const fine = groups.has(groupOf(journal, history.type, field)) || seen;
    holds('I10', fine, `a decision replaced a value that it was not about: ${field}`, () => ({
      conflict,
      made,
    }));
  }
}
