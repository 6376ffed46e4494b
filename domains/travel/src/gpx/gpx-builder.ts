/**
 * Builds a `Gpx` from the elements of a document, as they open and close. Knows what GPX 1.0 and 1.1 call things;
 * whatever else a file has, extensions above all, is passed over. The prefix of the root element (`gpx:gpx`) is that
 * of all elements which count. A fault is a sentence without its full stop; nothing may be asked after one.
 */
import { distanceOf, onSphere, type SpherePlace } from './distance.ts';
import type { Gpx, GpxSegment, GpxTrack } from './gpx.ts';
import type { GpxLimits } from './limits.ts';
import { PointList } from './point-list.ts';
import { decimal, degrees, description, elevation, label, moment } from './values.ts';

type Kind =
  | 'gpx'
  | 'metadata'
  | 'trk'
  | 'rte'
  | 'trkseg'
  | 'trkpt'
  | 'rtept'
  | 'wpt'
  | 'name'
  | 'desc'
  | 'type'
  | 'ele'
  | 'time';

/** What counts inside of what. In GPX 1.0 the file's name stands beside its tracks, in 1.1 below `metadata`. */
const INSIDE: ReadonlyMap<Kind, ReadonlySet<string>> = new Map<Kind, ReadonlySet<Kind>>([
  ['gpx', new Set<Kind>(['metadata', 'name', 'desc', 'trk', 'rte', 'wpt'])],
  ['metadata', new Set<Kind>(['name', 'desc'])],
  ['trk', new Set<Kind>(['name', 'desc', 'type', 'trkseg'])],
  ['rte', new Set<Kind>(['name', 'desc', 'type', 'rtept'])],
  ['trkseg', new Set<Kind>(['trkpt'])],
  ['trkpt', new Set<Kind>(['ele', 'time'])],
  ['rtept', new Set<Kind>(['ele'])],
]);
const TEXTS: ReadonlySet<Kind> = new Set<Kind>(['name', 'desc', 'type', 'ele', 'time']);

interface Element {
  readonly kind: Kind;
  readonly attributes: Attributes;
  /** Of its children that hold only text; the first of each kind. */
  readonly texts: Partial<Record<Kind, string>>;
}

export type Attributes = { readonly [name: string]: string };

type Fault = string | null;

export class GpxBuilder {
  readonly #limits: GpxLimits;
  readonly #points = new PointList();
  readonly #tracks: GpxTrack[] = [];
  readonly #routes: GpxTrack[] = [];
  readonly #open: Element[] = [];
  /** Elements that are open below the last one that counts. */
  #ignored = 0;
  #prefix = '';
  #text = '';
  #segments: GpxSegment[] = [];
  #segmentFrom = 0;
  #segmentCount = 0;
  #waypointCount = 0;
  #last: SpherePlace | null = null;
  #creator: string | null = null;
  #name: string | null = null;
  #description: string | null = null;
  #hasRoot = false;

  constructor(limits: GpxLimits) {
    this.#limits = limits;
  }

  open(name: string, attributes: Attributes): Fault {
    if (this.#open.length === 0) return this.#openRoot(name, attributes);
    if (this.#open.length + this.#ignored >= this.#limits.depthMax)
      return `Its elements are nested deeper than ${this.#limits.depthMax} levels`;
    const parent = this.#open.at(-1);
    const own = name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : '';
    if (this.#ignored > 0 || !parent || !INSIDE.get(parent.kind)?.has(own)) {
      this.#ignored += 1;
      return null;
    }
    this.#open.push({ kind: own as Kind, attributes, texts: {} });
    this.#text = '';
    return null;
  }

  text(more: string): Fault {
    const element = this.#open.at(-1);
    if (this.#ignored > 0 || !element || !TEXTS.has(element.kind)) return null;
    this.#text += more;
    return this.#text.length > this.#limits.textLengthMax
      ? `The text of an element "${element.kind}" is longer than ${this.#limits.textLengthMax} characters`
      : null;
  }

  close(): Fault {
    if (this.#ignored > 0) {
      this.#ignored -= 1;
      return null;
    }
    const element = this.#open.pop();
    return element ? this.#closed(element) : null;
  }

  /** null: there was no root element. */
  finish(): Gpx | null {
    if (!this.#hasRoot) return null;
    return {
      creator: this.#creator,
      name: this.#name,
      description: this.#description,
      tracks: this.#tracks,
      routes: this.#routes,
      waypointCount: this.#waypointCount,
      points: this.#points,
    };
  }

  #openRoot(name: string, attributes: Attributes): Fault {
    const colon = name.indexOf(':');
    if (name.slice(colon + 1) !== 'gpx') return 'It is XML, but no GPX: its outermost element is not "gpx"';
    if (this.#hasRoot) return 'It is not well-formed XML: it has more than one outermost element';
    this.#hasRoot = true;
    this.#prefix = name.slice(0, colon + 1);
    this.#open.push({ kind: 'gpx', attributes, texts: {} });
    return null;
  }

  #closed(element: Element): Fault {
    switch (element.kind) {
      case 'name':
      case 'desc':
      case 'type':
      case 'ele':
      case 'time': {
        const texts = this.#open.at(-1)?.texts;
        if (texts) texts[element.kind] ??= this.#text;
        return null;
      }
      case 'trkpt':
        return this.#addPoint(element, moment(element.texts.time));
      case 'rtept':
        return this.#addPoint(element, null);
      case 'wpt':
        this.#waypointCount += 1;
        return placeFault(element) ?? this.#tooManyPoints();
      case 'trkseg':
        return this.#closeSegment();
      case 'trk':
        return this.#addWay(this.#tracks, element);
      case 'rte':
        return this.#closeSegment() ?? this.#addWay(this.#routes, element);
      case 'gpx':
        this.#creator = label(element.attributes.creator);
        return this.#describe(element);
      case 'metadata':
        return this.#describe(element);
    }
  }

  #addPoint(element: Element, time: number | null): Fault {
    const latitude = degrees(element.attributes.lat, 90);
    const longitude = degrees(element.attributes.lon, 180);
    if (latitude === null || longitude === null) return placeFault(element);
    const place = onSphere({ latitude, longitude });
    const step = this.#last ? distanceOf(this.#last, place) : 0;
    this.#last = place;
    this.#points.push({ latitude, longitude, elevation: elevation(element.texts.ele), time, step });
    return this.#tooManyPoints();
  }

  #tooManyPoints(): Fault {
    const { pointsMax } = this.#limits;
    return this.#points.length + this.#waypointCount > pointsMax
      ? `It has more than ${pointsMax} points`
      : null;
  }

  #closeSegment(): Fault {
    const [from, to] = [this.#segmentFrom, this.#points.length];
    this.#segmentFrom = to;
    this.#last = null;
    if (from === to) return null;
    this.#segments.push({ from, to });
    this.#segmentCount += 1;
    const { segmentsMax } = this.#limits;
    return this.#segmentCount > segmentsMax ? `It has more than ${segmentsMax} segments` : null;
  }

  #addWay(ways: GpxTrack[], { texts }: Element): Fault {
    const segments = this.#segments;
    this.#segments = [];
    if (segments.length > 0)
      ways.push({
        name: label(texts.name),
        description: description(texts.desc),
        type: label(texts.type),
        segments,
      });
    return null;
  }

  #describe({ texts }: Element): Fault {
    this.#name ??= label(texts.name);
    this.#description ??= description(texts.desc);
    return null;
  }
}

function placeFault({ attributes, kind }: Element): Fault {
  for (const [name, max] of [
    ['lat', 90],
    ['lon', 180],
  ] as const) {
    const number = decimal(attributes[name]);
    if (number === null) return `The "${name}" of a "${kind}" is missing or no number`;
    if (Math.abs(number) > max)
      return `The "${name}" of a "${kind}" is not within -${max} and ${max} degrees`;
  }
  return null;
}
