/**
 * Recorded points: those of a segment of a GPX track become that segment, all others a recording of their trip, some
 * thousand points a record. One ordered read of the older server's points, fetched in portions.
 */
import { derivedUuid, LIMITS } from '@ackord/core';
import { carry, type Item, pointsLeftOut } from './carry.ts';
import { removeGone } from './gone.ts';
import type { Move } from './move.ts';
import { quoted, type Row, type Source, type Table } from './source.ts';
import { idOf, instantOf, momentOf } from './values.ts';

/** They are what is counted, not the records that hold them. */
const POINTS = 'Route points';
const FETCHED_ROWS = 5_000;
/** Records that are brought in together: some megabytes. */
const ITEMS_AT_ONCE = 8;

export async function moveRoutes(move: Move): Promise<void> {
  const { source, report } = move;
  const points = source.table('route_point', POINT_COLUMNS);
  const segments = source.table('track_segment', SEGMENT_COLUMNS);
  const tracks = source.table('gpx_track', ['id', 'tripId']);
  const select = points && selectOf(points, segments, tracks);
  if (!points || !select) {
    report.note('There is no table "route_point" with its columns: no recorded points come.');
    return;
  }
  if (!segments?.columns.has('id') || !segments.columns.has('gpxTrackId'))
    report.note('There is no table "track_segment" with its columns: points of segments go to their trips.');
  move.onStep(points.name);
  let items: Item[] = [];
  for await (const stretch of stretchesOf(source, select)) {
    report.of(POINTS).read += stretch.points.length;
    const item = itemOf(stretch, move);
    const [place, count] = [{ table: points.name, id: stretch.key }, stretch.points.length];
    if (item === null) report.goesAlong(POINTS, place, count);
    else if (typeof item !== 'string') items.push(item);
    else report.leftOut(POINTS, { ...place, reason: `${item} ${pointsLeftOut(count)}` }, count);
    if (items.length < ITEMS_AT_ONCE) continue;
    await bring(move, items);
    items = [];
  }
  await bring(move, items);
  if (segments) await removeGone({ ...move, log: null }, 'TrackSegment', segments);
}

async function bring(move: Move, items: readonly Item[]): Promise<void> {
  for (const type of ['TrackSegment', 'RouteRecording'] as const)
    await carry(
      move,
      items.filter((item) => item.type === type),
    );
}

const POINT_COLUMNS = [
  'id',
  'latitude',
  'longitude',
  'altitude',
  'speed',
  'timestamp',
  'tripId',
  'trackSegmentId',
];
const SEGMENT_COLUMNS = ['id', 'gpxTrackId', 'startDate', 'endDate', 'distance', 'averageSpeed', 'maxSpeed'];

/** null: too much is missing. Columns of the joined tables are read under names with a prefix. */
function selectOf(points: Table, segments: Table | null, tracks: Table | null): string | null {
  const column = (name: string) => points.columns.get(name);
  if (!['id', 'latitude', 'longitude', 'timestamp', 'tripId'].every(column)) return null;
  const values = [...points.columns].map(([name, { value }]) => `${value} AS ${quoted(name)}`);
  const [ofPoint, segment, track] = [column('trackSegmentId'), segments?.columns, tracks?.columns];
  const isJoined = segment?.has('id') && segment.has('gpxTrackId') && track?.has('tripId');
  const byTime = `t.${column('timestamp')?.name}, t.${column('id')?.name}`;
  if (!isJoined || !ofPoint || !segments || !tracks || !segment || !track)
    return `SELECT ${values.join(', ')} FROM ${quoted(points.name)} AS t ORDER BY t.${column('tripId')?.name}, ${byTime}`;
  for (const [name, { value }] of segment)
    values.push(`${value.replaceAll('t.', 's.')} AS ${quoted(`segment ${name}`)}`);
  const [segmentId, trackOf] = [segment.get('id')?.name, segment.get('gpxTrackId')?.name];
  values.push(`g.${track.get('tripId')?.name}::text AS "track trip"`);
  const trackId = `g.${track.get('id')?.name}`;
  // Points of segments without a track go to their trip, with all others of it.
  const ofSegment = [segment.get('startDate')?.name, segmentId].flatMap((name) =>
    name === undefined ? [] : `CASE WHEN ${trackId} IS NULL THEN NULL ELSE s.${name} END`,
  );
  return `SELECT ${values.join(', ')} FROM ${quoted(points.name)} AS t
    LEFT JOIN ${quoted(segments.name)} AS s ON s.${segmentId} = t.${ofPoint.name}
    LEFT JOIN ${quoted(tracks.name)} AS g ON ${trackId} = s.${trackOf}
    ORDER BY ${[trackId, ...ofSegment, `t.${column('tripId')?.name}`, byTime].join(', ')}`;
}

/** Points that become one record. */
interface Stretch {
  /** Of the segment or the trip. */
  readonly key: string;
  /** Which part of it. */
  readonly part: number;
  /** Position of the segment in its track. */
  readonly order: number;
  readonly first: Row;
  readonly points: readonly Row[];
}

interface OpenStretch extends Stretch {
  readonly points: Row[];
}

async function* stretchesOf(source: Source, select: string): AsyncGenerator<Stretch> {
  await source.rows(`DECLARE moved_points NO SCROLL CURSOR FOR ${select}`);
  let open = null as OpenStretch | null;
  let [track, order] = ['', 0];
  for (;;) {
    const rows = await source.rows(`FETCH ${FETCHED_ROWS} FROM moved_points`);
    for (const row of rows) {
      const key = keyOf(row);
      if (open?.key === key && open.points.length < LIMITS.trackPointsPerRecordMax) {
        open.points.push(row);
        continue;
      }
      if (open) yield open;
      const mine = String(row['segment gpxTrackId'] ?? '');
      order = mine === track ? order + 1 : 0;
      track = mine;
      const part: number = open?.key === key ? open.part + 1 : 0;
      open = { key, part, order, first: row, points: [row] };
    }
    if (rows.length < FETCHED_ROWS) break;
  }
  if (open) yield open;
  await source.rows('CLOSE moved_points');
}

const isOfTrack = (row: Row): boolean => idOf(row['track trip']) !== null;

const keyOf = (row: Row): string =>
  isOfTrack(row) ? String(row.trackSegmentId) : `trip ${String(row.tripId ?? '')}`;

/** Or why the points are left out; null: what they belong to was. */
function itemOf(
  { key, part, order, first, points }: Stretch,
  { owners, report }: Move,
): Item | string | null {
  const ofTrack = isOfTrack(first);
  const trip = idOf(ofTrack ? first['track trip'] : first.tripId);
  const track = idOf(first['segment gpxTrackId']);
  if (report.isLost('trip', trip) || (ofTrack && report.isLost('gpx_track', track))) return null;
  const actor = owners.get(trip ?? '');
  if (trip === null || actor === undefined) return 'Their trip is not there.';
  const rows = points.map(({ latitude, longitude, altitude, speed, timestamp }) => [
    latitude,
    longitude,
    altitude ?? null,
    speed ?? null,
    momentOf(timestamp),
  ]);
  const originId = ofTrack ? key : trip;
  const counted = { countAs: POINTS, points: points.length };
  const common = { table: 'route_point', originId, actor, created: null, time: null, ...counted };
  if (!ofTrack) {
    const id = derivedUuid('moved', 'RouteRecording', trip, String(part));
    return { ...common, type: 'RouteRecording', id, fields: { tripId: trip, points: rows } };
  }
  const id = part === 0 ? key : derivedUuid('moved', 'TrackSegment', key, String(part));
  const facts = part === 0 ? factsOf(first) : {};
  const fields = { gpxTrackId: track, order, ...facts, points: rows };
  return { ...common, type: 'TrackSegment', id, fields };
}

/** Of the whole segment; they stand with its first part. */
const factsOf = (row: Row) => ({
  startDate: instantOf(row['segment startDate']),
  endDate: instantOf(row['segment endDate']),
  distance: row['segment distance'] ?? null,
  averageSpeed: row['segment averageSpeed'] ?? null,
  maxSpeed: row['segment maxSpeed'] ?? null,
});
