/**
 * Moves a travel journal in from the older server, whose tables it reads and never writes. May be run again and again,
 * while both servers are at work: what is here already is left alone, what changed there is changed here. Reads from
 * start to end: users, then what belongs to them, then trips with all that is in them, then what was deleted.
 */
import type { Engine, MovedRows, Store, UserStore } from '@ackord/server';
import { moveMediaItems, moveMemories, moveTracks, moveTrips, moveWishes } from './journal.ts';
import { moveMembers } from './members.ts';
import { deleteGone, type Move } from './move.ts';
import { passOver } from './passed-over.ts';
import { Names } from './rehearsal.ts';
import { type MovingReport, Report } from './report.ts';
import { moveRoutes } from './routes.ts';
import { quoted, type Source } from './source.ts';
import { type MovedType, TABLES } from './tables.ts';
import { moveTags } from './tags.ts';
import { buryOld } from './tombstones.ts';
import { findOwners } from './trip-owners.ts';
import { moveUsers } from './users.ts';

export interface MovingIn {
  readonly source: Source;
  readonly engine: Engine;
  readonly store: Store;
  readonly users: UserStore;
  readonly moved: MovedRows;
  /** Reads and counts, and writes nothing. */
  readonly isDryRun: boolean;
  /** Told the name of each table before it is read. */
  readonly onStep?: (table: string) => void;
}

export type MovingResult =
  | { readonly ok: true; readonly report: MovingReport }
  /** It is no database of the older server; nothing was written. */
  | { readonly ok: false; readonly message: string };

/** Throws a MovingStopped when it can't go on, and what reading the source throws. */
export async function moveIn(options: MovingIn): Promise<MovingResult> {
  const { source, store, moved, isDryRun, onStep = () => {} } = options;
  const report = new Report(isDryRun);
  const users = source.table('user', ['id']);
  const trips = source.table('trip', ['id', 'ownerId']);
  if (!users || !trips) return { ok: false, message: noTables(source.name) };
  onStep(users.name);
  const movedUsers = await moveUsers(source, users, options.users, report);
  const note = (text: string): void => report.note(text);
  const owners = await findOwners({ source, store, moved, users: movedUsers, note }, trips);
  await moveAll({ ...options, ...owners, report, names: new Names(), users: movedUsers, onStep });
  return { ok: true, report };
}

const noTables = (database: string): string =>
  `The database ${quoted(database)} has no tables "user" and "trip" that can be read: is it the one of the older server, and may the login read it?`;

async function moveAll(move: Move): Promise<void> {
  const tags = await moveTags(move);
  await moveWishes(move);
  await moveTrips(move);
  const members = move.source.table('trip_membership', ['id', 'userId', 'tripId', 'role']);
  if (members && ['id', 'userId', 'tripId', 'role'].every((name) => members.columns.has(name))) {
    move.onStep(members.name);
    await moveMembers(move, members);
  } else {
    const reason =
      'The table or its columns id, userId, tripId, role are not there: trips come without members.';
    move.report.problem({ table: 'trip_membership', id: '', reason });
  }
  await moveMemories(move, tags);
  await moveMediaItems(move);
  await moveTracks(move);
  await moveRoutes(move);
  // Children first: what moved to another trip has done so by now.
  for (const type of ['MediaItem', 'GPXTrack', 'Memory', 'Trip'] as const) await deleteGone(move, type);
  await moveTombstones(move);
}

async function moveTombstones(move: Move): Promise<void> {
  const { source, report } = move;
  const log = source.table('deletion_log', ['entityId', 'entityType', 'deletedAt', 'tripId', 'ownerId']);
  if (!log) {
    report.note('There is no table "deletion_log": apps are not told what was deleted before.');
    return;
  }
  move.onStep(log.name);
  const memory = source.table('memory', ['id', 'tripId']);
  await passOver({ report, source }, log);
  for (const type of Object.keys(TABLES) as MovedType[]) {
    const table = source.table(TABLES[type].name, ['id']);
    if (table) await buryOld({ ...move, log, memory }, type, table);
  }
}
