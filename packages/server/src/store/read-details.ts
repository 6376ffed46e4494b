/** What a batch reads second, and only the parts that are asked for: all in one round trip. */
import type { ConflictView } from '../engine/conflict-view.ts';
import type { BatchDetailState, BatchDetails, HistoryLine, RecordAt } from '../engine/ports.ts';
import type { Connection, SqlValue } from './connection.ts';
import type { Owners } from './owners.ts';
import { distinctBy } from './probes.ts';
import { type RecordRow, recordOf } from './record-row.ts';
import { bigintArray, integerArray, textArray } from './sql-arrays.ts';
import type { Statement } from './statement.ts';
import { readConflictsById } from './statements/conflict/read-conflicts-by-id.ts';
import { readOpenConflicts } from './statements/conflict/read-open-conflicts.ts';
import { readHistory } from './statements/log/read-history.ts';
import { readVersionsAt } from './statements/log/read-versions-at.ts';
import { readDeletions } from './statements/record/read-deletions.ts';
import { readDescendants } from './statements/record/read-descendants.ts';
import { readUniqueHolders } from './statements/record/read-unique-holders.ts';
import { PLAN_ANEW } from './statements/session/plans.ts';

interface HistoryRow extends Omit<HistoryLine, 'at'> {
  readonly at: number;
}

type InScope = { readonly scope: string };

export async function readDetails(
  connection: Connection,
  owners: Owners,
  request: BatchDetails,
): Promise<BatchDetailState> {
  /** A statement over items: a column per getter, then `more`. */
  const ask = <Row extends object, Item extends InScope>(
    statement: Statement,
    items: readonly Item[],
    columns: readonly ((item: Item) => string)[],
    more: readonly SqlValue[] = [],
  ): Promise<Row[]> => {
    if (items.length === 0) return Promise.resolve([]);
    const lists = columns.map((column) => textArray(items.map(column)));
    return connection.rows<Row>(statement, [...lists, ...more]);
  };
  const key = [scope, ({ type }: { type: string }) => type, ({ id }: { id: string }) => id] as const;
  const lines = request.history.flatMap((wanted) => wanted.scopes.map((scope) => ({ ...wanted, scope })));
  const after = integerArray(lines.map((line) => line.after));

  const [, history, descendants, deleted, holders, open, named, versionsAt] = await Promise.all([
    connection.command(PLAN_ANEW),
    ask<HistoryRow, (typeof lines)[number]>(readHistory, lines, key, [after]),
    ask<RecordRow, BatchDetails['descendantsOf'][number]>(readDescendants, request.descendantsOf, key, [
      owners.types,
      owners.ownerTypes,
    ]),
    ask<RecordRow, BatchDetails['deletions'][number]>(readDeletions, request.deletions, [
      scope,
      ({ deletion }) => deletion,
    ]),
    ask<RecordRow, BatchDetails['uniques'][number]>(readUniqueHolders, request.uniques, [
      scope,
      ({ type }) => type,
      (unique) => unique.key,
    ]),
    openConflictsOf(connection, request.openConflicts),
    ask<ConflictRow, BatchDetails['conflicts'][number]>(readConflictsById, request.conflicts, [
      scope,
      ({ id }) => id,
    ]),
    ask<BatchDetailState['versionsAt'][number], RecordAt>(readVersionsAt, request.versionsAt, key, [
      bigintArray(request.versionsAt.map(({ seq }) => seq)),
    ]),
  ]);
  return {
    history,
    records: distinctBy([...descendants, ...deleted, ...holders], rowKey).map(recordOf),
    conflicts: distinctBy(
      [...open, ...named].map(({ body }) => body),
      ({ scope: of, id }) => `${of}\0${id}`,
    ),
    versionsAt,
  };
}

export interface ConflictRow {
  readonly body: ConflictView;
}

/** Pending ones about the records. */
export async function openConflictsOf(
  connection: Connection,
  records: BatchDetails['openConflicts'],
): Promise<readonly ConflictRow[]> {
  if (records.length === 0) return [];
  return connection.rows<ConflictRow>(readOpenConflicts, [
    textArray(records.map(scope)),
    textArray(records.map(({ type }) => type)),
    textArray(records.map(({ id }) => id)),
  ]);
}

const scope = (item: InScope): string => item.scope;

const rowKey = (row: RecordRow): string => `${row.scope_id}\0${row.type}\0${row.id}`;
