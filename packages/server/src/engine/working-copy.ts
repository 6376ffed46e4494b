/**
 * The state of the locked scopes as a batch sees it: what was read, with what the batch has decided so far laid over.
 * All decisions read from here and write to here; in the end `toWrites` (write.ts) says what has changed.
 * A transaction group that fails is rolled back to a mark.
 */
import {
  type Digest,
  type EntityType,
  type Fields,
  type RecordState,
  type Registry,
  type Role,
  type Stamp,
  sameDevice,
  type VersionLine,
} from '@ackord/core';
import type { ConflictView } from './conflict-view.ts';
import { ownScopes } from './place.ts';
import type {
  BatchDetailState,
  BatchState,
  Bookmark,
  FinalReceipt,
  Location,
  LogLine,
  Membership,
  RecordAt,
  RecordKey,
  ScopeState,
  StoredReceipt,
  WaitingChange,
} from './ports.ts';
import { type Call, recordAtKey, recordKey } from './unit.ts';

export const filedKey = (scope: string, type: string, id: string): string => `${scope} ${type} ${id}`;

type AuthoredLine = VersionLine & { readonly actor: string };

export class WorkingCopy {
  readonly now: number;
  readonly registry: Registry;
  readonly scopes: ReadonlyMap<string, ScopeState>;
  readonly heads = new Map<string, number>();
  readonly closed = new Set<string>();
  /** As read: what the digests are reckoned against. */
  readonly original = new Map<string, RecordState>();
  readonly records = new Map<string, RecordState>();
  readonly locations = new Map<string, Location>();
  readonly newLocations = new Map<string, Location>();
  readonly memberships = new Map<string, Membership>();
  readonly newMemberships = new Map<string, Membership>();
  readonly receipts = new Map<string, StoredReceipt>();
  readonly newReceipts = new Map<string, StoredReceipt>();
  readonly finalReceipts = new Map<string, FinalReceipt>();
  readonly conflicts = new Map<string, ConflictView>();
  readonly newConflicts = new Map<string, ConflictView>();
  readonly digests = new Map<string, Digest>();
  /** Of whom any change waits, as far as that was asked. */
  readonly actorsWaiting: ReadonlySet<string>;
  readonly dirty = new Set<string>();
  readonly log: LogLine[] = [];
  readonly waiting: WaitingChange[] = [];
  readonly waitingDone: string[] = [];
  readonly bookmarks: Bookmark[] = [];
  /** By record, in order of versions. */
  readonly #history = new Map<string, AuthoredLine[]>();
  readonly #versionsAt = new Map<string, number>();
  /** Candidates by owner, deletion and unique key; entries may be out of date and are checked when read. */
  readonly #index = new Map<string, Set<string>>();
  /** Who wrote which version, as far as this batch knows. */
  readonly #writers = new Map<string, string>();
  #undo: (() => void)[] | null = null;
  #hasAliases = false;

  constructor(registry: Registry, now: number, scopes: readonly ScopeState[], state: BatchState) {
    this.registry = registry;
    this.now = now;
    this.scopes = new Map(scopes.map((scope) => [scope.id, scope]));
    for (const scope of scopes) {
      this.heads.set(scope.id, scope.head);
      if (scope.closedAt !== null) this.closed.add(scope.id);
    }
    for (const location of state.locations) this.#place(location);
    for (const record of state.records) this.#load(record);
    for (const receipt of state.receipts) this.receipts.set(`${receipt.actor} ${receipt.changeId}`, receipt);
    for (const membership of state.memberships)
      this.memberships.set(`${membership.scope} ${membership.userId}`, membership);
    for (const { scope, type, digest } of state.digests) this.digests.set(`${scope} ${type}`, digest);
    for (const conflict of state.conflicts) this.conflicts.set(conflict.id, conflict);
    this.actorsWaiting = new Set(state.actorsWaiting);
  }

  addDetails(details: BatchDetailState): void {
    for (const record of details.records) {
      this.#load(record);
      // What was found in another way than by its id is filed where it was found.
      const key = recordKey(record.type, record.id);
      if (!this.locations.has(key))
        this.locations.set(key, { type: record.type, id: record.id, scope: record.scope, aliasOf: null });
    }
    for (const conflict of details.conflicts) this.conflicts.set(conflict.id, conflict);
    for (const found of details.versionsAt) this.#versionsAt.set(recordAtKey(found), found.version);
    const extended = new Set<AuthoredLine[]>();
    for (const { type, id, version, at, actor, before } of details.history) {
      const lines = this.#historyOf(recordKey(type, id));
      lines.push({ version, at, actor, before });
      extended.add(lines);
    }
    for (const lines of extended) lines.sort((a, b) => a.version - b.version);
  }

  #load(record: RecordState): void {
    const key = filedKey(record.scope, record.type, record.id);
    if (this.records.has(key)) return;
    this.original.set(key, record);
    this.records.set(key, record);
    this.#enter(record, key);
  }

  #place(location: Location): void {
    this.locations.set(recordKey(location.type, location.id), location);
    this.#hasAliases ||= location.aliasOf !== null;
  }

  // ---- reading

  /** Does any known id stand for another one? Mostly none does, and then nobody has to look. */
  get hasAliases(): boolean {
    return this.#hasAliases;
  }

  locate(type: string, id: string): Location | null {
    return this.locations.get(recordKey(type, id)) ?? null;
  }

  /** The id under which a record lives: another one, if this id is an alias. */
  canonical(type: string, id: string): string {
    return this.locate(type, id)?.aliasOf ?? id;
  }

  /** The record where it is filed today; null when it is unknown, or filed in a scope that is not locked. */
  record(type: string, id: string): RecordState | null {
    const location = this.locate(type, id);
    return location ? (this.records.get(filedKey(location.scope, type, id)) ?? null) : null;
  }

  has(scope: string): boolean {
    return this.scopes.has(scope);
  }

  /** Role of a user in a locked scope. A user's own scope is always its own. */
  role(scope: string, user: string): Role | null {
    if (ownScopes(user).includes(scope)) return 'OWNER';
    const membership = this.memberships.get(`${scope} ${user}`);
    return membership && membership.revokedAt === null ? membership.role : null;
  }

  /** Live records owned by this one, at all depths; those of one owner in the order in which they last moved. */
  descendants(record: RecordKey & { readonly scope: string }): RecordState[] {
    const found: RecordState[] = [];
    const children = this.#candidates(`owner ${record.scope} ${record.id}`);
    for (const child of children.sort((a, b) => a.seq - b.seq)) {
      if (child.tombstone !== null || this.ownerOf(child) !== record.id) continue;
      if (this.registry.type(child.type).owner?.type !== record.type) continue;
      found.push(child, ...this.descendants(child));
    }
    return found;
  }

  /** Tombstones that one deletion made. */
  buriedBy(scope: string, deletion: string): RecordState[] {
    return this.#candidates(`deletion ${scope} ${deletion}`).filter(
      ({ tombstone }) => tombstone?.kind === 'deleted' && tombstone.deletion === deletion,
    );
  }

  holderOf(scope: string, type: EntityType, uniqueKey: string, except: string): RecordState | null {
    const holders = this.#candidates(`unique ${scope} ${type.key} ${uniqueKey}`);
    return (
      holders.find(
        (holder) =>
          holder.tombstone === null && holder.id !== except && type.unique?.key(holder.fields) === uniqueKey,
      ) ?? null
    );
  }

  /** History of a record after a version, oldest first. */
  historyAfter(type: string, id: string, version: number): VersionLine[] {
    const lines = this.#history.get(recordKey(type, id)) ?? [];
    // From the end: most changes are based on the version before the last one.
    let from = lines.length;
    while (from > 0 && (lines[from - 1]?.version ?? 0) > version) from--;
    return lines.slice(from);
  }

  /** The version that the record had at a position of its scope; 0: it was not there, or nobody asked. */
  versionAt(at: RecordAt): number {
    return this.#versionsAt.get(recordAtKey(at)) ?? 0;
  }

  /** Who made a version of a record, as far as its history was read. */
  authorOf(type: string, id: string, version: number): string | null {
    const lines = this.#history.get(recordKey(type, id)) ?? [];
    return lines.find((line) => line.version === version)?.actor ?? null;
  }

  #historyOf(key: string): AuthoredLine[] {
    const lines = this.#history.get(key) ?? [];
    if (lines.length === 0) this.#history.set(key, lines);
    return lines;
  }

  receipt(actor: string, changeId: string): StoredReceipt | null {
    const key = `${actor} ${changeId}`;
    return this.newReceipts.get(key) ?? this.receipts.get(key) ?? null;
  }

  ownerOf(record: { readonly type: string; readonly fields: Fields }): string | null {
    const owner = this.registry.type(record.type).owner;
    const id = owner ? record.fields[owner.field] : null;
    return typeof id === 'string' ? id : null;
  }

  /** Was this version of the record written by the submission itself? Then nobody else's was overwritten by it. */
  isOf(call: Call, { type, id }: RecordKey, stamp: Stamp): boolean {
    if (!call.changeIds.has(stamp.change)) return false;
    // What of it was committed before this batch is known by its device, which names its user too.
    return (
      sameDevice(stamp.device, call.writer) ||
      this.#writers.get(`${type} ${id} ${stamp.version}`) === call.actor
    );
  }

  // ---- writing

  /** Notes who wrote a version, in this batch or in an earlier try of the same change. */
  noteWriter({ type, id }: RecordKey, version: number, actor: string): void {
    this.#set(this.#writers, `${type} ${id} ${version}`, actor);
  }

  /** Files a record with the next seq of its scope and writes the log line. Gives it back as it was filed. */
  save(
    record: RecordState,
    line: Pick<LogLine, 'operation' | 'actor' | 'device' | 'changeId' | 'outcome' | 'before'>,
  ): RecordState {
    const seq = this.nextSeq(record.scope);
    const key = filedKey(record.scope, record.type, record.id);
    // It rises with every line, also within one batch: some receivers take only what is strictly newer.
    const updatedAt = Math.max(this.now, (this.records.get(key)?.updatedAt ?? 0) + 1);
    const filed = { ...record, seq, updatedAt };
    this.#set(this.records, key, filed);
    this.#add(this.dirty, key);
    this.#enter(filed, key);
    this.#push(this.log, {
      scope: record.scope,
      seq,
      type: record.type,
      id: record.id,
      version: record.version,
      ...line,
    });
    if (line.operation !== 'REFEED' && line.operation !== 'MOVE_OUT') {
      const { version } = record;
      this.noteWriter(record, version, line.actor);
      this.#push(this.#historyOf(recordKey(record.type, record.id)), {
        version,
        at: this.now,
        actor: line.actor,
        before: line.before,
      });
    }
    return filed;
  }

  /** A log line that is about no record: access to the scope. */
  note(line: Omit<LogLine, 'seq'>): void {
    this.#push(this.log, { ...line, seq: this.nextSeq(line.scope) });
  }

  nextSeq(scope: string): number {
    const head = this.heads.get(scope);
    if (head === undefined) throw new Error(`Scope ${scope} is not locked`);
    this.#set(this.heads, scope, head + 1);
    return head + 1;
  }

  file(location: Location): void {
    const key = recordKey(location.type, location.id);
    this.#set(this.locations, key, location);
    this.#set(this.newLocations, key, location);
    this.#hasAliases ||= location.aliasOf !== null;
  }

  setMembership(membership: Membership): void {
    const key = `${membership.scope} ${membership.userId}`;
    this.#set(this.memberships, key, membership);
    this.#set(this.newMemberships, key, membership);
  }

  close(scope: string): void {
    this.#add(this.closed, scope);
  }

  reopen(scope: string): void {
    this.#undo?.push(() => this.closed.add(scope));
    this.closed.delete(scope);
  }

  keepReceipt(receipt: StoredReceipt): void {
    this.#set(this.newReceipts, `${receipt.actor} ${receipt.changeId}`, receipt);
  }

  /** The change had waited, and has its receipt already. */
  replaceReceipt(receipt: FinalReceipt): void {
    const key = `${receipt.actor} ${receipt.changeId}`;
    const known = this.receipts.get(key);
    if (known) this.#set(this.receipts, key, { ...known, ...receipt });
    this.#set(this.finalReceipts, key, receipt);
  }

  keepConflict(conflict: ConflictView): void {
    this.#set(this.conflicts, conflict.id, conflict);
    this.#set(this.newConflicts, conflict.id, conflict);
  }

  keepWaiting(change: WaitingChange): void {
    this.#push(this.waiting, change);
  }

  endWaiting(id: string): void {
    this.#push(this.waitingDone, id);
  }

  // ---- transaction groups

  /** Begins a part that can be taken back as a whole. Parts don't nest. */
  mark(): void {
    this.#undo = [];
  }

  keepPart(): void {
    this.#undo = null;
  }

  rollBackPart(): void {
    const undo = this.#undo ?? [];
    this.#undo = null;
    for (const step of undo.reverse()) step();
  }

  #set<K, V>(map: Map<K, V>, key: K, value: V): void {
    if (this.#undo) {
      const had = map.has(key);
      const before = map.get(key);
      this.#undo.push(() => (had ? map.set(key, before as V) : map.delete(key)));
    }
    map.set(key, value);
  }

  #add<V>(set: Set<V>, value: V): void {
    if (set.has(value)) return;
    this.#undo?.push(() => set.delete(value));
    set.add(value);
  }

  #push<V>(list: V[], value: V): void {
    this.#undo?.push(() => list.pop());
    list.push(value);
  }

  // ---- finding records of the copy

  #enter(record: RecordState, key: string): void {
    const owner = this.ownerOf(record);
    if (owner !== null) this.#indexUnder(`owner ${record.scope} ${owner}`, key);
    if (record.tombstone?.kind === 'deleted')
      this.#indexUnder(`deletion ${record.scope} ${record.tombstone.deletion}`, key);
    const uniqueKey = this.registry.type(record.type).unique?.key(record.fields) ?? null;
    if (uniqueKey !== null) this.#indexUnder(`unique ${record.scope} ${record.type} ${uniqueKey}`, key);
  }

  #indexUnder(entry: string, key: string): void {
    const keys = this.#index.get(entry);
    if (keys) keys.add(key);
    else this.#index.set(entry, new Set([key]));
  }

  #candidates(entry: string): RecordState[] {
    const keys = this.#index.get(entry);
    if (!keys) return [];
    return [...keys].flatMap((key) => this.records.get(key) ?? []);
  }
}
