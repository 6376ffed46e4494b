/**
 * What lies where in the older server: the table of each entity type and its fields, which mostly have the names that
 * they have here. Columns that are missing are read as left out.
 */
export type MovedType =
  | 'TagCategory'
  | 'Tag'
  | 'BucketListItem'
  | 'Trip'
  | 'Memory'
  | 'MediaItem'
  | 'GPXTrack';

export interface MovedTable {
  readonly type: MovedType;
  readonly name: string;
  /** The fields that are taken over, under the names of their columns. */
  readonly fields: readonly string[];
  /** Without these there is nothing to take over. */
  readonly needed: readonly string[];
  /** Who made a row. */
  readonly creator: string;
}

const table = (
  type: MovedType,
  name: string,
  creator: string,
  needed: readonly string[],
  optional: readonly string[],
): MovedTable => ({ type, name, creator, needed, fields: [...needed, ...optional] });

export const TABLES: { readonly [T in MovedType]: MovedTable } = {
  TagCategory: table(
    'TagCategory',
    'tag_category',
    'creatorId',
    ['name'],
    ['displayName', 'emoji', 'color', 'sortOrder', 'isExpanded', 'isSystemCategory'],
  ),
  Tag: table(
    'Tag',
    'tag',
    'creatorId',
    ['name'],
    [
      'normalizedName',
      'displayName',
      'emoji',
      'color',
      'tagDescription',
      'categoryId',
      'isArchived',
      'sortOrder',
      'isSystemTag',
      'usageCount',
    ],
  ),
  BucketListItem: table(
    'BucketListItem',
    'bucket_list_item',
    'creatorId',
    ['name'],
    [
      'country',
      'region',
      'type',
      'latitude1',
      'longitude1',
      'latitude2',
      'longitude2',
      'isDone',
      'completedAt',
    ],
  ),
  Trip: table(
    'Trip',
    'trip',
    'ownerId',
    ['name', 'startDate'],
    [
      'tripDescription',
      'travelCompanions',
      'visitedCountries',
      'coverImageObjectName',
      'endDate',
      'isActive',
      'totalDistance',
      'gpsTrackingEnabled',
    ],
  ),
  Memory: table(
    'Memory',
    'memory',
    'creatorId',
    ['title', 'tripId'],
    [
      'text',
      'timestamp',
      'latitude',
      'longitude',
      'locationName',
      'weatherJSON',
      'bucketListItemId',
      'gpxTrackId',
    ],
  ),
  MediaItem: table(
    'MediaItem',
    'media_item',
    'uploaderId',
    ['memoryId', 'objectName', 'mediaType'],
    ['thumbnailObjectName', 'timestamp', 'order', 'filesize', 'duration'],
  ),
  GPXTrack: table(
    'GPXTrack',
    'gpx_track',
    '',
    ['name', 'tripId'],
    [
      'description',
      'originalFilename',
      'gpxFileObjectName',
      'creator',
      'trackType',
      'startTime',
      'endTime',
      'totalDistance',
      'totalDuration',
      'averageSpeed',
      'maxSpeed',
      'elevationGain',
      'elevationLoss',
      'minElevation',
      'maxElevation',
      'totalPoints',
    ],
  ),
};
