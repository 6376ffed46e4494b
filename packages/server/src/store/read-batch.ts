/**
 * What a batch reads first, after its scopes are locked: one round trip, two when it spans many scopes, and it is not
 * known where its records would lie.
 */
import type { RecordState } from '@ackord/core';
import type { BatchRead, BatchState, Location } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import {
  distinct,
  distinctBy,
  locationsOf,
  type Probe,
  probesByLocation,
  probesInEach,
  tryEachScope,
} from './probes.ts';
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

export async function readBatch(connection: Connection, request: BatchRead): Promise<BatchState> {
  const { keys, actors } = request;
  const scopes = distinct(request.scopes);
  const trying = tryEachScope(scopes);
  const unknown = keys.filter(({ scope }) => scope === undefined);
  // In scopes that are not locked nothing is looked at.
  const locked = new Set(scopes);
  const probes = keys.flatMap(({ scope, type, id }) =>
    scope === undefined || !locked.has(scope) ? [] : [{ scope, type, id }],
  );
  const [locations, receipts, members, digests, , tried] = await Promise.all([
    locationsOf(connection, keys),
    readReceiptRows(connection, request),
    actors.length === 0
      ? []
      : connection.rows<MembershipRow>(readMembers, [textArray(scopes), textArray(distinct(actors))]),
    connection.rows<DigestRow>(readDigests, [textArray(scopes)]),
    connection.command(PLAN_ANEW),
    recordsAt(connection, trying ? [...probes, ...probesInEach(unknown, scopes)] : probes),
  ]);
  const isDone = trying || unknown.length === 0;
  return {
    locations,
    records: isDone
      ? tried
      : distinctBy([...tried, ...(await recordsFiled(connection, locations, scopes))], probeKey),
    receipts: receipts.map(receiptOf),
    memberships: members.map(membershipOf),
    digests: digests.map(digestOf),
  };
}

/** Where the locations say, and what moved records have left behind in scopes that are asked for too. */
async function recordsFiled(
  connection: Connection,
  locations: readonly Location[],
  scopes: readonly string[],
): Promise<RecordState[]> {
  const records = await recordsAt(connection, probesByLocation(locations, scopes));
  const isWanted = new Set(scopes);
  const left = records.flatMap(({ type, id, formerScopes }) =>
    formerScopes.filter((scope) => isWanted.has(scope)).map((scope) => ({ scope, type, id })),
  );
  return distinctBy([...records, ...(await recordsAt(connection, left))], probeKey);
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

const probeKey = ({ scope, type, id }: Probe): string => `${scope}\0${type}\0${id}`;

async function readReceiptRows(connection: Connection, { receipts }: BatchRead): Promise<ReceiptRow[]> {
  if (receipts.length === 0) return [];
  return connection.rows<ReceiptRow>(readReceipts, [
    textArray(receipts.map(({ actor }) => actor)),
    textArray(receipts.map(({ changeId }) => changeId)),
  ]);
}
