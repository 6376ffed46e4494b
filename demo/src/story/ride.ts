/**
 * A stage of the journey: one phone records the way, both write memories at the places that it comes by, and take
 * pictures. All of it happens on the phones; no network is needed.
 */
import { distanceMeters } from '../geo/distance.ts';
import { type TrackPoint, trackTotals } from '../geo/track-totals.ts';
import type { GpxTrack } from '../gpx/gpx-file.ts';
import { parseGpx } from '../gpx/parse-gpx.ts';
import { writeGpx } from '../gpx/write-gpx.ts';
import type { City } from '../journey/cities.ts';
import { recordRide } from '../journey/record-ride.ts';
import { ROUTE, type Stop } from '../journey/route.ts';
import { trackFields } from '../journey/track-fields.ts';
import { create } from '../phone/phone.ts';
import type { Plan } from './plan.ts';
import { remember } from './remember.ts';
import type { Story } from './story.ts';

export interface Stage {
  /** Position in ROUTE. */
  readonly trip: number;
  /** The stage begins at this stop of the trip. */
  readonly stop: number;
  /** Milliseconds since 1970. */
  readonly start: number;
}

export interface Ridden {
  readonly from: string;
  readonly to: string;
  readonly meters: number;
  readonly memories: number;
  readonly pictures: number;
  readonly end: number;
}

/** Towns are looked for at points of the way this far apart, and up to so far from it. */
const LOOK_EVERY_POINTS = 10;
const TOWN_METERS_MAX = 4_000;
const TOWNS_MAX = 8;
const MEMORIES_PER_TOWN = 2;
const MINUTE_MS = 60_000;
const CREATOR = 'Ackord demo';

export async function ride(story: Story, plan: Plan, stage: Stage): Promise<Ridden> {
  const { random, cities, anna, ben } = story;
  const trip = ROUTE[stage.trip];
  const [from, to] = [trip?.stops[stage.stop], trip?.stops[stage.stop + 1]];
  const tripId = plan.tripIds[stage.trip];
  if (!trip || !from || !to || tripId === undefined) throw new Error('There is no such stage');
  const place = (stop: Stop) => ({ ...cities.named(stop.name, stop.country), elevation: stop.elevation });
  const segments = recordRide(
    { from: place(from), to: place(to), relief: trip.relief, start: stage.start },
    random,
  );
  const track = await throughGpx({
    kind: 'track',
    name: `${from.name} - ${to.name}`,
    description: null,
    activity: 'cycling',
    segments,
  });
  const points = track.segments.flat();
  const end = points.at(-1)?.time ?? stage.start;
  const recorder = random.pick([anna, ben]);
  const origin = { tripId, fallbackName: trip.name, filename: `${from.name}.gpx`, creator: CREATOR };
  const trackId = create(recorder, 'GPXTrack', trackFields(track, origin), end);

  const moments = townsAlong(story, points).flatMap((town) => Array<City>(MEMORIES_PER_TOWN).fill(town));
  let pictures = 0;
  for (const town of moments) {
    const writer = random.pick([anna, ben]);
    pictures += remember(story, plan, writer, {
      town,
      time: passing(points, town) + random.between(0, 20) * MINUTE_MS,
      tripId,
      gpxTrackId: writer === recorder ? trackId : null,
    });
  }
  const { distanceMeters: meters } = trackTotals(track.segments);
  return { from: from.name, to: to.name, meters, memories: moments.length, pictures, end };
}

/** What a recording app writes, and what a journal reads of it. */
async function throughGpx(track: GpxTrack): Promise<GpxTrack> {
  const result = await parseGpx(writeGpx(track, CREATOR));
  const read = result.ok ? result.file.tracks[0] : undefined;
  if (!read) throw new Error('The recorded track cannot be read again');
  return read;
}

/** In the order in which the way comes by. */
function townsAlong({ cities, random }: Story, points: readonly TrackPoint[]): City[] {
  const towns = new Set<City>();
  for (const point of points.filter((_, at) => at % LOOK_EVERY_POINTS === 0)) {
    for (const town of cities.near(point, TOWN_METERS_MAX)) towns.add(town);
  }
  return random.some([...towns], TOWNS_MAX);
}

/** When the way was nearest to the town. */
function passing(points: readonly TrackPoint[], town: City): number {
  let nearest = Number.POSITIVE_INFINITY;
  let time = 0;
  for (const point of points) {
    const meters = distanceMeters(point, town);
    if (meters >= nearest) continue;
    nearest = meters;
    time = point.time ?? time;
  }
  return time;
}
