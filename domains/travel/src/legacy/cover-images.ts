/** The picture of a trip: where to upload it, and taking it. */
import { type RecordState, roleReaches } from '@ackord/core';
import { badArgument, type GraphQLContext, type Resolver, refusal, requireActor } from '@ackord/server';
import { checkedName, checkedType } from './file-arguments.ts';
import { askFor, ownerOf, slotOf } from './file-slots.ts';
import { existing } from './read-one.ts';
import { completeUpload } from './settle-files.ts';
import { presigned } from './single-files.ts';

export const generateTripCoverImageUploadUrl: Resolver<
  unknown,
  { tripId: string; contentType: string }
> = async (_source, args, context) => {
  requireActor(context);
  const slot = slotOf('Trip');
  const contentType = checkedType('contentType', args.contentType, slot);
  const { id } = await editableTrip(context, args.tripId);
  const extension = contentType.slice('image/'.length).replace('jpeg', 'jpg');
  const owner = ownerOf(slot, context.wire.name, id);
  return presigned(context, askFor(slot, owner, { name: null, extension, contentType }));
};

export const assignCoverImageToTrip: Resolver<unknown, { tripId: string; objectName: string }> = async (
  _source,
  { tripId, objectName },
  context,
) => {
  requireActor(context);
  checkedName('objectName', objectName);
  const { id } = await editableTrip(context, tripId);
  const trip = await completeUpload(context, slotOf('Trip'), id, objectName);
  if (!trip) throw badArgument('objectName', 'names no picture that was uploaded for this trip');
  context.reads.remember({ records: [trip] });
  return context.toView(trip);
};

async function editableTrip(context: GraphQLContext, tripId: string): Promise<RecordState> {
  const trip = await existing(context, 'Trip', 'tripId', tripId);
  if (!roleReaches(await context.reads.role(trip.scope), 'EDITOR')) throw refusal('FORBIDDEN');
  return trip;
}
