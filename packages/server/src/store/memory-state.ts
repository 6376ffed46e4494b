/**
 * What the memory store knows: one map per table of the database, under its primary key. Rows are frozen when they
 * come in, so handing them out is safe; what callers gave as free JSON is copied, as a database would.
 */
import { LIMITS, type RecordState, type Registry } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import type {
  Bookmark,
  Location,
  LogLine,
  Membership,
  RecordKey,
  RecordWrite,
  ScopeDigest,
  ScopeState,
  StoredReceipt,
  SyncFailure,
  WaitingChange,
  WriteSet,
} from '../engine/ports.ts';

export interface StoredLine extends LogLine {
  /** When the line was written, milliseconds since 1970. */
  readonly at: number;
}

export interface StoredFailure {
  readonly device: string;
  readonly failure: SyncFailure;
}

export interface MemoryState {
  readonly scopes: Map<string, ScopeState>;
  /** Per scope, by key of the record. */
  readonly records: Map<string, Map<string, RecordWrite>>;
  /** Per scope, by seq. */
  readonly log: Map<string, Map<number, StoredLine>>;
  readonly locations: Map<string, Location>;
  readonly receipts: Map<string, StoredReceipt>;
  readonly conflicts: Map<string, ConflictView>;
  readonly waiting: Map<string, WaitingChange>;
  readonly memberships: Map<string, Membership>;
  readonly digests: Map<string, ScopeDigest>;
  /** Per user, by key, the one saved last at the end. */
  readonly bookmarks: Map<string, Map<string, Bookmark>>;
  /** Per user, by device and record, the one saved last at the end. */
  readonly failures: Map<string, Map<string, StoredFailure>>;
}

export const emptyState = (): MemoryState => ({
  scopes: new Map(),
  records: new Map(),
  log: new Map(),
  locations: new Map(),
  receipts: new Map(),
  conflicts: new Map(),
  waiting: new Map(),
  memberships: new Map(),
  digests: new Map(),
  bookmarks: new Map(),
  failures: new Map(),
});

/** A copy that does not follow when the original moves on; rows are shared, since they never change. */
export function copyState(state: MemoryState): MemoryState {
  const copyRows = <K, V>(tables: Map<string, Map<K, V>>): Map<string, Map<K, V>> =>
    new Map([...tables].map(([scope, rows]) => [scope, new Map(rows)]));
  return {
    scopes: new Map(state.scopes),
    records: copyRows(state.records),
    log: copyRows(state.log),
    locations: new Map(state.locations),
    receipts: new Map(state.receipts),
    conflicts: new Map(state.conflicts),
    waiting: new Map(state.waiting),
    memberships: new Map(state.memberships),
    digests: new Map(state.digests),
    bookmarks: copyRows(state.bookmarks),
    failures: copyRows(state.failures),
  };
}

/** A primary key of several columns. NUL is refused in every value, so no two keys can meet. */
export const keyOf = (...columns: readonly string[]): string => columns.join('\0');

export const recordKey = ({ type, id }: RecordKey): string => keyOf(type, id);

export function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

export const rowsOf = (state: MemoryState, scope: string): readonly RecordWrite[] => [
  ...(state.records.get(scope)?.values() ?? []),
];

export const linesOf = (state: MemoryState, scope: string): readonly StoredLine[] => [
  ...(state.log.get(scope)?.values() ?? []),
];

/** The rows among the scopes that have one of the keys. */
export function recordsByKey(
  state: MemoryState,
  scopes: readonly string[],
  keys: readonly RecordKey[],
): RecordState[] {
  const wanted = [...new Set(keys.map(recordKey))];
  return [...new Set(scopes)].flatMap((scope) =>
    wanted.flatMap((key) => state.records.get(scope)?.get(key)?.record ?? []),
  );
}

export const mayEnter = (state: MemoryState, user: string, scope: string): boolean =>
  scope === `user:${user}` || state.memberships.get(keyOf(scope, user))?.revokedAt === null;

/** Is the record of this key the owner of the row? Without a registry, the owner's id alone tells. */
export function isOwnedBy(row: RecordWrite, parent: RecordKey, registry: Registry | null): boolean {
  if (row.owner !== parent.id) return false;
  return registry === null || registry.types.get(row.record.type)?.owner?.type === parent.type;
}

/** Puts in what a transaction wrote. Everything has been checked before: this cannot fail half way. */
export function applyWrites(state: MemoryState, writes: WriteSet): void {
  for (const { scope, head, closed } of writes.heads) {
    const known = state.scopes.get(scope);
    if (!known) throw new Error(`Scope ${scope} was never locked.`);
    const closedAt = closed ? (known.closedAt ?? writes.now) : null;
    state.scopes.set(scope, Object.freeze({ ...known, head, closedAt }));
  }
  for (const row of writes.records) {
    const rows = state.records.get(row.record.scope) ?? new Map<string, RecordWrite>();
    state.records.set(row.record.scope, rows.set(recordKey(row.record), freezeRow(row)));
  }
  for (const line of writes.log) {
    const lines = state.log.get(line.scope) ?? new Map<number, StoredLine>();
    state.log.set(line.scope, lines.set(line.seq, Object.freeze({ ...line, at: writes.now })));
  }
  for (const location of writes.locations) state.locations.set(recordKey(location), frozen(location));
  for (const receipt of writes.receipts) {
    state.receipts.set(keyOf(receipt.actor, receipt.changeId), frozenJson(receipt));
  }
  for (const receipt of writes.finalReceipts) {
    const key = keyOf(receipt.actor, receipt.changeId);
    const known = state.receipts.get(key);
    if (known) state.receipts.set(key, frozenJson({ ...known, ...receipt }));
  }
  for (const conflict of writes.conflicts) {
    state.conflicts.set(keyOf(conflict.scope, conflict.id), frozenJson(conflict));
  }
  for (const change of writes.waiting) state.waiting.set(change.id, frozenJson(change));
  for (const id of writes.waitingDone) state.waiting.delete(id);
  for (const member of writes.memberships) {
    state.memberships.set(keyOf(member.scope, member.userId), frozen(member));
  }
  for (const digest of writes.digests) state.digests.set(keyOf(digest.scope, digest.type), frozen(digest));
  for (const bookmark of writes.bookmarks) keepBookmark(state, bookmark);
}

/** Saving one again makes it new; the oldest ones of a user go. */
export function keepBookmark(state: MemoryState, bookmark: Bookmark): void {
  const own = state.bookmarks.get(bookmark.userId) ?? new Map<string, Bookmark>();
  state.bookmarks.set(bookmark.userId, own);
  own.delete(bookmark.key);
  own.set(bookmark.key, frozenJson(bookmark));
  for (const key of own.keys()) {
    if (own.size <= LIMITS.bookmarksPerUserMax) break;
    own.delete(key);
  }
}

const frozen = <T extends object>(row: T): T => Object.freeze({ ...row });

/** For rows that are all JSON: a copy as a JSON column gives it back. */
const frozenJson = <T extends object>(row: T): T => Object.freeze(JSON.parse(JSON.stringify(row)) as T);

/** Records are many and never changed by those who share them: frozen in place where that shows mistakes. */
function freezeRow(row: RecordWrite): RecordWrite {
  Object.freeze(row.record.fields);
  return frozen({ ...row, record: frozen(row.record), checksum: row.checksum.slice() });
}
