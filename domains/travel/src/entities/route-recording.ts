/** Points of a trip's route as an app recorded them, as many as came in one call. Not synced. */
import { defineEntity, uuid } from '@ackord/core';
import { trackPoints } from '../track-points.ts';

export const routeRecording = defineEntity({
  name: 'RouteRecording',
  plural: 'routeRecordings',
  scope: 'owner',
  internal: true,
  fields: { tripId: uuid(), points: trackPoints() },
  references: { tripId: { to: 'Trip', onDelete: 'cascade' } },
});
