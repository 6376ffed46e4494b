/** Trips: reading, writing, and the operation by which anybody could once take a trip. */
import { roleReaches } from '@ackord/core';
import {
  listViews,
  PAGE_ARGUMENTS,
  type PageArgs,
  type Resolver,
  refusal,
  requireActor,
} from '@ackord/server';
import { create, type Input, remove, update } from './crud.ts';
import type { Operations } from './operations.ts';
import { existing } from './read-one.ts';

const sdl = `
extend type Query {
  "The trips that the caller is a member of."
  trips(${PAGE_ARGUMENTS}
  ): [Trip!]!
  trip(id: ID!): Trip
}

extend type Mutation {
  "Makes a trip; the caller owns it."
  createTrip(input: TripInput!): Trip!
  updateTrip(id: ID!, input: UpdateTripInput!): Trip!
  "Takes along all that belongs to it. Only the owner may."
  deleteTrip(id: ID!): Boolean!
  "Answers the owner with the trip and refuses everybody else: ownership is given by transferTrip."
  claimTrip(tripId: ID!): Trip!
}

input TripInput {
  name: String!
  tripDescription: String
  travelCompanions: String
  visitedCountries: String
  startDate: DateTime!
  endDate: DateTime
  isActive: Boolean = false
  totalDistance: Float = 0
  gpsTrackingEnabled: Boolean = true
}

input UpdateTripInput {
  name: String
  tripDescription: String
  travelCompanions: String
  visitedCountries: String
  startDate: DateTime
  endDate: DateTime
  isActive: Boolean
  totalDistance: Float
  gpsTrackingEnabled: Boolean
}
`;

const trips: Resolver<unknown, PageArgs> = (_source, page, context) =>
  listViews(context, { type: 'Trip', ...page });

const trip: Resolver<unknown, { id: string }> = async (_source, { id }, context) =>
  context.toView(await existing(context, 'Trip', 'id', id));

const claimTrip: Resolver<unknown, { tripId: string }> = async (_source, { tripId }, context) => {
  requireActor(context);
  const record = await existing(context, 'Trip', 'tripId', tripId);
  if (!roleReaches(await context.reads.role(record.scope), 'OWNER')) throw refusal('FORBIDDEN');
  return context.toView(record);
};

/** The input has a default of its own; null is as good as nothing. */
const asInput = (input: Input): Input => ({ ...input, isActive: input.isActive ?? false });

export const tripOperations: Operations = {
  sdl,
  resolvers: {
    Query: { trips, trip },
    Mutation: {
      createTrip: create('Trip', asInput),
      updateTrip: update('Trip'),
      deleteTrip: remove('Trip'),
      claimTrip,
    },
  },
};
