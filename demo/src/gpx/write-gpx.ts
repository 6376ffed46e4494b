/** Writes a track as a GPX 1.1 document, as a recording app would. */
import { formatInstant } from '@ackord/core';
import type { TrackPoint } from '../geo/track-totals.ts';
import type { GpxTrack } from './gpx-file.ts';

export function* writeGpx(track: GpxTrack, creator: string): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="${escaped(creator)}">\n<trk>\n`;
  for (const [element, text] of [
    ['name', track.name],
    ['desc', track.description],
    ['type', track.activity],
  ] as const) {
    if (text !== null) yield `<${element}>${escaped(text)}</${element}>\n`;
  }
  for (const points of track.segments) {
    yield '<trkseg>\n';
    for (const point of points) yield pointText(point);
    yield '</trkseg>\n';
  }
  yield '</trk>\n</gpx>\n';
}

function pointText({ latitude, longitude, elevation, time }: TrackPoint): string {
  const parts = [
    elevation === null ? '' : `<ele>${elevation.toFixed(1)}</ele>`,
    time === null ? '' : `<time>${formatInstant(time)}</time>`,
  ];
  return `<trkpt lat="${latitude.toFixed(6)}" lon="${longitude.toFixed(6)}">${parts.join('')}</trkpt>\n`;
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
