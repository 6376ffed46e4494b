/** Wishes, trips, and what is in trips: memories, media items and tracks. Parents come before children. */
import { deleteGone, inTrip, itemOf, type Move, moveTable, tableOf, userOf } from './move.ts';
import { quoted, type Row, type Table } from './source.ts';
import type { TagOwners } from './tag-owners.ts';
import { idOf } from './values.ts';

const TRIP_MISSING = 'Its trip is not there.';

export async function moveWishes(move: Move): Promise<void> {
  const type = 'BucketListItem';
  const table = tableOf(move, type);
  if (!table) return;
  await deleteGone(move, type);
  await moveTable(move, {
    type,
    table,
    items: (row) => {
      const creator = idOf(row.creatorId);
      if (creator !== null && move.users.leftOut.has(creator)) return null;
      return creator !== null && move.users.ids.has(creator)
        ? [itemOf(move, { type, table }, row, creator)]
        : 'It has no creator among the users, so nobody could see it.';
    },
  });
}

export async function moveTrips(move: Move): Promise<void> {
  const type = 'Trip';
  const table = tableOf(move, type);
  if (!table) return;
  await moveTable(move, {
    type,
    table,
    items: (row) => {
      const id = idOf(row.id) ?? '';
      const [owner, awaited] = [move.owners.get(id), move.awaited.get(id)];
      if (owner !== undefined) return [itemOf(move, { type, table }, row, owner)];
      return awaited === undefined
        ? 'It has no owner and no editor among the users that were taken over.'
        : `Its owner ${awaited} was left out.`;
    },
  });
}

export async function moveMemories(move: Move, tags: TagOwners): Promise<void> {
  const type = 'Memory';
  const table = tableOf(move, type);
  if (!table) return;
  const links = move.source.table('memory_tags_tag', ['memoryId', 'tagId']);
  if (links?.columns.size !== 2)
    move.report.note('There is no table "memory_tags_tag" with its columns: memories come without tags.');
  await moveTable(move, {
    type,
    table,
    prepare: (rows) => withTags(move, rows, links, tags),
    items: (row) =>
      inTrip(move, idOf(row.tripId), TRIP_MISSING, (owner) =>
        itemOf(move, { type, table }, row, owner, idOf(row.creatorId)),
      ),
  });
}

/** Memories name the tags of the user on whose account they go. */
async function withTags(
  move: Move,
  rows: readonly Row[],
  links: Table | null,
  owners: TagOwners,
): Promise<readonly Row[]> {
  const [memoryId, tagId] = [links?.columns.get('memoryId'), links?.columns.get('tagId')];
  if (!links || !memoryId || !tagId) return rows;
  const found = await move.source.rows(
    `SELECT t.${memoryId.name}::text AS memory, t.${tagId.name}::text AS tag FROM ${quoted(links.name)} AS t
     WHERE ${memoryId.isListed} ORDER BY 1, 2`,
    [rows.map((row) => row.id)],
  );
  const tags = new Map<string, string[]>();
  for (const row of found) {
    const memory = String(row.memory);
    tags.set(memory, [...(tags.get(memory) ?? []), String(row.tag)]);
  }
  return rows.map((row) => {
    const user = userOf(move, idOf(row.creatorId), idOf(row.tripId)) ?? '';
    const mine = (tags.get(String(row.id)) ?? []).map((tag) => owners.linkFor(tag, user));
    return { ...row, tagIds: [...new Set(mine)] };
  });
}

export async function moveMediaItems(move: Move): Promise<void> {
  const type = 'MediaItem';
  const table = tableOf(move, type);
  const memory = move.source.table('memory', ['id', 'tripId']);
  const memoryId = table?.columns.get('memoryId');
  const [id, trip] = [memory?.columns.get('id'), memory?.columns.get('tripId')];
  if (!table || !memory || !memoryId || !id || !trip) return;
  const tripId = `(SELECT m.${trip.name}::text FROM ${quoted(memory.name)} AS m WHERE m.${id.name} = t.${memoryId.name})`;
  await moveTable(move, {
    type,
    table,
    more: { tripId },
    items: (row) =>
      move.report.isLost('memory', idOf(row.memoryId))
        ? null
        : inTrip(move, idOf(row.tripId), 'Its memory is not there, or the trip of that is not.', (owner) =>
            itemOf(move, { type, table }, row, owner, idOf(row.uploaderId)),
          ),
  });
}

export async function moveTracks(move: Move): Promise<void> {
  const type = 'GPXTrack';
  const table = tableOf(move, type);
  if (!table) return;
  await moveTable(move, {
    type,
    table,
    more: { memoryId: memoryOf(move, table) },
    items: (row) =>
      inTrip(move, idOf(row.tripId), TRIP_MISSING, (owner) => itemOf(move, { type, table }, row, owner)),
  });
}

/** SQL for the memory of a track; over there the link stands on the memory. */
function memoryOf({ source }: Move, tracks: Table): string {
  const memory = source.table('memory', ['id', 'gpxTrackId']);
  const [id, track] = [memory?.columns.get('id'), memory?.columns.get('gpxTrackId')];
  if (!memory || !id || !track) return 'NULL::text';
  return `(SELECT m.${id.name}::text FROM ${quoted(memory.name)} AS m
    WHERE m.${track.name} = t.${tracks.columns.get('id')?.name} ORDER BY 1 LIMIT 1)`;
}
