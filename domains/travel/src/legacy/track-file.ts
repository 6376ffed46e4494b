/** The file of a GPX track: read once when it comes, for the totals of the track and the points of its segments. */
import type { RecordState } from '@ackord/core';
import {
  badArgument,
  deleteRecords,
  type GraphQLContext,
  nameProblem,
  type RawChange,
  requireActor,
  writeRaw,
  writeRecord,
} from '@ackord/server';
import type { Gpx } from '../gpx/gpx.ts';
import { type GpxResult, readGpx } from '../gpx/read-gpx.ts';
import { segmentsOf } from '../gpx/segments.ts';
import { type GpxTotals, totalsOf } from '../gpx/totals.ts';
import { ownerOf, slotOf } from './file-slots.ts';

/** What goes into one commit: some megabytes. */
const POINTS_PER_COMMIT = 80_000;
const PARTS_PER_COMMIT = 500;

/** An upload of the caller's; refuses the call where there is none or it is no GPX, naming the argument. */
export async function readTrackFile(context: GraphQLContext, argument: string, name: string): Promise<Gpx> {
  const problem = nameProblem(name);
  if (problem !== null) throw badArgument(argument, problem);
  const read = await readStored(context, name);
  if (!read) throw badArgument(argument, 'names no file that you have uploaded');
  if (read.ok) return read.gpx;
  throw badArgument(argument, `names no GPX file that can be read: ${read.message.replace(/\.$/, '')}`);
}

/** `track`: the one that the file is bound to. null: there is no such file for the caller. */
async function readStored(
  context: GraphQLContext,
  name: string,
  track?: RecordState,
): Promise<GpxResult | null> {
  const owner = track && ownerOf(slotOf('GPXTrack'), context.wire.name, track.id);
  const file = await context.files.open(requireActor(context), { name, ...(owner && { owner }) });
  if (!file) return null;
  try {
    return await readGpx(file.stream);
  } finally {
    file.stream.destroy();
  }
}

/** As inputs of the track. Names that were given count more than those of the file. */
export function totalsInput(gpx: Gpx): Omit<GpxTotals, 'name' | 'creator'> {
  const { name: _name, creator: _creator, ...totals } = totalsOf(gpx);
  return totals;
}

/**
 * For a track whose file has come after it: fills in what the file says, where the track says nothing of its own. A file
 * that can't be read as GPX leaves it as it is.
 */
export async function fillFromFile(context: GraphQLContext, track: RecordState): Promise<void> {
  const { gpxFileObjectName: name, totalDistance, totalPoints } = track.fields;
  if (typeof name !== 'string' || totalDistance !== null || totalPoints !== null) return;
  const read = await readStored(context, name, track);
  if (!read?.ok) return;
  const totals = totalsInput(read.gpx);
  await writeRecord(context, { type: 'GPXTrack', operation: 'UPDATE', id: track.id, input: totals });
  await writeSegments(context, track.id, read.gpx);
}

/** Puts the segments of the file in the place of those that the track had. */
export async function writeSegments(context: GraphQLContext, trackId: string, gpx: Gpx): Promise<void> {
  // Not by the reads of the request: they would remember the old ones.
  const type = `${context.wire.name}.TrackSegment`;
  const old = await context.engine.children(requireActor(context), type, [trackId]);
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
