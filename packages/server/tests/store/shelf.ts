/**
 * The little world in which stores are tested: libraries own books, books own pages, and a tag's name is unique in
 * its library. Helpers make rows of it and write them. Every test uses fresh ids, so all can share one database.
 */
import { randomUUID } from 'node:crypto';
import {
  canonicalJson,
  createRegistry,
  defineDomain,
  defineEntity,
  type FieldClock,
  type Fields,
  type RecordState,
  type Registry,
  recordChecksum,
  text,
  uuid,
} from '@ackord/core';
import { expect } from 'vitest';
import type { ConflictView } from '../../src/engine/conflict-view.ts';
import type {
  Bookmark,
  LockedScopes,
  LogLine,
  RecordKey,
  RecordWrite,
  Snapshot,
  Store,
  StoreTransaction,
  TransactionEnd,
  WaitingChange,
  WriteSet,
} from '../../src/engine/ports.ts';

const library = defineEntity({
  name: 'Library',
  plural: 'libraries',
  fields: { name: text() },
  scope: { root: 'library' },
});
const book = defineEntity({
  name: 'Book',
  plural: 'books',
  fields: { libraryId: uuid(), title: text() },
  references: { libraryId: { to: 'Library', onDelete: 'cascade' } },
  scope: 'owner',
});
const page = defineEntity({
  name: 'Page',
  plural: 'pages',
  fields: { bookId: uuid(), text: text() },
  references: { bookId: { to: 'Book', onDelete: 'cascade' } },
  scope: 'owner',
});
const tag = defineEntity({
  name: 'Tag',
  plural: 'tags',
  fields: { libraryId: uuid(), name: text() },
  references: { libraryId: { to: 'Library', onDelete: 'cascade' } },
  scope: 'owner',
  unique: {
    fields: ['name'],
    key: ({ name }) => (typeof name === 'string' ? name.toLowerCase() : null),
  },
});

/** Every store under test is made for this registry. */
export const storeTestRegistry: Registry = createRegistry([
  defineDomain({ name: 'shelf', entities: [library, book, page, tag], ids: 'uuid' }),
]);

export const LIBRARY = 'shelf.Library';
export const BOOK = 'shelf.Book';
export const PAGE = 'shelf.Page';
export const TAG = 'shelf.Tag';

/** What a test gets: one store through two handles, which may be the same where there is only one server. */
export interface World {
  readonly store: Store;
  readonly second: Store;
}

/** Some moment, milliseconds since 1970: what the rows of the tests are stamped with. */
export const T0 = 1_750_000_000_000;

export interface Place {
  readonly id: string;
  readonly scope: string;
}

/** A scope that nobody has used yet, and the id of its root. */
export function newPlace(): Place {
  const id = randomUUID();
  return { id, scope: `library:${id}` };
}

const clock: FieldClock = { '*': { version: 1, time: T0, device: 'phone', change: 'change-1' } };

/** A live record, version 1, whose seq is what the test says. */
export function recordOf(
  type: string,
  scope: string,
  seq: number,
  fields: Fields,
  more: Partial<RecordState> = {},
): RecordState {
  const stamps = { createdAt: T0, updatedAt: T0 + 1, createdBy: 'ann', updatedBy: 'bob' };
  const state = { priority: 1, clock, tombstone: null, deletedAt: null, formerScopes: [] } as const;
  return { scope, type, id: randomUUID(), version: 1, seq, ...stamps, ...state, fields, ...more };
}

export const libraryOf = ({ id, scope }: Place, seq: number, more: Partial<RecordState> = {}): RecordState =>
  recordOf(LIBRARY, scope, seq, { name: 'Alexandria' }, { id, ...more });

export const bookOf = ({ id, scope }: Place, seq: number, more: Partial<RecordState> = {}): RecordState =>
  recordOf(BOOK, scope, seq, { libraryId: id, title: `Book ${seq}` }, more);

export const pageOf = (parent: RecordState, seq: number, more: Partial<RecordState> = {}): RecordState =>
  recordOf(PAGE, parent.scope, seq, { bookId: parent.id, text: `Page ${seq}` }, more);

export const tagOf = (
  place: Place,
  seq: number,
  name: string,
  more: Partial<RecordState> = {},
): RecordState => recordOf(TAG, place.scope, seq, { libraryId: place.id, name }, more);

/** The record after its deletion, one version later. */
export function deleted(record: RecordState, seq: number, deletion: string = randomUUID()): RecordState {
  const root = { type: record.type, id: record.id };
  const tombstone = { kind: 'deleted', deletion, root, time: T0 + 5, device: null } as const;
  return { ...record, seq, version: record.version + 1, updatedAt: T0 + 5, deletedAt: T0 + 5, tombstone };
}

/** The row of a record, with owner and unique key as the registry has them. */
export function rowOf(record: RecordState): RecordWrite {
  const type = storeTestRegistry.type(record.type);
  const owner = type.owner && record.fields[type.owner.field];
  const uniqueKey = record.tombstone ? null : (type.unique?.key(record.fields) ?? null);
  return {
    record,
    fieldsText: canonicalJson(record.fields),
    checksum: recordChecksum(record),
    owner: typeof owner === 'string' ? owner : null,
    uniqueKey,
  };
}

export const keyOf = ({ type, id }: RecordKey): RecordKey => ({ type, id });

export const locationOf = ({ type, id, scope }: RecordState) => ({ type, id, scope, aliasOf: null });

export function lineOf({ scope, seq, type, id, version }: RecordState, more: Partial<LogLine> = {}): LogLine {
  const operation = version === 1 ? 'CREATE' : 'UPDATE';
  const by = { actor: 'ann', device: 'phone', changeId: null, outcome: 'applied', before: null } as const;
  return { scope, seq, type, id, version, operation, ...by, ...more };
}

export const writeSet = (parts: Partial<WriteSet>): WriteSet => ({
  now: T0,
  heads: [],
  records: [],
  locations: [],
  log: [],
  receipts: [],
  finalReceipts: [],
  conflicts: [],
  waiting: [],
  waitingDone: [],
  memberships: [],
  digests: [],
  bookmarks: [],
  ...parts,
});

export async function bookmarkAt(store: Store, userId: string, key: string): Promise<Bookmark | null> {
  const [bookmark] = await store.bookmarks([{ userId, key }]);
  return bookmark ?? null;
}

/** One transaction that locks the scopes and writes. */
export const write = (
  store: Store,
  scopes: readonly string[],
  parts: Partial<WriteSet>,
): Promise<TransactionEnd<LockedScopes>> =>
  store.transaction(async (transaction) => {
    const locked = await transaction.lockScopes(scopes, { wait: true });
    await transaction.write(writeSet(parts));
    return locked;
  });

/** Writes that must succeed. */
export async function commit(
  store: Store,
  scopes: readonly string[],
  parts: Partial<WriteSet>,
): Promise<void> {
  const end = await write(store, scopes, parts);
  expect(end).toMatchObject({ outcome: 'committed' });
}

/** Everything that belongs to new states of records: rows, locations, log, heads. */
export function writesFor(records: readonly RecordState[]): Partial<WriteSet> {
  const scopes = [...new Set(records.map(({ scope }) => scope))];
  const newest = (scope: string) =>
    Math.max(...records.filter((record) => record.scope === scope).map(({ seq }) => seq));
  return {
    heads: scopes.map((scope) => ({ scope, head: newest(scope), closed: false })),
    records: records.map(rowOf),
    locations: records.filter(({ tombstone }) => tombstone?.kind !== 'moved').map(locationOf),
    log: records.map((record) => lineOf(record)),
  };
}

export const put = (store: Store, ...records: readonly RecordState[]): Promise<void> =>
  commit(store, [...new Set(records.map(({ scope }) => scope))], writesFor(records));

/** Runs the work in a transaction that holds the scopes, and gives what it found. */
export async function within<T>(
  store: Store,
  scopes: readonly string[],
  work: (transaction: StoreTransaction, locked: LockedScopes) => Promise<T>,
): Promise<T> {
  const end = await store.transaction(async (transaction) =>
    work(transaction, await transaction.lockScopes(scopes, { wait: true })),
  );
  if (end.outcome !== 'committed') throw new Error(`The transaction ended: ${end.outcome}, ${end.cause}`);
  return end.value;
}

/** What a snapshot of just now says. */
export const look = <T>(store: Store, work: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
  store.snapshot(work);

export const recordsIn = (store: Store, scope: string, keys: readonly RecordKey[]) =>
  look(store, (snapshot) => snapshot.records([scope], keys));

/** The head of a scope; 0 where nothing has happened, whether or not the scope has a row. */
export async function headOf(store: Store, scope: string): Promise<number> {
  const [state] = await look(store, (snapshot) => snapshot.scopes([scope]));
  return state?.head ?? 0;
}

export interface Holder {
  readonly locked: LockedScopes;
  /** Lets the transaction write, if there is anything, and end. */
  release(parts?: Partial<WriteSet>): Promise<TransactionEnd<LockedScopes>>;
}

/** A transaction that has locked the scopes and sits on them. */
export async function hold(store: Store, scopes: readonly string[]): Promise<Holder> {
  const entered = gate<LockedScopes>();
  const leave = gate<Partial<WriteSet> | undefined>();
  const end = store.transaction(async (transaction) => {
    const locked = await transaction.lockScopes(scopes, { wait: true });
    entered.open(locked);
    const parts = await leave.opened;
    if (parts) await transaction.write(writeSet(parts));
    return locked;
  });
  const failed = end.then((ended) => Promise.reject(new Error(`Could not hold: ${ended.outcome}`)));
  const locked = await Promise.race([entered.opened, failed]);
  failed.catch(() => undefined);
  return {
    locked,
    release: (parts) => {
      leave.open(parts);
      return end;
    },
  };
}

/** A promise that the test opens itself. */
export function gate<T>(): { readonly opened: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open: (value) => open(value) };
}

/** A pending conflict of `ann` about a record. */
export function conflictOf(record: RecordState, more: Partial<ConflictView> = {}): ConflictView {
  return {
    id: randomUUID(),
    scope: record.scope,
    type: record.type,
    entityId: record.id,
    conflictType: 'VERSION_MISMATCH',
    status: 'pending',
    strategy: 'MANUAL_RESOLUTION',
    winner: null,
    fields: ['title'],
    serverVersion: 3,
    clientVersion: 1,
    base: { title: 'Before' },
    server: record.fields,
    client: { title: 'After' },
    clientDeletes: false,
    serverTime: T0 + 10,
    clientTime: T0 + 20,
    rival: null,
    actor: 'ann',
    device: 'phone',
    changeId: 'change-7',
    createdAt: T0 + 30,
    resolvedAt: null,
    resolvedBy: null,
    resolution: null,
    decidedVersion: 3,
    payload: null,
    ...more,
  };
}

export function waitingChange(
  actor: string,
  parent: RecordKey,
  more: Partial<WaitingChange> = {},
): WaitingChange {
  const target = { type: PAGE, id: randomUUID() };
  const payload = { change: { fields: { text: 'later' } }, list: [1, null] };
  return {
    id: randomUUID(),
    actor,
    parent,
    target,
    conflictId: randomUUID(),
    payload,
    createdAt: T0,
    ...more,
  };
}

/** For lists whose order the port leaves open. */
export const sorted = <T>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => {
    const [left, right] = [sortText(a), sortText(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });

const sortText = (item: unknown): string =>
  JSON.stringify(item, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof value === 'bigint'
        ? value.toString()
        : value,
  );

export const expectSame = <T>(actual: readonly T[], expected: readonly T[]): void =>
  expect(sorted(actual)).toEqual(sorted(expected));

export const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
