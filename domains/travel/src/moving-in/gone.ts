/**
 * What was taken over and is not over there any more is deleted here too. Where people changed it here since, the
 * rules of sync decide, as for every deletion that did not see an edit.
 */
import type { MovedRow, RawChange } from '@ackord/server';
import { groupBy, type Store } from '@ackord/server';
import { type Carrying, changeIdOf, type Item, MovingStopped, submitChanges } from './carry.ts';
import { inParallel } from './in-parallel.ts';
import { idsIn, quoted, type Source, type Table } from './source.ts';

import { ownerHere, rolesHere } from './trip-owners.ts';
import { stampOf } from './values.ts';

const PAGE = 2_000;
const AT_ONCE = 16;

export interface GoneParts extends Carrying {
  readonly source: Source;
  readonly store: Store;
  /** The deletion log. */
  readonly log: Table | null;
}

type KnownRow = MovedRow & { readonly movedAt: number };

export async function removeGone(parts: GoneParts, type: Item['type'], table: Table): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const rows: readonly KnownRow[] = await parts.moved.page(type, after, PAGE);
    const present = await idsIn(parts.source, table, [...new Set(rows.map(({ originId }) => originId))]);
    const gone = rows.filter(({ originId }) => !present.has(originId));
    if (gone.length === rows.length && rows.length >= SUSPICIOUS_ROWS)
      throw new MovingStopped(
        `Not one of ${rows.length} rows of "${table.name}" that were taken over before is there any more. Most likely this is another database than last time; nothing was deleted. If it is the right one, delete the rest there in smaller steps, with a run after each.`,
      );
    await remove(parts, type, gone);
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE) return;
  }
}

/** Fewer may well have been deleted by somebody; an empty database that took the place of the old one must not empty this. */
const SUSPICIOUS_ROWS = 100;

async function remove(parts: GoneParts, type: Item['type'], gone: readonly KnownRow[]): Promise<void> {
  if (gone.length === 0) return;
  const counts = parts.report.of(type);
  if (parts.isDryRun) counts.deleted += gone.length;
  if (parts.isDryRun) return;
  const times = await deletionTimes(parts, gone);
  const actors = await actorsOf(parts, type, gone);
  const lists = groupBy(gone, ({ id }) => actors.get(id) ?? '');
  const done: MovedRow[] = [];
  await inParallel([...lists], AT_ONCE, async ([actor, rows]) => {
    const receipts = await submitChanges(
      parts,
      actor,
      rows.map((row) => deletionOf(row, times.get(row.originId))),
    );
    receipts.forEach((receipt, index) => {
      const row = rows[index];
      if (!row) return;
      if ('code' in receipt) {
        // Somebody took it away here: there is nothing left to do.
        if (receipt.code === 'FORBIDDEN') done.push({ ...row, isGone: true });
        else parts.report.problem({ table: type, id: row.originId, reason: receipt.message });
        return;
      }
      if (receipt.stands) counts.deleted += 1;
      else
        parts.report.tally(
          `stays ${type}`,
          1,
          (rows) => `${type}: ${rows} deleted over there, changed here since: kept.`,
        );
      done.push({ ...row, isGone: true });
    });
  });
  await parts.moved.save(done);
}

/** Without an entry in the log it was deleted at some time after it was taken over: edits here that are later win. */
const deletionOf = (row: KnownRow, deletedAt: number | undefined): RawChange => ({
  entityType: row.type,
  id: row.id,
  operation: 'DELETE',
  base: row.version,
  clientTime: deletedAt ?? row.movedAt,
  changeId: changeIdOf('gone', row.type, row.id, row.version),
  fields: {},
});

async function deletionTimes(
  { source, log }: GoneParts,
  gone: readonly KnownRow[],
): Promise<ReadonlyMap<string, number>> {
  const [id, at] = [log?.columns.get('entityId'), log?.columns.get('deletedAt')];
  const times = new Map<string, number>();
  if (!log || !id || !at) return times;
  const rows = await source.rows(
    `SELECT ${id.value} AS id, ${at.value} AS at FROM ${quoted(log.name)} AS t WHERE ${id.isListed}`,
    [gone.map(({ originId }) => originId)],
  );
  for (const row of rows) {
    const time = stampOf(row.at);
    if (time !== null) times.set(String(row.id), time);
  }
  return times;
}

/** Who may delete each: of what lies in a trip, an owner of today. */
async function actorsOf(
  { store }: GoneParts,
  type: Item['type'],
  gone: readonly KnownRow[],
): Promise<ReadonlyMap<string, string>> {
  const keys = gone.map(({ id }) => ({ type: `travel.${type}`, id }));
  const filed = await store.snapshot((snapshot) => snapshot.locations(keys));
  const scopes = new Map(filed.map(({ id, scope }) => [id, scope]));
  const trips = [...new Set(scopes.values())].flatMap((scope) =>
    scope.startsWith('trip:') ? [scope.slice('trip:'.length)] : [],
  );
  const roles = await rolesHere(store, trips);
  return new Map(
    gone.map(({ id, actor }) => {
      const trip = scopes.get(id)?.replace(/^trip:/, '') ?? '';
      return [id, ownerHere(roles.get(trip), actor) ?? actor];
    }),
  );
}
