/** The text of the file operations. Names and types are those that apps in the field send. */
export const FILES_SDL = `
extend type Query {
  "Where to upload a file that belongs to no record yet: name its key in the record."
  getPresignedUploadUrl(filename: String!, mimeType: String!): PresignedUrlResponse!
  "For keys of the caller's own uploads, and of files of records that it may see."
  getPresignedDownloadUrl(objectKey: String!): PresignedUrlResponse!
  "Records that are unknown, not the caller's, or without a file are left out."
  generateBatchDownloadUrls(mediaItemIds: [ID!], gpxTrackIds: [ID!], expiresIn: Int): FileSyncResponse!
}

extend type Mutation {
  "The same as the query getPresignedUploadUrl."
  createUploadUrl(filename: String!, mimeType: String = "application/octet-stream"): PresignedUrlResponse!
  generateGpxUploadUrl(filename: String!): PresignedUrlResponse!
  generateTripCoverImageUploadUrl(tripId: ID!, contentType: String!): PresignedUrlResponse!
  assignCoverImageToTrip(tripId: ID!, objectName: String!): Trip!
  "entityType is MediaItem, MediaItemThumbnail, GPXTrack or Trip. Records that are unknown, or not the caller's to change, are left out."
  generateBatchUploadUrls(uploadRequests: [UploadRequest!]!, expiresIn: Int): BulkUploadResponse!
  "The file has been uploaded: it is looked at, and the record then has it. False for whatever is wrong."
  markFileUploadComplete(entityId: ID!, entityType: String!, objectName: String!): Boolean!
}

"URLs hold for expiresIn seconds, for whoever has them. Send the very Content-Type that was asked for."
type PresignedUrlResponse {
  "Of a download the same as downloadUrl."
  uploadUrl: String!
  downloadUrl: String
  expiresIn: Float
  objectKey: String!
}

input UploadRequest {
  entityId: ID!
  entityType: String!
  objectName: String!
  mimeType: String!
}

type BulkUploadUrl {
  entityId: ID!
  entityType: String!
  objectName: String!
  uploadUrl: String!
  expiresIn: Int!
}

type BulkUploadResponse {
  uploadUrls: [BulkUploadUrl!]!
  generatedAt: DateTime!
}

type FileDownloadUrl {
  entityId: ID!
  entityType: String!
  objectName: String!
  downloadUrl: String!
  expiresIn: Int!
}

type FileSyncResponse {
  downloadUrls: [FileDownloadUrl!]!
  generatedAt: DateTime!
}
`;
