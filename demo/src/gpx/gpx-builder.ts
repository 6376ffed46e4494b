/**
 * Builds a GpxFile from the elements of a document, as they open and close. Knows what GPX 1.0 and 1.1 call things;
 * whatever else a file has, extensions above all, is passed over.
 */
import { parseInstant } from '@ackord/core';
import type { TrackPoint } from '../geo/track-totals.ts';
import type { GpxFile, GpxTrack, GpxWaypoint } from './gpx-file.ts';
import { GPX_LIMITS } from './limits.ts';

export interface GpxElement {
  /** Without a namespace's prefix. */
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  /** Texts of the children that have only text, by name; the first of each name. */
  readonly texts: Map<string, string>;
}

type Segment = TrackPoint[];

export class GpxBuilder {
  #creator: string | null = null;
  #name: string | null = null;
  #time: number | null = null;
  #segments: Segment[] = [];
  #points: Segment = [];
  #pointCount = 0;
  #unusable = 0;
  readonly #tracks: GpxTrack[] = [];
  readonly #waypoints: GpxWaypoint[] = [];

  /** Says what is wrong when the file is more than is read. */
  close(element: GpxElement, parent: string | null): string | null {
    switch (element.name) {
      case 'gpx':
        return parent === null ? this.#closeFile(element) : null;
      case 'metadata':
        return parent === 'gpx' ? this.#describe(element) : null;
      case 'wpt':
        return parent === 'gpx' ? this.#addWaypoint(element) : null;
      case 'trkpt':
        return parent === 'trkseg' ? this.#addPoint(element) : null;
      case 'rtept':
        return parent === 'rte' ? this.#addPoint(element) : null;
      case 'trkseg':
        return this.#closeSegment();
      case 'trk':
      case 'rte':
        return parent === 'gpx' ? this.#addTrack(element) : null;
      default:
        return null;
    }
  }

  file(): GpxFile {
    return {
      creator: this.#creator,
      name: this.#name,
      time: this.#time,
      tracks: this.#tracks,
      waypoints: this.#waypoints,
      unusablePoints: this.#unusable,
    };
  }

  #closeFile(element: GpxElement): null {
    this.#creator = label(element.attributes.creator);
    return this.#describe(element);
  }

  /** In GPX 1.0 the file's name and time stand beside its tracks, in 1.1 below `metadata`. */
  #describe({ texts }: GpxElement): null {
    this.#name ??= label(texts.get('name'));
    this.#time ??= moment(texts.get('time'));
    return null;
  }

  #addPoint(element: GpxElement): string | null {
    const point = pointOf(element);
    if (point) this.#points.push(point);
    return this.#count(point);
  }

  #addWaypoint(element: GpxElement): string | null {
    const point = pointOf(element);
    const { texts } = element;
    if (point)
      this.#waypoints.push({ name: label(texts.get('name')), description: description(texts), point });
    return this.#count(point);
  }

  #count(point: TrackPoint | null): string | null {
    if (!point) this.#unusable++;
    this.#pointCount++;
    return this.#pointCount > GPX_LIMITS.pointsMax ? `has more than ${GPX_LIMITS.pointsMax} points` : null;
  }

  #closeSegment(): null {
    if (this.#points.length > 0) this.#segments.push(this.#points);
    this.#points = [];
    return null;
  }

  #addTrack({ name, texts }: GpxElement): null {
    this.#closeSegment();
    const segments = this.#segments;
    this.#segments = [];
    if (segments.length === 0) return null;
    this.#tracks.push({
      kind: name === 'trk' ? 'track' : 'route',
      name: label(texts.get('name')),
      description: description(texts),
      activity: label(texts.get('type')),
      segments,
    });
    return null;
  }
}

function pointOf({ attributes, texts }: GpxElement): TrackPoint | null {
  const [latitude, longitude] = [decimal(attributes.lat), decimal(attributes.lon)];
  if (latitude === null || longitude === null) return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return { latitude, longitude, elevation: decimal(texts.get('ele')), time: moment(texts.get('time')) };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function decimal(text: string | undefined): number | null {
  const written = text?.trim() ?? '';
  const number = DECIMAL.test(written) ? Number(written) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** GPX times are UTC; some programs leave the zone out. */
function moment(text: string | undefined): number | null {
  const written = text?.trim() ?? '';
  return parseInstant(written) ?? parseInstant(`${written}Z`);
}

const description = (texts: ReadonlyMap<string, string>): string | null =>
  tidy(texts.get('desc') ?? texts.get('cmt'), GPX_LIMITS.descriptionLengthMax);

const label = (text: string | undefined): string | null => tidy(text, GPX_LIMITS.nameLengthMax);

/** On one line, without blanks around it; null when nothing is left. */
function tidy(text: string | undefined, lengthMax: number): string | null {
  const tidied = (text ?? '').toWellFormed().replace(/\s+/gu, ' ').trim().slice(0, lengthMax).toWellFormed();
  return tidied === '' ? null : tidied;
}
