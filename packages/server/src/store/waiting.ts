/** Changes that wait for a parent: whose parent is there by now? */
import type { RecordKey, WaitingChange } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { withKeptPlans } from './kept-plans.ts';
import { locationsOf } from './probes.ts';
import { recordsAt } from './read-batch.ts';
import { type WaitingRow, waitingOf } from './rows.ts';
import { ScopeNames } from './scope-names.ts';
import { textArray } from './sql-arrays.ts';
import { readWaitingByParent } from './statements/waiting/read-waiting-by-parent.ts';

/** Oldest first. A parent whose id was merged into another record's is there as long as that one lives. */
export async function waitingForParents(
  connection: Connection,
  parents: readonly RecordKey[],
): Promise<WaitingChange[]> {
  if (parents.length === 0) return [];
  const rows = await withKeptPlans(connection, () =>
    connection.rows<WaitingRow>(readWaitingByParent, [
      textArray(parents.map(({ type }) => type)),
      textArray(parents.map(({ id }) => id)),
    ]),
  );
  const waiting = rows.map(waitingOf);
  if (waiting.length === 0) return [];
  const there = await liveParents(
    connection,
    waiting.map(({ parent }) => parent),
  );
  return waiting.filter(({ parent }) => there.has(keyOf(parent)));
}

async function liveParents(
  connection: Connection,
  parents: readonly RecordKey[],
): Promise<ReadonlySet<string>> {
  const filed = await locationsOf(connection, parents);
  const stoodFor = filed.flatMap(({ type, aliasOf }) => (aliasOf === null ? [] : [{ type, id: aliasOf }]));
  const others = await locationsOf(connection, stoodFor);
  const places = [...filed, ...others];
  // Row-level security reads the list of this transaction, so both go into one.
  const [, , records] = await Promise.all([
    connection.command('BEGIN READ ONLY'),
    new ScopeNames(connection).name(places.map(({ scope }) => scope)),
    recordsAt(connection, places),
    connection.command('COMMIT'),
  ]);
  const live = new Set(records.filter(({ tombstone }) => tombstone === null).map(keyOf));
  return new Set(
    filed.filter((place) => live.has(keyOf({ type: place.type, id: place.aliasOf ?? place.id }))).map(keyOf),
  );
}

const keyOf = ({ type, id }: RecordKey): string => `${type}\0${id}`;
