/**
 * Points and segments as GraphQL reads them. Getters, so that of hundreds of thousands of points only what is asked for
 * is made: their ids most of all.
 */
import { derivedUuid, type RecordState } from '@ackord/core';
import type { TrackPoint } from '../track-points.ts';

const DIGITS = 12;

export class RoutePoint {
  readonly #record: RecordState;
  readonly #index: number;
  readonly #point: TrackPoint;

  constructor(record: RecordState, index: number, point: TrackPoint) {
    this.#record = record;
    this.#index = index;
    this.#point = point;
  }

  /** The id of its record, with its place in that in the last digits: the same whenever it is read. */
  get id(): string {
    return this.#record.id.slice(0, -DIGITS) + this.#index.toString(16).padStart(DIGITS, '0');
  }
  get latitude(): number {
    return this.#point[0];
  }
  get longitude(): number {
    return this.#point[1];
  }
  get altitude(): number | null {
    return this.#point[2];
  }
  get speed(): number | null {
    return this.#point[3];
  }
  get timestamp(): number {
    return this.#point[4] ?? this.#record.createdAt;
  }
  get created_at(): number {
    return this.#record.createdAt;
  }
}

export const pointsOf = (record: RecordState): RoutePoint[] =>
  (record.fields.points as unknown as readonly TrackPoint[]).map(
    (point, index) => new RoutePoint(record, index, point),
  );

export class TrackSegment {
  readonly $segment: RecordState;
  readonly segmentType = 'gpx';
  readonly compressionRatio = 1;
  readonly isCompressed = false;
  readonly qualityLevel = 'original';

  constructor(record: RecordState) {
    this.$segment = record;
  }

  get id(): string {
    return this.$segment.id;
  }
  get startDate(): unknown {
    return this.$segment.fields.startDate;
  }
  get endDate(): unknown {
    return this.$segment.fields.endDate;
  }
  get distance(): unknown {
    return this.$segment.fields.distance;
  }
  get averageSpeed(): unknown {
    return this.$segment.fields.averageSpeed;
  }
  get maxSpeed(): unknown {
    return this.$segment.fields.maxSpeed;
  }
  get originalPointCount(): number {
    return (this.$segment.fields.points as readonly unknown[]).length;
  }
  get metadata() {
    const { id, fields, createdAt } = this.$segment;
    const { elevationGain, elevationLoss } = fields;
    return { id: derivedUuid('track metadata', id), elevationGain, elevationLoss, createdAt };
  }
}
