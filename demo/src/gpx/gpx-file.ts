/** What is in a GPX file, as far as a journal needs it. */
import type { TrackPoint } from '../geo/track-totals.ts';

export interface GpxTrack {
  /** Recorded by a device, or planned by a person. */
  readonly kind: 'track' | 'route';
  readonly name: string | null;
  readonly description: string | null;
  /** What the way was made by, as the file says it: "cycling". */
  readonly activity: string | null;
  readonly segments: readonly (readonly TrackPoint[])[];
}

export interface GpxWaypoint {
  readonly name: string | null;
  readonly description: string | null;
  readonly point: TrackPoint;
}

export interface GpxFile {
  /** The program or device that wrote it. */
  readonly creator: string | null;
  readonly name: string | null;
  /** Milliseconds since 1970. */
  readonly time: number | null;
  readonly tracks: readonly GpxTrack[];
  readonly waypoints: readonly GpxWaypoint[];
  /** Points that were left out: no position, or none on this earth. */
  readonly unusablePoints: number;
}

/** `reason` completes the sentence "<file name> …". */
export type GpxResult =
  | { readonly ok: true; readonly file: GpxFile }
  | { readonly ok: false; readonly reason: string };
