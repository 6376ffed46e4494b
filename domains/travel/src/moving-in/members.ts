/** Who is in which trip. A role that people changed here since it was taken over stays as it is here. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Engine, MovedRow, Store } from '@ackord/server';
import { type Carrying, hashOf, MovingStopped } from './carry.ts';
import { inParallel } from './in-parallel.ts';
import { idsIn, pagesOf, type Source, type Table } from './source.ts';
import {
  memberOf,
  membersOf,
  type OldMember,
  ownerHere,
  type RolesOfTrip,
  rolesHere,
} from './trip-owners.ts';
import type { MovedUsers } from './users.ts';

export const MEMBERSHIP = 'TripMembership';
const PAGE = 2_000;
const AT_ONCE = 32;
const TRIES_MAX = 50;

export interface MemberParts extends Carrying {
  readonly source: Source;
  readonly store: Store;
  readonly users: MovedUsers;
  /** Who speaks for each trip that can be taken over. */
  readonly owners: ReadonlyMap<string, string>;
}

export async function moveMembers(parts: MemberParts, table: Table): Promise<void> {
  const { source, report } = parts;
  for await (const rows of pagesOf(source, table)) {
    report.of(MEMBERSHIP).read += rows.length;
    const members: OldMember[] = [];
    for (const row of rows) {
      const member = memberOf(row);
      const place = { table: table.name, id: String(row.id) };
      const problem = member ? problemOf(parts, member) : 'It has no trip, no user or no known role.';
      if (member && waits(parts, member)) report.goesAlong(MEMBERSHIP, place);
      else if (problem !== null) report.leftOut(MEMBERSHIP, { ...place, reason: problem });
      else if (member) members.push(member);
    }
    await bring(parts, table, members);
  }
  await removeGone(parts, table);
}

const waits = ({ report, users }: MemberParts, { tripId, userId }: OldMember): boolean =>
  report.isLost('trip', tripId) || users.leftOut.has(userId);

function problemOf({ users, owners }: MemberParts, { tripId, userId }: OldMember): string | null {
  if (!users.ids.has(userId)) return 'Its user is not there.';
  return owners.has(tripId) ? null : 'Its trip is not there.';
}

async function bring(parts: MemberParts, table: Table, members: readonly OldMember[]): Promise<void> {
  const { moved, report, store, isDryRun } = parts;
  const counts = report.of(MEMBERSHIP);
  const states = await moved.read(
    MEMBERSHIP,
    members.map(({ id }) => id),
  );
  const stateOf = new Map(states.map((state) => [state.id, state]));
  const open = members.filter((member) => {
    const state = stateOf.get(member.id);
    const isSame = state && !state.isGone && state.fields.role === hashOf(member.role);
    if (isSame) counts.unchanged += 1;
    return !isSame;
  });
  const done: MovedRow[] = [];
  // Owners first, so that an owner who is none any more can be told so by another.
  for (const list of [open.filter(isOwner), open.filter((member) => !isOwner(member))]) {
    const roles = await rolesHere(store, [...new Set(list.map(({ tripId }) => tripId))]);
    await inParallel(list, AT_ONCE, async (member) => {
      const state = stateOf.get(member.id) ?? null;
      const here = roles.get(member.tripId);
      const isNew = state === null || state.isGone;
      // A trip that a dry run did not bring has nobody in it yet.
      const plan: Plan = isDryRun && !here ? { kind: 'same' } : planFor(here, member, state);
      const problem =
        plan.kind === 'grant' && !isDryRun
          ? await setRole(parts.engine, { ...member, actor: plan.actor })
          : plan.kind === 'impossible'
            ? plan.reason
            : null;
      if (problem !== null) {
        report.leftOut(MEMBERSHIP, { table: table.name, id: member.id, reason: problem });
        return;
      }
      counts[plan.kind === 'kept' ? 'kept' : isNew ? 'created' : 'changed'] += 1;
      if (!isDryRun) done.push(rowOf(member));
    });
  }
  await moved.save(done);
}

const isOwner = ({ role }: OldMember): boolean => role === 'OWNER';

const rowOf = ({ id, tripId, userId, role }: OldMember): MovedRow => ({
  type: MEMBERSHIP,
  id,
  originId: id,
  actor: userId,
  version: 0,
  fields: { role: hashOf(role), tripId },
  isGone: false,
});

type Plan =
  | { readonly kind: 'same' | 'kept' }
  | { readonly kind: 'grant'; readonly actor: string }
  | { readonly kind: 'impossible'; readonly reason: string };

function planFor(here: RolesOfTrip | undefined, { userId, role }: OldMember, state: MovedRow | null): Plan {
  if (!here) return { kind: 'impossible', reason: 'Its trip was not taken over.' };
  const today = here.get(userId) ?? null;
  if (today === role) return { kind: 'same' };
  const isTouched = state !== null && !state.isGone && state.fields.role !== hashOf(today);
  if (isTouched) return { kind: 'kept' };
  const others = new Map([...here].filter(([user]) => user !== userId));
  const actor = ownerHere(others, null);
  return actor === null
    ? { kind: 'impossible', reason: 'It would take the last owner away.' }
    : { kind: 'grant', actor };
}

async function setRole(
  engine: Engine,
  {
    actor,
    tripId,
    userId,
    role,
  }: Pick<OldMember, 'tripId' | 'userId'> & { actor: string; role: OldMember['role'] | null },
): Promise<string | null> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const done = await engine.setMember({ actor: { userId: actor }, scope: `trip:${tripId}`, userId, role });
    if (done.ok) return null;
    if (done.code !== 'BUSY' && done.code !== 'UNAVAILABLE') return done.message;
    await pause(200);
  }
  throw new MovingStopped('The new server took no changes for some time.');
}

/** Who is out over there is out here, unless the role was changed here. */
async function removeGone(parts: MemberParts, table: Table): Promise<void> {
  const { moved, source, store, report, isDryRun } = parts;
  let after: string | null = null;
  for (;;) {
    const rows: readonly MovedRow[] = await moved.page(MEMBERSHIP, after, PAGE);
    const present = await idsIn(
      source,
      table,
      rows.map(({ id }) => id),
    );
    const gone = rows.filter(({ id }) => !present.has(id));
    const ids = [...new Set(gone.flatMap(({ fields }) => fields.tripId ?? []))];
    const [roles, left] = [await rolesHere(store, ids), await stillMembers(parts, table, ids)];
    const done: MovedRow[] = [];
    if (isDryRun && gone.length > 0) report.of(MEMBERSHIP).deleted += gone.length;
    if (!isDryRun)
      await inParallel(gone, AT_ONCE, async (row) => {
        const isOver =
          left.trips.has(row.fields.tripId ?? '') && !left.members.has(pairOf(row.fields.tripId, row.actor));
        const problem = isOver ? await revoke(parts, row, roles) : null;
        if (problem === null) done.push({ ...row, isGone: true });
        else report.problem({ table: table.name, id: row.id, reason: problem });
      });
    await moved.save(done);
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE) return;
  }
}

const pairOf = (trip: string | undefined, user: string): string => `${trip} ${user}`;

/** Trips that are there, and who is still in them: by another row, where somebody was taken out and in again. */
async function stillMembers({ source }: MemberParts, table: Table, trips: readonly string[]) {
  const tripTable = source.table('trip', ['id']);
  const members = await membersOf(source, table, trips);
  return {
    trips: tripTable ? await idsIn(source, tripTable, trips) : new Set<string>(),
    members: new Set(members.map(({ tripId, userId }) => pairOf(tripId, userId))),
  };
}

async function revoke(
  { engine, report }: MemberParts,
  { fields, actor: userId }: MovedRow,
  roles: ReadonlyMap<string, RolesOfTrip>,
): Promise<string | null> {
  const { tripId = '' } = fields;
  const here = roles.get(tripId);
  const today = here?.get(userId) ?? null;
  const counts = report.of(MEMBERSHIP);
  if (!here || today === null || hashOf(today) !== fields.role) {
    if (!here || today === null) counts.deleted += 1;
    else
      report.tally(
        'stays in',
        1,
        (rows) => `${MEMBERSHIP}: ${rows} deleted over there, changed here since: kept.`,
      );
    return null;
  }
  const actor = ownerHere(new Map([...here].filter(([user]) => user !== userId)), null);
  if (actor === null) return 'It would take the last owner away.';
  const problem = await setRole(engine, { actor, tripId, userId, role: null });
  if (problem === null) counts.deleted += 1;
  return problem;
}
