/**
 * What was deleted over there before the first run: apps that still have it learn from a tombstone here that it is
 * gone. Each is made and deleted in one go, by somebody who may. Of some nobody can tell where they belonged; those
 * are passed over and counted, for nobody here could be told either.
 */
import { isUuid } from '@ackord/core';
import type { MovedRow, RawChange, Store } from '@ackord/server';
import { groupBy } from '@ackord/server';
import { type Carrying, changeIdOf, submitChanges } from './carry.ts';
import { inParallel } from './in-parallel.ts';
import type { Report } from './report.ts';
import { idsIn, quoted, type Row, type Source, type Table } from './source.ts';
import type { MovedType } from './tables.ts';
import { ownerHere, rolesHere } from './trip-owners.ts';
import type { MovedUsers } from './users.ts';
import { idOf, stampOf } from './values.ts';

const PAGE = 5_000;
const PAIRS_PER_SUBMISSION = 500;
const AT_ONCE = 16;

export interface TombstoneParts extends Carrying {
  readonly source: Source;
  readonly store: Store;
  readonly log: Table;
  readonly memory: Table | null;
  readonly users: MovedUsers;
  /** Who speaks for each trip that was taken over. */
  readonly owners: ReadonlyMap<string, string>;
}

interface Deleted {
  readonly id: string;
  readonly trip: string | null;
  readonly owner: string | null;
  readonly at: number | null;
}

/** Log entries of one type. `table`: where its rows would be; what is there again was not deleted for good. */
export async function buryOld(parts: TombstoneParts, type: MovedType, table: Table): Promise<void> {
  const { source, log, moved } = parts;
  const [id, kind, trip, owner, at] = ['entityId', 'entityType', 'tripId', 'ownerId', 'deletedAt'].map(
    (name) => log.columns.get(name),
  );
  if (!id || !kind) return;
  const values = [`${id.value} AS id`];
  for (const [name, column] of Object.entries({ trip, owner, at }))
    values.push(`${column?.value ?? 'NULL'} AS ${quoted(name)}`);
  let last: unknown = null;
  for (;;) {
    const rows: readonly Row[] = await source.rows(
      `SELECT ${values.join(', ')} FROM ${quoted(log.name)} AS t
       WHERE ${kind.value} = $1 AND ($2::text IS NULL OR ${id.value} > $2) ORDER BY ${id.value} LIMIT ${PAGE}`,
      [type, last],
    );
    const all = readable(parts.report, type, rows);
    const ids = all.map((one) => one.id);
    const known = new Set((await moved.read(type, ids)).map((row) => row.id));
    const present = await idsIn(source, table, ids);
    const open = all.filter((one) => !known.has(one.id) && !present.has(one.id));
    if (all.length > 0) parts.report.of(logNameOf(type)).unchanged += all.length - open.length;
    await bury(parts, type, open);
    last = rows.at(-1)?.id;
    if (rows.length < PAGE) return;
  }
}

const logNameOf = (type: MovedType): string => `${type} (deleted)`;

/** Counts all; those that name no record are left out. */
function readable(report: Report, type: MovedType, rows: readonly Row[]): Deleted[] {
  if (rows.length > 0) report.of(logNameOf(type)).read += rows.length;
  return rows.flatMap((row) => {
    const deleted = deletedOf(row);
    if (deleted !== null) return deleted;
    const reason = `It is of type ${type}, and its entityId is no UUID.`;
    report.leftOut(logNameOf(type), { table: 'deletion_log', id: JSON.stringify(row.id ?? ''), reason });
    return [];
  });
}

function deletedOf(row: Row): Deleted | null {
  const id = idOf(row.id);
  if (id === null || !isUuid(id)) return null;
  return { id, trip: idOf(row.trip), owner: idOf(row.owner), at: stampOf(row.at) };
}

interface Grave {
  readonly deleted: Deleted;
  readonly actor: string;
  readonly fields: { readonly [field: string]: unknown };
}

async function bury(parts: TombstoneParts, type: MovedType, deleted: readonly Deleted[]): Promise<void> {
  const graves = await gravesOf(parts, type, deleted);
  if (graves.length === 0) return;
  const counts = parts.report.of(logNameOf(type));
  if (parts.isDryRun) counts.created += graves.length;
  if (parts.isDryRun) return;
  const done: MovedRow[] = [];
  const lists = [...groupBy(graves, ({ actor }) => actor)].flatMap(([actor, list]) =>
    Array.from({ length: Math.ceil(list.length / PAIRS_PER_SUBMISSION) }, (_, index) => ({
      actor,
      list: list.slice(index * PAIRS_PER_SUBMISSION, (index + 1) * PAIRS_PER_SUBMISSION),
    })),
  );
  await inParallel(lists, AT_ONCE, async ({ actor, list }) => {
    const receipts = await submitChanges(
      parts,
      actor,
      list.flatMap((grave) => changesOf(type, grave)),
    );
    list.forEach(({ deleted: { id } }, index) => {
      const receipt = receipts[2 * index + 1];
      if (!receipt) return;
      if ('code' in receipt) {
        parts.report.leftOut(logNameOf(type), { table: 'deletion_log', id, reason: receipt.message });
        return;
      }
      counts.created += 1;
      done.push({ type, id, originId: id, actor, version: receipt.version ?? 0, fields: {}, isGone: true });
    });
  });
  await parts.moved.save(done);
}

function changesOf(type: MovedType, { deleted: { id, at }, fields }: Grave): RawChange[] {
  const change = (operation: 'CREATE' | 'DELETE', more: Pick<RawChange, 'fields' | 'base'>): RawChange => ({
    entityType: type,
    id,
    operation,
    clientTime: at,
    changeId: changeIdOf('buried', operation, type, id),
    ...more,
  });
  return [change('CREATE', { fields }), change('DELETE', { fields: {}, base: 1 })];
}

/** For each that somebody may bury; the others are counted. */
async function gravesOf(
  parts: TombstoneParts,
  type: MovedType,
  deleted: readonly Deleted[],
): Promise<Grave[]> {
  const { report, users } = parts;
  const graves = await possibleGraves(parts, type, deleted);
  const isBuried = new Set(graves.map((grave) => grave.deleted));
  for (const one of deleted) {
    if (isBuried.has(one)) continue;
    const waits = report.isLost('trip', one.trip) || users.leftOut.has(one.owner ?? '');
    if (waits) report.goesAlong(logNameOf(type), { table: 'deletion_log', id: one.id });
    else {
      report.of(logNameOf(type)).leftOut += 1;
      report.tally(
        `nobody's ${type}`,
        1,
        (rows) =>
          `deletion_log: ${rows} of type "${type}" tell nobody whose they were; apps are not told of them.`,
      );
    }
  }
  return graves;
}

/** The least that makes a record of the type; its name can't be that of a real one. */
async function possibleGraves(
  { source, store, memory, users, owners, isDryRun }: TombstoneParts,
  type: MovedType,
  deleted: readonly Deleted[],
): Promise<Grave[]> {
  if (type === 'Trip' || type === 'Tag' || type === 'TagCategory' || type === 'BucketListItem')
    return deleted.flatMap((one) => {
      if (one.owner === null || !users.ids.has(one.owner)) return [];
      const fields = { name: one.id, ...(type === 'Trip' && { startDate: '1970-01-01T00:00:00.000Z' }) };
      return [{ deleted: one, actor: one.owner, fields }];
    });
  const trips = [...new Set(deleted.flatMap(({ trip }) => trip ?? []))];
  const roles = await rolesHere(store, trips);
  const memories =
    type === 'MediaItem' ? await aMemoryOfEach(source, memory, trips) : new Map<string, string>();
  return deleted.flatMap((one): Grave[] => {
    // A trip that a dry run did not bring has its owner of over there.
    const speaker = isDryRun ? owners.get(one.trip ?? '') : undefined;
    const actor = ownerHere(roles.get(one.trip ?? ''), one.owner) ?? speaker ?? null;
    if (one.trip === null || actor === null) return [];
    if (type !== 'MediaItem')
      return [
        { deleted: one, actor, fields: { [type === 'Memory' ? 'title' : 'name']: '', tripId: one.trip } },
      ];
    const memoryId = memories.get(one.trip);
    return memoryId
      ? [{ deleted: one, actor, fields: { memoryId, objectName: 'deleted', mediaType: 'deleted' } }]
      : [];
  });
}

/** What a picture hangs on while its tombstone is made. */
async function aMemoryOfEach(
  source: Source,
  memory: Table | null,
  trips: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const [id, trip] = [memory?.columns.get('id'), memory?.columns.get('tripId')];
  if (!memory || !id || !trip || trips.length === 0) return new Map();
  const rows = await source.rows(
    `SELECT DISTINCT ON (t.${trip.name}) ${trip.value} AS trip, ${id.value} AS id
     FROM ${quoted(memory.name)} AS t WHERE ${trip.isListed} ORDER BY t.${trip.name}, t.${id.name}`,
    [trips],
  );
  return new Map(rows.map((row) => [String(row.trip), String(row.id)]));
}
