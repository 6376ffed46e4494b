/** Where records lie and what users may do there: one round trip for all callers that ask at the same time. */

import { groupBy } from '../engine/group-by.ts';
import type { Location, Membership, Placement, PlaceRequest, RecordKey } from '../engine/ports.ts';
import type { Connection, SqlValue } from './connection.ts';
import { withKeptPlans } from './kept-plans.ts';
import { distinctBy } from './probes.ts';
import { type MembershipRow, membershipOf, type WaitingRow, waitingOf } from './rows.ts';
import { textArray } from './sql-arrays.ts';
import { readPlaces } from './statements/location/read-places.ts';
import { readMembershipsIn } from './statements/member/read-memberships-in.ts';
import { readClock } from './statements/session/read-clock.ts';
import { readActorsWaiting } from './statements/waiting/read-actors-waiting.ts';
import { readWaitingByTarget } from './statements/waiting/read-waiting-by-target.ts';

interface PlaceRow {
  readonly user_id: string;
  readonly type: string;
  readonly id: string;
  readonly scope_id: string;
  readonly alias_of: string | null;
  readonly role: MembershipRow['role'] | null;
  readonly granted_at: number | null;
  readonly revoked_at: number | null;
}

export async function placeAll(
  connection: Connection,
  requests: readonly PlaceRequest[],
): Promise<readonly Placement[]> {
  // Many calls of one user may name the same parent, or the same scope.
  const asked = distinctBy(
    requests.flatMap(({ userId, keys }) => keys.map((key) => ({ userId, ...key }))),
    ({ userId, type, id }) => keyOf(userId, type, id),
  );
  const pairs = distinctBy(
    requests.flatMap(({ userId, scopes }) => scopes.map((scope) => ({ userId, scope }))),
    ({ userId, scope }) => keyOf(userId, scope),
  );
  const users = [...new Set(requests.map(({ userId }) => userId))];
  const [clock, places, memberships, actorsWaiting] = await withKeptPlans(connection, () =>
    Promise.all([
      connection.rows<{ now: number }>(readClock),
      asked.length > 0 ? connection.rows<PlaceRow>(readPlaces, triplesOf(asked)) : [],
      pairs.length > 0
        ? connection.rows<MembershipRow>(readMembershipsIn, [
            textArray(pairs.map((pair) => pair.userId)),
            textArray(pairs.map((pair) => pair.scope)),
          ])
        : [],
      connection.rows<{ user_id: string }>(readActorsWaiting, [textArray(users)]),
    ]),
  );
  const whoWaits = new Set(actorsWaiting.map(({ user_id }) => user_id));
  const awaited = asked.filter(({ userId }) => whoWaits.has(userId));
  // Seldom does anything wait, and of whom nothing waits nothing waits for these either.
  const waiting =
    awaited.length > 0 ? await connection.rows<WaitingRow>(readWaitingByTarget, triplesOf(awaited)) : [];
  const now = clock[0]?.now ?? 0;
  const placesByKey = groupBy(places, ({ user_id, type, id }) => keyOf(user_id, type, id));
  const membershipsByKey = groupBy(memberships, ({ user_id, scope_id }) => keyOf(user_id, scope_id));
  const waitingByKey = groupBy(waiting.map(waitingOf), ({ actor, target }) =>
    keyOf(actor, target.type, target.id),
  );
  // By key, not by user: hundreds of calls of one user may share a read, and each would walk through all of its rows.
  return requests.map(({ userId, keys, scopes }) => {
    const wanted = [...new Set(keys.map(({ type, id }) => keyOf(userId, type, id)))];
    const found = wanted.flatMap((key) => placesByKey.get(key) ?? []);
    const named = scopes.flatMap((scope) => membershipsByKey.get(keyOf(userId, scope)) ?? []);
    return {
      now,
      locations: found.map(locationOf),
      memberships: distinctMemberships([...found.flatMap(membershipAt), ...named.map(membershipOf)]),
      waiting: wanted.flatMap((key) => waitingByKey.get(key) ?? []),
      hasWaiting: whoWaits.has(userId),
    };
  });
}

const triplesOf = (asked: readonly (RecordKey & { readonly userId: string })[]): SqlValue[] => [
  textArray(asked.map(({ userId }) => userId)),
  textArray(asked.map(({ type }) => type)),
  textArray(asked.map(({ id }) => id)),
];

const keyOf = (...parts: readonly string[]): string => parts.join('\0');

const locationOf = ({ type, id, scope_id, alias_of }: PlaceRow): Location => ({
  type,
  id,
  scope: scope_id,
  aliasOf: alias_of,
});

function membershipAt({ user_id, scope_id, role, granted_at, revoked_at }: PlaceRow): Membership[] {
  if (role === null || granted_at === null) return [];
  return [membershipOf({ user_id, scope_id, role, granted_at, revoked_at })];
}

const distinctMemberships = (memberships: readonly Membership[]): Membership[] => [
  ...new Map(memberships.map((membership) => [membership.scope, membership])).values(),
];
