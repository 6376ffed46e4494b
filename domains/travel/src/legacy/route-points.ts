/** Points of ways: those that apps record for a trip, and those of the segments of GPX tracks. */
import { LIMITS, type RecordState } from '@ackord/core';
import {
  badArgument,
  type GraphQLContext,
  inRange,
  type PageArgs,
  type RecordView,
  type Resolver,
  refusal,
  requireActor,
  writeRaw,
} from '@ackord/server';
import type { TrackPoint } from '../track-points.ts';
import type { Operations } from './operations.ts';
import { existing, idOf, visible } from './read-one.ts';
import { pointsOf, type RoutePoint, TrackSegment } from './track-views.ts';

const sdl = `
extend type Query {
  "Empty for a trip that the caller can't see."
  routePoints(
    tripId: ID!
    "At most so many. Left out: all."
    limit: Int
    "Goes on behind the point with this id."
    after: ID
  ): [RoutePoint!]!
}

extend type Mutation {
  createRoutePoints(tripId: ID!, points: [RoutePointInput!]!): [RoutePoint!]!
}

extend type Trip {
  "Recorded by createRoutePoints, in the order in which they came."
  routePoints: [RoutePoint!]!
  "Those of all its GPX tracks."
  trackSegments: [TrackSegment!]!
}

extend type GPXTrack {
  "Read from its file."
  segments: [TrackSegment!]!
}

input RoutePointInput {
  latitude: Float!
  longitude: Float!
  altitude: Float
  speed: Float
  timestamp: DateTime!
  "Not needed: the trip is an argument of its own."
  tripId: ID
}

type RoutePoint {
  id: ID!
  latitude: Float!
  longitude: Float!
  "Metres above the sea."
  altitude: Float
  "Metres a second."
  speed: Float
  "Of a point in a file without times: when the file was read."
  timestamp: DateTime!
  created_at: DateTime!
}

type TrackSegment {
  id: ID!
  points: [RoutePoint!]!
  segmentType: String
  "Always 1: points are kept as they came."
  compressionRatio: Float
  startDate: DateTime
  endDate: DateTime
  "Metres."
  distance: Float
  "Metres a second."
  averageSpeed: Float
  maxSpeed: Float
  originalPointCount: Int
  isCompressed: Boolean
  qualityLevel: String
  metadata: TrackMetadata
}

type TrackMetadata {
  id: ID!
  transportationMode: String
  movementPattern: String
  terrainType: String
  weatherConditions: String
  batteryLevel: Float
  gpsAccuracy: Float
  "Metres."
  elevationGain: Float
  elevationLoss: Float
  "Seconds."
  pauseDuration: Float
  createdAt: DateTime!
}
`;

interface PointInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude?: number | null;
  readonly speed?: number | null;
  readonly timestamp: number;
}

const recordings = async (context: GraphQLContext, trip: RecordState): Promise<RoutePoint[]> =>
  (await internalChildren(context, 'RouteRecording', trip)).flatMap(pointsOf);

async function internalChildren(
  context: GraphQLContext,
  type: string,
  owner: RecordState,
): Promise<readonly RecordState[]> {
  const found = await context.reads.children(`${context.wire.name}.${type}`, owner);
  return [...found].sort(
    (a, b) =>
      Number(a.fields.order ?? 0) - Number(b.fields.order ?? 0) || a.createdAt - b.createdAt || a.seq - b.seq,
  );
}

const routePoints: Resolver<unknown, PageArgs & { tripId: string }> = async (_source, args, context) => {
  requireActor(context);
  const trip = await visible(context, 'Trip', 'tripId', args.tripId);
  if (!trip) return [];
  const points = await recordings(context, trip);
  const from = args.after == null ? 0 : points.findIndex(({ id }) => id === args.after) + 1;
  if (args.after != null && from === 0) throw badArgument('after', 'must be the id of a point of the trip');
  const rows = args.limit == null ? points.length : inRange('limit', args.limit, LIMITS.pageRowsMax);
  return context.reads.counted(points.slice(from, from + rows));
};

const createRoutePoints: Resolver<unknown, { tripId: string; points: readonly PointInput[] }> = async (
  _source,
  { tripId, points },
  context,
) => {
  requireActor(context);
  const trip = idOf('tripId', tripId);
  if (points.length > LIMITS.routePointsPerCallMax)
    throw refusal('TOO_LARGE', `At most ${LIMITS.routePointsPerCallMax} points are accepted in one call.`);
  const rows = points.map(
    ({ latitude, longitude, altitude = null, speed = null, timestamp }): TrackPoint => [
      latitude,
      longitude,
      altitude,
      speed,
      timestamp,
    ],
  );
  if (rows.length === 0) {
    await existing(context, 'Trip', 'tripId', trip);
    return [];
  }
  const parts: TrackPoint[][] = [];
  for (let from = 0; from < rows.length; from += LIMITS.trackPointsPerRecordMax)
    parts.push(rows.slice(from, from + LIMITS.trackPointsPerRecordMax));
  const made = await writeRaw(
    context,
    parts.map((part) => ({
      entityType: 'RouteRecording',
      id: null,
      operation: 'CREATE',
      fields: { tripId: trip, points: part },
    })),
  );
  return made.flatMap(pointsOf);
};

/** Thousands of points are made to objects only where they are asked for. */
const pointsOfSegment: Resolver<TrackSegment> = ({ $segment }, _args, context) =>
  context.reads.counted(pointsOf($segment));

const segmentsOfTrack: Resolver<RecordView> = async ({ $record }, _args, context) =>
  (await internalChildren(context, 'TrackSegment', $record)).map((record) => new TrackSegment(record));

const segmentsOfTrip: Resolver<RecordView> = async ({ $record }, _args, context) => {
  const tracks = await context.reads.children(`${context.wire.name}.GPXTrack`, $record);
  const segments = await Promise.all(tracks.map((track) => internalChildren(context, 'TrackSegment', track)));
  return segments.flat().map((record) => new TrackSegment(record));
};

const pointsOfTrip: Resolver<RecordView> = async ({ $record }, _args, context) =>
  context.reads.counted(await recordings(context, $record));

export const routePointOperations: Operations = {
  sdl,
  resolvers: {
    Query: { routePoints },
    Mutation: { createRoutePoints },
    Trip: { routePoints: pointsOfTrip, trackSegments: segmentsOfTrip },
    GPXTrack: { segments: segmentsOfTrack },
    TrackSegment: { points: pointsOfSegment },
  },
};
