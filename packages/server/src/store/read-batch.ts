/**
 * What a batch reads first, along with the locks of its scopes: one round trip, and another one only for records that
 * lie, or have lain, where nobody looked for them.
 */
import type { RecordState } from '@ackord/core';
import type { BatchRead, BatchState, Location, WantedKey } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { distinct, distinctBy, locationsOf, type Probe, probesByLocation, tryEachScope } from './probes.ts';
import { type ConflictRow, openConflictsOf } from './read-details.ts';
import { type RecordRow, recordOf } from './record-row.ts';
import {
  type DigestRow,
  digestOf,
  type MembershipRow,
  membershipOf,
  type ReceiptRow,
  receiptOf,
} from './rows.ts';
import { textArray } from './sql-arrays.ts';
import { readDigests } from './statements/digest/read-digests.ts';
import { readMembers } from './statements/member/read-members.ts';
import { readReceipts } from './statements/receipt/read-receipts.ts';
import { readRecords } from './statements/record/read-records.ts';
import { PLAN_ANEW } from './statements/session/plans.ts';
import { readActorsWaiting } from './statements/waiting/read-actors-waiting.ts';

export async function readBatch(connection: Connection, request: BatchRead): Promise<BatchState> {
  const { keys, actors, waiters = [] } = request;
  const scopes = distinct(request.scopes);
  const probes = firstProbes(keys, scopes);
  const isDisputable = disputableAmong(keys);
  const [locations, receipts, members, digests, waiting, conflicts, , records] = await Promise.all([
    locationsOf(connection, keys),
    readReceiptRows(connection, request),
    actors.length === 0
      ? []
      : connection.rows<MembershipRow>(readMembers, [textArray(scopes), textArray(distinct(actors))]),
    connection.rows<DigestRow>(readDigests, [textArray(scopes)]),
    waiters.length === 0
      ? []
      : connection.rows<{ user_id: string }>(readActorsWaiting, [textArray(distinct(waiters))]),
    openConflictsOf(connection, probes.filter(isDisputable)),
    connection.command(PLAN_ANEW),
    recordsAt(connection, probes),
  ]);
  const further = await lookFurther(connection, { locations, scopes, probes, records, isDisputable });
  return {
    locations,
    records: [...records, ...further.records],
    receipts: receipts.map(receiptOf),
    memberships: members.map(membershipOf),
    digests: digests.map(digestOf),
    conflicts: [...conflicts, ...further.conflicts].map(({ body }) => body),
    actorsWaiting: waiting.map(({ user_id }) => user_id),
  };
}

/** Where somebody expects a record, or else everywhere, if that is not much. In scopes that are not locked nothing is looked at. */
function firstProbes(keys: readonly WantedKey[], scopes: readonly string[]): Probe[] {
  const locked = new Set(scopes);
  const everywhere = tryEachScope(scopes) ? scopes : [];
  return keys.flatMap(({ type, id, likely = everywhere }) =>
    likely.flatMap((scope) => (locked.has(scope) ? [{ scope, type, id }] : [])),
  );
}

/** Of which records are open conflicts asked for? */
function disputableAmong(keys: readonly WantedKey[]): (probe: Probe) => boolean {
  const names = new Set(keys.flatMap((key) => (key.withConflicts ? [nameOf(key)] : [])));
  return (probe) => names.has(nameOf(probe));
}

interface Looked {
  readonly locations: readonly Location[];
  readonly scopes: readonly string[];
  readonly probes: readonly Probe[];
  readonly records: readonly RecordState[];
  readonly isDisputable: (probe: Probe) => boolean;
}

interface Found {
  readonly records: RecordState[];
  readonly conflicts: ConflictRow[];
}

/** Where the locations say, and at what moved records have left behind in scopes that are asked for too. */
async function lookFurther(connection: Connection, looked: Looked): Promise<Found> {
  const { locations, scopes, isDisputable } = looked;
  const isWanted = new Set(scopes);
  const probed = new Set(looked.probes.map(probeKey));
  const found: Found = { records: [], conflicts: [] };
  for (let last = looked.records; ; ) {
    const left = last.flatMap(({ type, id, formerScopes }) =>
      formerScopes.flatMap((scope) => (isWanted.has(scope) ? [{ scope, type, id }] : [])),
    );
    const more = [...probesByLocation(locations, scopes), ...left].filter(
      (probe) => !probed.has(probeKey(probe)),
    );
    if (more.length === 0) return found;
    for (const probe of more) probed.add(probeKey(probe));
    const [records, conflicts] = await Promise.all([
      recordsAt(connection, more),
      openConflictsOf(connection, more.filter(isDisputable)),
    ]);
    found.records.push(...records);
    found.conflicts.push(...conflicts);
    last = records;
  }
}

export async function recordsAt(connection: Connection, probes: readonly Probe[]): Promise<RecordState[]> {
  if (probes.length === 0) return [];
  const wanted = distinctBy(probes, probeKey);
  const rows = await connection.rows<RecordRow>(readRecords, [
    textArray(wanted.map(({ scope }) => scope)),
    textArray(wanted.map(({ type }) => type)),
    textArray(wanted.map(({ id }) => id)),
  ]);
  return rows.map(recordOf);
}

const nameOf = ({ type, id }: Pick<Probe, 'type' | 'id'>): string => `${type}\0${id}`;

const probeKey = (probe: Probe): string => `${probe.scope}\0${nameOf(probe)}`;

async function readReceiptRows(connection: Connection, { receipts }: BatchRead): Promise<ReceiptRow[]> {
  if (receipts.length === 0) return [];
  return connection.rows<ReceiptRow>(readReceipts, [
    textArray(receipts.map(({ actor }) => actor)),
    textArray(receipts.map(({ changeId }) => changeId)),
  ]);
}
