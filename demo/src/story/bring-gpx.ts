/**
 * A folder of GPX files comes into the journal, on Ben's phone: each file is a trip, its tracks and routes are tracks,
 * its waypoints memories; so are the start, the highest point and the end of every way.
 */
import { type Fields, formatInstant } from '@ackord/core';
import type { TrackPoint } from '../geo/track-totals.ts';
import type { GpxFile, GpxTrack } from '../gpx/gpx-file.ts';
import { readGpxFile } from '../gpx/read-folder.ts';
import { trackFields } from '../journey/track-fields.ts';
import { create } from '../phone/phone.ts';
import { count } from '../print/timeline.ts';
import { cut } from '../print/wrap.ts';
import { checkEqual, fetchNews, send } from './exchange.ts';
import type { Story } from './story.ts';

export interface GpxFolder {
  readonly path: string;
  /** Of its GPX files. */
  readonly names: readonly string[];
}

const NAME_WIDTH = 28;

export async function bringGpx(story: Story, folder: GpxFolder): Promise<void> {
  const { timeline, clock, anna, ben } = story;
  timeline.chapter('Day 9 - Older tracks');
  const files = `${count(folder.names.length)} GPX ${folder.names.length === 1 ? 'file' : 'files'}`;
  timeline.event('10:00', 'Ben', `adds ${files} from ${folder.path}`);
  for (const name of folder.names) {
    story.signal.throwIfAborted();
    const result = await readGpxFile(folder.path, name);
    const shown = cut(name, NAME_WIDTH).padEnd(NAME_WIDTH);
    if (result.ok) timeline.entry(shown, bringFile(story, name, result.file));
    else timeline.entry(shown, `left out: it ${result.reason}`, 'odd');
  }
  if (ben.outbox.size === 0) return;
  await send(story, ben, clock.at(9, '10:05'));
  await fetchNews(story, ben, clock.at(9, '10:05'));
  await fetchNews(story, anna, clock.at(9, '10:06'));
  await checkEqual(story, [anna, ben]);
}

/** Gives back what there was in it. */
function bringFile(story: Story, filename: string, file: GpxFile): string {
  const { ben, clock } = story;
  const now = clock.at(9, '10:00');
  const moments = [file.time, ...pointsOf(file).map(({ time }) => time)].filter((time) => time !== null);
  const startDate = moments.reduce((first, time) => Math.min(first, time), now);
  const name = file.name ?? filename.replace(/\.gpx$/i, '');
  const tripId = create(ben, 'Trip', { name, startDate: formatInstant(startDate), isActive: false }, now);
  let meters = 0;
  for (const track of file.tracks) {
    const fields = trackFields(track, { tripId, fallbackName: name, filename, creator: file.creator });
    create(ben, 'GPXTrack', fields, now);
    for (const memory of memoriesOfWay(track, String(fields.name)))
      create(ben, 'Memory', { tripId, ...memory }, now);
    meters += Number(fields.totalDistance);
  }
  for (const { name: title, description, point } of file.waypoints) {
    const memory = { title: title ?? placeText(point), text: description, ...placeOf(point) };
    create(ben, 'Memory', { tripId, ...memory }, now);
  }
  return summary(file, meters);
}

const pointsOf = (file: GpxFile): TrackPoint[] => [
  ...file.waypoints.map(({ point }) => point),
  ...file.tracks.flatMap(({ segments }) => segments.flat()),
];

/** The start, the end, and where it was highest, if the way has heights. */
function memoriesOfWay({ segments }: GpxTrack, name: string): Fields[] {
  const points = segments.flat();
  const highest = points.reduce<TrackPoint | null>(
    (best, point) =>
      point.elevation !== null && (best === null || point.elevation > Number(best.elevation)) ? point : best,
    null,
  );
  const marks = [
    ['Start of', points[0]],
    ['Highest point of', highest],
    ['End of', points.at(-1)],
  ] as const;
  return marks.flatMap(([what, point]) => (point ? [{ title: `${what} ${name}`, ...placeOf(point) }] : []));
}

const placeOf = ({ latitude, longitude, time }: TrackPoint): Fields => ({
  latitude,
  longitude,
  timestamp: time === null ? null : formatInstant(time),
});

const placeText = ({ latitude, longitude }: TrackPoint): string =>
  `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;

function summary({ tracks, waypoints, unusablePoints }: GpxFile, meters: number): string {
  const points = tracks.reduce((sum, { segments }) => sum + segments.flat().length, 0);
  const parts = [
    ...(tracks.length > 0
      ? [`${plural(tracks.length, 'way')} of ${(meters / 1000).toFixed(1)} km in ${count(points)} points`]
      : []),
    ...(waypoints.length > 0 ? [plural(waypoints.length, 'waypoint')] : []),
    ...(unusablePoints > 0 ? [`${plural(unusablePoints, 'point')} without a place`] : []),
  ];
  return parts.length === 0 ? 'nothing in it but its name' : parts.join(', ');
}

const plural = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
