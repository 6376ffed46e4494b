/**
 * What the server really holds, read past the engine: logs, records, conflicts, digests, receipts. And the histories
 * that follow from them: what every version of a record was.
 */
import type { Fields, RecordState, Registry } from '@ackord/core';
import type { ConflictView, LogLine, ScopeDigest, ScopeState, Store } from '@ackord/server';
import { keyOf } from './replica.ts';
import { holds } from './violation.ts';

export interface Line extends LogLine {
  readonly at: number;
}

/** The logs of scopes, each in order of seq. */
export type ReadLogs = (scopes: readonly string[]) => Promise<ReadonlyMap<string, readonly Line[]>>;

export interface Truth {
  readonly scopes: ReadonlyMap<string, ScopeState>;
  readonly logs: ReadonlyMap<string, readonly Line[]>;
  /** Tombstones and moved marks included. */
  readonly records: readonly RecordState[];
  readonly conflicts: readonly ConflictView[];
  readonly digests: readonly ScopeDigest[];
  readonly histories: ReadonlyMap<string, History>;
}

/** A record's life. `versions[n]` is version n + 1. */
export interface History {
  readonly type: string;
  readonly id: string;
  readonly versions: readonly Version[];
  /** Where it is filed today. */
  readonly record: RecordState;
}

export interface Version {
  readonly version: number;
  readonly line: Line;
  /** As it was right after. */
  readonly fields: Fields;
}

const ROWS_MAX = 5_000;

export async function readTruth(
  store: Store,
  readLogs: ReadLogs,
  scopeIds: readonly string[],
): Promise<Truth> {
  const logs = await readLogs(scopeIds);
  return store.snapshot(async (snapshot) => {
    const scopes = new Map((await snapshot.scopes(scopeIds)).map((scope) => [scope.id, scope]));
    const { rows } = await snapshot.feed({
      scopes: [...scopes.values()].map(({ id, head }) => ({
        scope: id,
        after: 0,
        upTo: head,
        createdUntil: null,
      })),
      types: null,
      priority: 0,
      limit: ROWS_MAX,
    });
    const conflicts = await snapshot.conflicts({
      scopes: scopeIds,
      id: null,
      actor: null,
      types: null,
      openOnly: false,
      limit: ROWS_MAX,
    });
    const digests = await snapshot.digests(scopeIds);
    return { scopes, logs, records: rows, conflicts, digests, histories: historiesOf(logs, rows) };
  });
}

/** Lines that made a version: not those that only send a record again, and not the mark that a move leaves behind. */
const makesVersion = ({ operation, type }: Line): boolean =>
  operation !== 'REFEED' && operation !== 'MOVE_OUT' && operation !== 'CLOSE' && type !== 'ackord.Member';

function historiesOf(
  logs: ReadonlyMap<string, readonly Line[]>,
  records: readonly RecordState[],
): ReadonlyMap<string, History> {
  const lines = new Map<string, Line[]>();
  for (const line of [...logs.values()].flat()) {
    if (makesVersion(line)) lines.set(keyOf(line), [...(lines.get(keyOf(line)) ?? []), line]);
  }
  const histories = new Map<string, History>();
  for (const [key, made] of lines) {
    made.sort((a, b) => a.version - b.version);
    const filed = records.filter((record) => keyOf(record) === key);
    const record = filed.find(({ tombstone }) => tombstone?.kind !== 'moved') ?? filed[0];
    holds('I5', record !== undefined, 'the log tells of a record that is in no feed', () => made);
    if (record)
      histories.set(key, { type: record.type, id: record.id, record, versions: versionsOf(record, made) });
  }
  return histories;
}

/** Goes back from the record as it is, by the values that each line replaced. */
function versionsOf(record: RecordState, lines: readonly Line[]): readonly Version[] {
  const versions: Version[] = [];
  let fields = record.fields;
  for (const line of [...lines].reverse()) {
    versions.unshift({ version: line.version, line, fields });
    fields = { ...fields, ...line.before };
  }
  return versions;
}

/** The live records of some scopes. */
export const liveIn = (truth: Truth, scopes: ReadonlySet<string>): readonly RecordState[] =>
  truth.records.filter(({ scope, tombstone }) => tombstone === null && scopes.has(scope));

export const typesOf = (registry: Registry): readonly string[] => [...registry.types.keys()];
