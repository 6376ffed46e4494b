/** The file of a GPX track: read once when it comes, for the totals of the track and the points of its segments. */
import type { RecordState } from '@ackord/core';
import {
  deleteRecords,
  type GraphQLContext,
  type RawChange,
  refusal,
  requireActor,
  writeRaw,
} from '@ackord/server';
import type { Gpx } from '../gpx/gpx.ts';
import { readGpx } from '../gpx/read-gpx.ts';
import { segmentsOf } from '../gpx/segments.ts';
import { type GpxTotals, totalsOf } from '../gpx/totals.ts';
import { ownerOf, slotOf } from './file-slots.ts';

/** What goes into one commit: some megabytes. */
const POINTS_PER_COMMIT = 80_000;
const PARTS_PER_COMMIT = 500;

/** `track`: the one that it is bound to; without it, an upload of the caller. Refuses the call, naming the argument. */
export async function readTrackFile(
  context: GraphQLContext,
  argument: string,
  name: string,
  track?: RecordState,
): Promise<Gpx> {
  const owner = track && ownerOf(slotOf('GPXTrack'), context.wire.name, track.id);
  const file = await context.files.open(requireActor(context), { name, ...(owner && { owner }) });
  if (!file) throw refusal('BAD_USER_INPUT', `${argument} names no file that you have uploaded.`);
  try {
    const read = await readGpx(file.stream);
    if (!read.ok)
      throw refusal('BAD_USER_INPUT', `${argument} names no GPX file that can be read. ${read.message}`);
    return read.gpx;
  } finally {
    file.stream.destroy();
  }
}

/** As inputs of the track. Names that were given count more than those of the file. */
export function totalsInput(gpx: Gpx): Omit<GpxTotals, 'name' | 'creator'> {
  const { name: _name, creator: _creator, ...totals } = totalsOf(gpx);
  return totals;
}

/** Puts the segments of the file in the place of those that the track had. */
export async function writeSegments(context: GraphQLContext, trackId: string, gpx: Gpx): Promise<void> {
  const old = await context.reads.children(`${context.wire.name}.TrackSegment`, trackId);
  if (old.length > 0)
    await deleteRecords(
      context,
      'TrackSegment',
      old.map(({ id }) => id),
    );
  let batch: RawChange[] = [];
  let pointCount = 0;
  let order = 0;
  for (const { segment: _segment, points, ...facts } of segmentsOf(gpx)) {
    const rows = points.map(([latitude, longitude, altitude, time]) => [
      latitude,
      longitude,
      altitude,
      null,
      time,
    ]);
    const fields = { ...facts, gpxTrackId: trackId, order: order++, points: rows };
    batch.push({ entityType: 'TrackSegment', id: null, operation: 'CREATE', fields });
    pointCount += rows.length;
    if (pointCount < POINTS_PER_COMMIT && batch.length < PARTS_PER_COMMIT) continue;
    await writeRaw(context, batch);
    batch = [];
    pointCount = 0;
  }
  if (batch.length > 0) await writeRaw(context, batch);
}
