/** GPX tracks: their rows, and what their files say about them. */
import { randomUUID } from 'node:crypto';
import type { RecordState } from '@ackord/core';
import {
  type GraphQLContext,
  listViews,
  PAGE_ARGUMENTS,
  type PageArgs,
  type RecordView,
  type Resolver,
  requireActor,
  writeRecords,
} from '@ackord/server';
import type { Gpx } from '../gpx/gpx.ts';
import { type Input, remove } from './crud.ts';
import type { Operations } from './operations.ts';
import { existing, idOf, visible } from './read-one.ts';
import { settleFiles } from './settle-files.ts';
import { readTrackFile, totalsInput, writeSegments } from './track-file.ts';

const sdl = `
extend type Query {
  gpxTracksByTrip(
    tripId: ID!${PAGE_ARGUMENTS}
  ): [GPXTrack!]!
  "null for one that the caller can't see."
  gpxTrack(id: ID!): GPXTrack
}

extend type Mutation {
  "With a gpxFileObjectName the file is read: totals and segments come from it. Upload it first."
  createGpxTrack(input: GPXTrackInput!): GPXTrack!
  "Another gpxFileObjectName is read anew. An empty or null memoryId takes the track from its memory."
  updateGpxTrack(id: ID!, input: UpdateGPXTrackInput!): GPXTrack!
  deleteGpxTrack(id: ID!): Boolean!
  "Makes a track from a file that was uploaded."
  processGpxFile(objectName: String!, tripId: ID!, trackName: String!): GPXTrack!
}

input GPXTrackInput {
  name: String!
  gpxFileObjectName: String
  originalFilename: String
  tripId: ID!
  memoryId: ID
  creator: String
  trackType: String
}

input UpdateGPXTrackInput {
  name: String
  gpxFileObjectName: String
  originalFilename: String
  memoryId: ID
  creator: String
  trackType: String
}
`;

const gpxTracksByTrip: Resolver<unknown, PageArgs & { tripId: string }> = (
  _source,
  { tripId, ...page },
  context,
) => {
  requireActor(context);
  return listViews(context, { type: 'GPXTrack', owner: idOf('tripId', tripId), ...page });
};

const gpxTrack: Resolver<unknown, { id: string }> = async (_source, { id }, context) => {
  requireActor(context);
  const record = await visible(context, 'GPXTrack', 'id', id);
  return record && context.toView(record);
};

const createGpxTrack: Resolver<unknown, { input: Input }> = (_source, { input }, context) =>
  makeTrack(context, 'gpxFileObjectName', input);

const processGpxFile: Resolver<unknown, { objectName: string; tripId: string; trackName: string }> = (
  _source,
  { objectName, tripId, trackName },
  context,
) => makeTrack(context, 'objectName', { name: trackName, tripId, gpxFileObjectName: objectName });

async function makeTrack(context: GraphQLContext, argument: string, input: Input): Promise<RecordView> {
  requireActor(context);
  const name = input.gpxFileObjectName;
  const gpx = typeof name === 'string' ? await readTrackFile(context, argument, name) : null;
  const id = randomUUID();
  const [track] = await writeRecords(context, [
    { type: 'GPXTrack', operation: 'CREATE', id, input: { ...factsOf(gpx), ...given(input) } },
    ...linkFrom(input.memoryId, id),
  ]);
  return afterWriting(context, track, gpx);
}

const updateGpxTrack: Resolver<unknown, { id: string; input: Input }> = async (_source, args, context) => {
  requireActor(context);
  const before = await existing(context, 'GPXTrack', 'id', args.id);
  const { memoryId: sent, ...rest } = args.input;
  const memoryId = sent === '' ? null : sent;
  const gpx = await newFile(context, before, rest.gpxFileObjectName);
  const [track] = await writeRecords(context, [
    {
      type: 'GPXTrack',
      operation: 'UPDATE',
      id: before.id,
      input: { ...factsOf(gpx), ...rest, ...(memoryId !== undefined && { memoryId }) },
    },
    ...(memoryId === undefined ? [] : await relinked(context, before, memoryId)),
  ]);
  return afterWriting(context, track, gpx);
};

/** null: no file, or the one that was read already. */
async function newFile(context: GraphQLContext, track: RecordState, name: unknown): Promise<Gpx | null> {
  if (typeof name !== 'string' || name === track.fields.gpxFileObjectName) return null;
  return readTrackFile(context, 'gpxFileObjectName', name);
}

async function afterWriting(
  context: GraphQLContext,
  track: RecordView | undefined,
  gpx: Gpx | null,
): Promise<RecordView> {
  if (!track) throw new Error('A track was written and not answered');
  if (!gpx) return track;
  await writeSegments(context, track.$record.id, gpx);
  return context.toView(await settleFiles(context, track.$record));
}

/** What the file says; what the caller says goes before it. */
function factsOf(gpx: Gpx | null): Input {
  return gpx === null ? {} : { creator: gpx.creator, description: gpx.description, ...totalsInput(gpx) };
}

const given = (input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));

/** A memory says too which track it has: both ends of the link are written together. */
const linkFrom = (memoryId: unknown, gpxTrackId: string | null) =>
  typeof memoryId === 'string' && memoryId !== ''
    ? [{ type: 'Memory', operation: 'UPDATE', id: memoryId, input: { gpxTrackId } } as const]
    : [];

/** The memory that the track leaves forgets it, unless it has another one by now. */
async function relinked(context: GraphQLContext, { id, fields }: RecordState, memoryId: unknown) {
  const left = typeof fields.memoryId === 'string' && fields.memoryId !== memoryId ? fields.memoryId : null;
  const memory = left === null ? null : await visible(context, 'Memory', 'memoryId', left);
  const leaves = memory?.fields.gpxTrackId === id ? linkFrom(memory.id, null) : [];
  return [...leaves, ...linkFrom(memoryId, id)];
}

export const gpxTrackOperations: Operations = {
  sdl,
  resolvers: {
    Query: { gpxTracksByTrip, gpxTrack },
    Mutation: { createGpxTrack, updateGpxTrack, deleteGpxTrack: remove('GPXTrack'), processGpxFile },
  },
};
