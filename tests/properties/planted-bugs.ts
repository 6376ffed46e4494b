/**
 * Bugs of a server, planted into the store beneath its engine: each is one that somebody could write. The invariants
 * must find every one of them, else they could not fail.
 */
import type { RecordState } from '@ackord/core';
import type { FeedRows, Snapshot, Store, StoreTransaction, WriteSet } from '@ackord/server';
import type { InvariantId } from './violation.ts';

export interface PlantedBug {
  readonly name: string;
  /** What it breaks; it may be noticed by any of these first. */
  readonly breaks: readonly InvariantId[];
  /** How long plans must be, where only much that happens brings it about. */
  readonly stepsMax?: number;
  /** The store with the bug in it. */
  readonly plant: (store: Store) => Store;
}

const LONG = 200;

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a receipt is not stored',
    breaks: ['I2'],
    plant: (store) => writing(store, (writes) => ({ ...writes, receipts: [] })),
  },
  {
    name: 'a conflict is answered, and not kept',
    breaks: ['I10'],
    plant: (store) => writing(store, (writes) => ({ ...writes, conflicts: [] })),
  },
  {
    name: 'a line of the log is lost',
    breaks: ['I5', 'I1'],
    plant: (store) => writing(store, (writes) => ({ ...writes, log: writes.log.slice(0, -1) })),
  },
  {
    name: 'a seq is left out',
    breaks: ['I5'],
    plant: (store) => writing(store, leaveOutSeq),
  },
  {
    name: 'a version is left out',
    breaks: ['I6'],
    plant: (store) => writing(store, leaveOutVersion),
  },
  {
    name: 'an update is acknowledged, and not written',
    breaks: ['I5', 'I6', 'I1'],
    plant: (store) =>
      writing(store, (writes) => ({
        ...writes,
        records: writes.records.filter(({ record: { version } }) => version === 1),
      })),
  },
  {
    name: 'a tombstone is dropped',
    breaks: ['I11', 'I5', 'I4'],
    plant: (store) => writing(store, withoutTombstones),
  },
  {
    name: 'a digest is not kept up',
    breaks: ['I4'],
    plant: (store) => writing(store, (writes) => ({ ...writes, digests: [] })),
  },
  {
    name: 'a cascade misses a child',
    breaks: ['I9'],
    plant: (store) => transacting(store, { readDetails: missChild }),
  },
  {
    name: 'a role outlives its end',
    breaks: ['I12'],
    plant: (store) => reading(store, { memberships: keepEndedRoles }),
  },
  {
    name: 'a page skips a row',
    breaks: ['I5', 'I9', 'I4'],
    plant: (store) => feeding(store, ({ rows, ancestors }) => ({ rows: withoutSecond(rows), ancestors })),
  },
  {
    name: 'a page has no tombstones',
    breaks: ['I5', 'I4', 'I9'],
    plant: (store) =>
      feeding(store, ({ rows, ancestors }) => ({
        rows: rows.filter(({ tombstone }) => tombstone === null),
        ancestors,
      })),
  },
  {
    name: 'a page has children without their parents in front',
    breaks: ['I9'],
    stepsMax: LONG,
    plant: (store) => feeding(store, ({ rows }) => ({ rows, ancestors: [] })),
  },
  {
    name: 'a page has a row of a foreign scope',
    breaks: ['I12', 'I4', 'I9'],
    plant: addForeignRow,
  },
  {
    name: 'a change that waits is forgotten when its parent comes',
    breaks: ['I1'],
    stepsMax: LONG,
    plant: (store) => instead(store, { waitingFor: async () => [], awaitedParents: async () => [] }),
  },
];

// ---- bugs of writing

function leaveOutSeq(writes: WriteSet): WriteSet {
  const last = writes.log.at(-1);
  if (!last) return writes;
  const isIt = ({ scope, seq }: { readonly scope: string; readonly seq: number }): boolean =>
    scope === last.scope && seq === last.seq;
  return {
    ...writes,
    log: writes.log.map((line) => (isIt(line) ? { ...line, seq: line.seq + 1 } : line)),
    heads: writes.heads.map((one) => (one.scope === last.scope ? { ...one, head: last.seq + 1 } : one)),
    records: writes.records.map((row) =>
      isIt(row.record) ? { ...row, record: { ...row.record, seq: last.seq + 1 } } : row,
    ),
  };
}

function leaveOutVersion(writes: WriteSet): WriteSet {
  const next = <T extends { readonly version: number }>(one: T): T =>
    one.version > 1 ? { ...one, version: one.version + 1 } : one;
  return {
    ...writes,
    log: writes.log.map(next),
    records: writes.records.map((row) => ({ ...row, record: next(row.record) })),
  };
}

const withoutTombstones = (writes: WriteSet): WriteSet => ({
  ...writes,
  records: writes.records.map((row) => {
    const isDeletion = row.record.tombstone?.kind === 'deleted';
    return isDeletion ? { ...row, record: { ...row.record, tombstone: null, deletedAt: null } } : row;
  }),
});

// ---- bugs of reading

type Details = StoreTransaction['readDetails'];
type Memberships = Snapshot['memberships'];

const missChild =
  (real: Details): Details =>
  async (request) => {
    const details = await real(request);
    return request.descendantsOf.length === 0 ? details : { ...details, records: details.records.slice(1) };
  };

const keepEndedRoles =
  (real: Memberships): Memberships =>
  async (userId) =>
    (await real(userId)).map((membership) => ({ ...membership, revokedAt: null }));

const withoutSecond = (rows: readonly RecordState[]): readonly RecordState[] =>
  rows.filter((_, at) => at !== 1 || rows.length < 3);

/** The newest record that anybody wrote, whoever asks. */
function addForeignRow(store: Store): Store {
  let newest: RecordState | null = null;
  const noting = writing(store, (writes) => {
    newest = writes.records.at(-1)?.record ?? newest;
    return writes;
  });
  return feeding(noting, ({ rows, ancestors }) => ({
    rows,
    ancestors: newest === null ? ancestors : [...ancestors, newest],
  }));
}

// ---- where bugs get in

/** The same thing with some of its methods replaced. */
function instead<T extends object>(real: T, methods: Partial<T>): T {
  return new Proxy(real, {
    get(_, name) {
      const value: unknown = Reflect.get(name in methods ? methods : real, name);
      return typeof value === 'function' && !(name in methods) ? value.bind(real) : value;
    },
  });
}

/** For each method that is named: from the real one to the one to use. */
type Spoiling<T> = { readonly [name in keyof T]?: (real: T[name]) => T[name] };

function spoil<T extends object>(real: T, spoiling: Spoiling<T>): T {
  const methods: Partial<T> = {};
  for (const name of Object.keys(spoiling) as (keyof T & string)[]) {
    const method = instead(real, {})[name];
    const replaced = spoiling[name]?.(method);
    if (replaced !== undefined) methods[name] = replaced;
  }
  return instead(real, methods);
}

const transacting = (store: Store, spoiling: Spoiling<StoreTransaction>): Store =>
  instead(store, {
    transaction: (work) => store.transaction((running) => work(spoil(running, spoiling))),
  });

const writing = (store: Store, change: (writes: WriteSet) => WriteSet): Store =>
  transacting(store, { write: (real) => (writes) => real(change(writes)) });

const reading = (store: Store, spoiling: Spoiling<Snapshot>): Store =>
  instead(store, { snapshot: (work) => store.snapshot((snapshot) => work(spoil(snapshot, spoiling))) });

const feeding = (store: Store, change: (rows: FeedRows) => FeedRows): Store =>
  reading(store, { feed: (real) => async (query) => change(await real(query)) });
