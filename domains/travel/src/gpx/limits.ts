/** How much of a GPX file is read. The values are those of the one list of limits; tests take smaller ones. */
import { LIMITS } from '@ackord/core';

export interface GpxLimits {
  readonly bytesMax: number;
  /** Track points, route points and waypoints together. */
  readonly pointsMax: number;
  readonly segmentsMax: number;
  /** Elements inside of one another. */
  readonly depthMax: number;
  /** Of one element. */
  readonly attributesMax: number;
  /** UTF-16 units of a name, a description, a number or a time. */
  readonly textLengthMax: number;
}

export const GPX_LIMITS: GpxLimits = {
  bytesMax: LIMITS.gpxBytesMax,
  pointsMax: LIMITS.gpxPointsMax,
  segmentsMax: LIMITS.gpxSegmentsMax,
  depthMax: LIMITS.gpxDepthMax,
  attributesMax: LIMITS.gpxAttributesMax,
  textLengthMax: LIMITS.gpxTextLengthMax,
};
