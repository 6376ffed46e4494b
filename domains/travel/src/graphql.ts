/**
 * The GraphQL face of the travel journal: names that apps know, where they are not those of the stored fields.
 * Data but for four small computations.
 */
import { createRegistry, formatInstant, LIMITS, type RecordState } from '@ackord/core';
import { defineGraphQL, printDomainSchema } from '@ackord/server';
import { travelDomain } from './entities.ts';
import { operations } from './legacy/all.ts';

const INT_MAX = 2 ** 31 - 1;

/** What has no time of its own happened when it was made. */
const moment = {
  type: 'DateTime!',
  value: ({ fields, createdAt }: RecordState) => fields.timestamp ?? formatInstant(createdAt),
};

/** 0/0 without a name is how apps say "nowhere". */
function location({ fields }: RecordState) {
  const { latitude, longitude, locationName } = fields;
  return latitude === 0 && longitude === 0 && locationName === null
    ? null
    : { latitude, longitude, name: locationName };
}

const fileSize = ({ fields }: RecordState) => Math.min(Number(fields.filesize), INT_MAX);

export const travelGraphQL = defineGraphQL({
  name: 'travel',
  roleType: 'TripRole',
  resolvers: operations.resolvers,
  sdl: `
type Location {
  latitude: Float!
  longitude: Float!
  name: String
}

input LocationInput {
  latitude: Float!
  longitude: Float!
  name: String
}
${operations.sdl}`,
  types: {
    Memory: {
      inputNames: { text: 'content', timestamp: 'date', locationName: 'address' },
      inputGroups: {
        location: {
          type: 'LocationInput',
          members: { latitude: 'latitude', longitude: 'longitude', name: 'locationName' },
        },
      },
      outputs: {
        content: { field: 'text' },
        timestamp: moment,
        date: moment,
        address: { field: 'locationName' },
        location: {
          type: 'Location',
          value: location,
          description: 'null for nowhere, which is 0/0 without a name.',
        },
        userId: { type: 'ID!', value: ({ createdBy }) => createdBy, description: 'Who made it.' },
        trip: null,
        bucketListItem: null,
      },
    },
    MediaItem: {
      outputs: {
        mimeType: { field: 'mediaType' },
        timestamp: moment,
        s3Key: { field: 'objectName' },
        filename: { field: 'objectName' },
        originalFilename: { type: 'String', value: () => null },
        fileSize: {
          type: 'Int!',
          value: fileSize,
          description: 'Bytes, but never more than an Int can say.',
        },
        fileSizeBytes: {
          field: 'filesize',
          type: 'Float!',
          description: 'Bytes as the app says, also beyond what an Int can hold.',
        },
        thumbnailS3Key: { field: 'thumbnailObjectName' },
        downloadUrl: { file: 'objectName', seconds: LIMITS.fileUrlSecondsDefault },
        thumbnailUrl: { file: 'thumbnailObjectName', seconds: LIMITS.thumbnailUrlSeconds },
        mediaType: null,
        objectName: null,
        filesize: null,
        thumbnailObjectName: null,
      },
      filePending: ({ fields }) => fields.objectName !== fields.uploadedObjectName,
    },
    GPXTrack: {
      outputs: {
        downloadUrl: { file: 'gpxFileObjectName', seconds: LIMITS.fileUrlSecondsDefault },
        trip: null,
        memory: null,
      },
      filePending: ({ fields }) =>
        typeof fields.gpxFileObjectName === 'string' &&
        fields.gpxFileObjectName !== fields.uploadedObjectName,
    },
    Trip: {
      outputs: { coverImageUrl: { file: 'coverImageObjectName', seconds: LIMITS.coverUrlSeconds } },
    },
    Tag: {
      outputs: {
        categoryId: { field: 'categoryId', type: 'String' },
        relatedTags: { reference: 'relatedTagIds', type: '[Tag!]' },
      },
      shownToOthers: ['name', 'emoji', 'color'],
    },
  },
});

/** The text of `schema.graphql`. */
export const printTravelSchema = (): string =>
  printDomainSchema(createRegistry([travelDomain]), travelGraphQL);
