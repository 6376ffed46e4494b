/** The seven types as the older app keeps and sends them: which document makes or changes one, and what goes into it. */
import type { Loose } from '../../gaps/ground.ts';
import type { ListName } from '../documents.ts';

export interface OldRow {
  readonly list: ListName;
  /** The server's, once the app knows it. */
  id: string | null;
  /** Under the names of the sync, without ids and stamps. */
  fields: Record<string, unknown>;
  /** The row above it: a memory's trip, a media item's or track's memory, a tag's category. */
  parent: OldRow | null;
  /** By the app's own clock after an edit, by the server's after that. */
  updatedAt: number;
  needsUpload: boolean;
  /** What its user has changed since it was last sent. */
  edited: Set<string>;
  /** Cleared here and never there: what is null is not sent. */
  cleared: Set<string>;
  /** The app threw a newer row of the server away, because its own clock is ahead. */
  missed: boolean;
}

export interface OldType {
  readonly entity: string;
  readonly create: string;
  /** null: an edit after the upload is sent as another creation. */
  readonly update: string | null;
  readonly remove: string;
  /** Name in the sync → name in the input; what can't be sent by an update is in brackets. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly createOnly: readonly string[];
  /** Name in the sync → stored name, where they differ. */
  readonly stored: Readonly<Record<string, string>>;
  /** The member that names the parent in a creation. */
  readonly parent: { readonly input: string; readonly list: ListName; readonly isNeeded: boolean } | null;
}

const same = (names: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, name]));

export const OLD_TYPES: Readonly<Record<ListName, OldType>> = {
  trips: {
    entity: 'Trip',
    create: 'CreateTrip',
    update: 'UpdateTrip',
    remove: 'DeleteTrip',
    inputs: same(
      'name tripDescription travelCompanions visitedCountries startDate endDate isActive totalDistance gpsTrackingEnabled',
    ),
    createOnly: [],
    stored: {},
    parent: null,
  },
  memories: {
    entity: 'Memory',
    create: 'CreateMemory',
    update: 'UpdateMemory',
    remove: 'DeleteMemory',
    inputs: {
      ...same('title latitude longitude'),
      text: 'content',
      timestamp: 'date',
      locationName: 'address',
    },
    createOnly: [],
    stored: {},
    parent: { input: 'tripId', list: 'trips', isNeeded: true },
  },
  mediaItems: {
    entity: 'MediaItem',
    create: 'CreateMediaItem',
    update: null,
    remove: 'DeleteMediaItem',
    inputs: {
      ...same('timestamp order duration'),
      filename: 'objectName',
      mimeType: 'mediaType',
      fileSize: 'filesize',
    },
    createOnly: [],
    stored: { filename: 'objectName', mimeType: 'mediaType', fileSize: 'filesize' },
    parent: { input: 'memoryId', list: 'memories', isNeeded: true },
  },
  gpxTracks: {
    entity: 'GPXTrack',
    create: 'CreateGPXTrack',
    update: null,
    remove: 'DeleteGPXTrack',
    inputs: same('name originalFilename creator trackType'),
    createOnly: [],
    stored: {},
    parent: { input: 'tripId', list: 'trips', isNeeded: true },
  },
  tags: {
    entity: 'Tag',
    create: 'CreateTag',
    update: 'UpdateTag',
    remove: 'DeleteTag',
    inputs: same('name emoji color tagDescription'),
    createOnly: ['emoji', 'tagDescription'],
    stored: {},
    parent: { input: 'categoryId', list: 'tagCategories', isNeeded: false },
  },
  tagCategories: {
    entity: 'TagCategory',
    create: 'CreateTagCategory',
    update: null,
    remove: 'DeleteTagCategory',
    inputs: same('name emoji color'),
    createOnly: [],
    stored: {},
    parent: null,
  },
  bucketListItems: {
    entity: 'BucketListItem',
    create: 'CreateBucketListItem',
    update: null,
    remove: 'DeleteBucketListItem',
    inputs: same('name country region type latitude1 longitude1 latitude2 longitude2 isDone'),
    createOnly: [],
    stored: {},
    parent: null,
  },
};

/** The order in which the app uploads, and that in which it applies a sync. */
export const UPLOAD_ORDER: readonly ListName[] = [
  'trips',
  'memories',
  'mediaItems',
  'gpxTracks',
  'tags',
  'tagCategories',
  'bucketListItems',
];
export const APPLY_ORDER: readonly ListName[] = [
  'trips',
  'memories',
  'mediaItems',
  'gpxTracks',
  'tags',
  'tagCategories',
  'bucketListItems',
];

/** What is sent: never null, since the app leaves out what it does not have. */
export function inputOf(row: OldRow, isUpdate: boolean): Record<string, unknown> {
  const { inputs, createOnly, parent } = OLD_TYPES[row.list];
  const input: Record<string, unknown> = {};
  for (const [name, sent] of Object.entries(inputs)) {
    const value = row.fields[name] ?? null;
    if (value === null || (isUpdate && createOnly.includes(name))) continue;
    input[sent] = value;
  }
  if (parent === null || (isUpdate && row.list !== 'tags')) return input;
  // A parent that is not uploaded yet has no id: where one is needed, the app sends an empty text.
  const id = row.parent?.id ?? (parent.isNeeded ? '' : null);
  return id === null ? input : { ...input, [parent.input]: id };
}

/** What the row's user meant to say by it, under stored names. */
export function meantBy(row: OldRow, isUpdate: boolean): Record<string, unknown> {
  const { inputs, createOnly, stored } = OLD_TYPES[row.list];
  return Object.fromEntries(
    Object.keys(inputs).flatMap((name) => {
      const value = row.fields[name] ?? null;
      const isMeant = isUpdate ? row.edited.has(name) && !createOnly.includes(name) : true;
      return value === null || !isMeant ? [] : [[stored[name] ?? name, value]];
    }),
  );
}

/** A row of the sync as the app keeps it. */
export const keptOf = (list: ListName, server: Loose): Record<string, unknown> =>
  Object.fromEntries(Object.keys(OLD_TYPES[list].inputs).map((name) => [name, server[name] ?? null]));

/** The id of the parent, as the sync tells it. */
export function parentIdOf(list: ListName, server: Loose): string | null {
  if (list === 'mediaItems') return server.memory.id;
  if (list === 'tags') return server.categoryId ?? null;
  return list === 'memories' || list === 'gpxTracks' ? server.tripId : null;
}
