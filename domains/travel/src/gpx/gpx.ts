/** What is kept of a GPX file: all points in one compact list, and ranges of it that are segments. */
import type { PointList } from './point-list.ts';

/** Points `from` up to, not including, `to` of the list; never empty. */
export interface GpxSegment {
  readonly from: number;
  readonly to: number;
}

/** A recorded track, or a planned route, which is one segment without times. */
export interface GpxTrack {
  readonly name: string | null;
  readonly description: string | null;
  readonly type: string | null;
  readonly segments: readonly GpxSegment[];
}

export interface Gpx {
  /** The program or device that wrote the file. */
  readonly creator: string | null;
  readonly name: string | null;
  readonly description: string | null;
  /** Those without any point are left out. */
  readonly tracks: readonly GpxTrack[];
  readonly routes: readonly GpxTrack[];
  /** Places without an order: only counted. */
  readonly waypointCount: number;
  readonly points: PointList;
}

/** What a file is about: its tracks where it has any, else its routes. */
export const waysOf = (gpx: Gpx): readonly GpxTrack[] => (gpx.tracks.length > 0 ? gpx.tracks : gpx.routes);
