/** What the people of a run do with their apps: each edit is a few choices; every text is one that nobody else writes. */
import type { Loose } from '../../gaps/ground.ts';
import type { BulkClient, EntityName } from './bulk-client.ts';
import type { Chance } from './chance.ts';
import type { OldClient } from './old-client.ts';
import { OLD_TYPES, type OldRow } from './old-types.ts';

let count = 0;
const word = (who: string): string => `${who} ${++count}`;
const moment = (): string => new Date(Date.UTC(2024, 0, 1) + ++count * 61_007).toISOString();

const ROOMS = { trips: 8, children: 40 };

export function editOld(client: OldClient, chance: Chance): void {
  const of = (list: OldRow['list']): OldRow[] => client.rows.filter((row) => row.list === list);
  const dice = chance.number(100);
  if (dice < 30) {
    createOld(client, chance, of);
    return;
  }
  if (dice < 90) {
    const row = chance.one(
      of(
        chance.one([
          'trips',
          'trips',
          'memories',
          'memories',
          'tags',
          'mediaItems',
          'gpxTracks',
          'bucketListItems',
        ] as const) ?? 'trips',
      ),
    );
    if (row) changeOld(client, chance, row);
    return;
  }
  const list = chance.one([
    'memories',
    'mediaItems',
    'gpxTracks',
    'tags',
    'tagCategories',
    'bucketListItems',
    'trips',
  ] as const);
  // Trips are few, and take everything along.
  const row = list === 'trips' && !chance.percent(10) ? undefined : chance.one(of(list ?? 'memories'));
  if (row) client.store.remove(row);
}

function createOld(client: OldClient, chance: Chance, of: (list: OldRow['list']) => OldRow[]): void {
  const name = word(client.name);
  const trip = chance.one(of('trips')) ?? null;
  const memory = chance.one(of('memories')) ?? null;
  switch (chance.number(7)) {
    case 0:
      if (of('trips').length < ROOMS.trips)
        client.store.add(
          'trips',
          { name, startDate: moment(), isActive: true, totalDistance: 0, gpsTrackingEnabled: true },
          null,
        );
      return;
    case 1:
      if (of('mediaItems').length < ROOMS.children && memory)
        client.store.add(
          'mediaItems',
          { filename: name, mimeType: 'image/jpeg', timestamp: moment(), order: count, fileSize: count },
          memory,
        );
      return;
    case 2:
      if (of('gpxTracks').length < ROOMS.children && trip)
        client.store.add(
          'gpxTracks',
          { name, originalFilename: word(client.name), creator: 'watch', trackType: 'walk' },
          trip,
        );
      return;
    case 3: {
      // Now and then a name that others have chosen too.
      const tag = chance.percent(30) ? `Common ${chance.number(5)}` : name;
      client.store.add(
        'tags',
        { name: tag, color: word('c'), tagDescription: word('d') },
        chance.one(of('tagCategories')) ?? null,
      );
      return;
    }
    case 4:
      client.store.add(
        'tagCategories',
        { name: chance.percent(20) ? `Common ${chance.number(3)}` : name, emoji: word('e') },
        null,
      );
      return;
    case 5:
      if (of('bucketListItems').length < ROOMS.children)
        client.store.add('bucketListItems', { name, country: word('c'), isDone: false }, null);
      return;
    default:
      if (of('memories').length < ROOMS.children)
        client.store.add(
          'memories',
          { title: name, text: word('t'), timestamp: moment(), latitude: 1, longitude: 2 },
          trip,
        );
  }
}

const OLD_FIELDS: Readonly<Record<OldRow['list'], readonly string[]>> = {
  trips: ['name', 'tripDescription', 'travelCompanions', 'visitedCountries'],
  memories: ['title', 'text', 'locationName', 'timestamp'],
  mediaItems: ['filename'],
  gpxTracks: ['name'],
  tags: ['name', 'color'],
  // The app crashes at an update of a category.
  tagCategories: [],
  bucketListItems: ['name', 'region'],
};

function changeOld(client: OldClient, chance: Chance, row: OldRow): void {
  // An edit of what can only be created makes a second one; people do not do that often.
  if (OLD_TYPES[row.list].update === null && row.id !== null && !chance.percent(15)) return;
  const field = chance.one(OLD_FIELDS[row.list]);
  if (field === undefined) return;
  const canBeNull = !['name', 'title', 'filename', 'timestamp'].includes(field);
  if (canBeNull && chance.percent(5)) client.store.edit(row, field, null);
  else client.store.edit(row, field, field === 'timestamp' ? moment() : word(client.name));
}

export function editBulk(client: BulkClient, chance: Chance): void {
  const dice = chance.number(100);
  const entities: readonly EntityName[] = [
    'Trip',
    'Trip',
    'Memory',
    'Memory',
    'MediaItem',
    'GPXTrack',
    'Tag',
    'TagCategory',
    'BucketListItem',
  ];
  const entity = chance.one(entities) ?? 'Trip';
  const record = chance.one(client.recordsOf(entity));
  if (dice < 25) {
    createBulk(client, chance, entity);
    return;
  }
  if (!record) return;
  if (dice < 93) {
    client.update(entity, record, changeOf(client, chance, entity));
    return;
  }
  if (entity === 'Trip' && (record.role !== 'OWNER' || !chance.percent(10))) return;
  client.remove(entity, record);
}

function createBulk(client: BulkClient, chance: Chance, entity: EntityName): void {
  const name = word(client.name);
  const parent = (of: EntityName): Loose => chance.one(client.recordsOf(of))?.id;
  if (client.recordsOf(entity).length >= (entity === 'Trip' ? ROOMS.trips : ROOMS.children)) return;
  const [trip, memory] = [parent('Trip'), parent('Memory')];
  const fields: Record<EntityName, Record<string, unknown> | null> = {
    Trip: { name, startDate: moment() },
    Memory: trip ? { title: name, content: word('t'), tripId: trip } : null,
    MediaItem: memory ? { objectName: name, mediaType: 'image/png', memoryId: memory, order: ++count } : null,
    GPXTrack: trip ? { name, tripId: trip, memoryId: memory ?? null } : null,
    Tag: {
      name: chance.percent(30) ? `Common ${chance.number(5)}` : name,
      color: word('c'),
      categoryId: parent('TagCategory') ?? null,
    },
    TagCategory: { name: chance.percent(20) ? `Common ${chance.number(3)}` : name, emoji: word('e') },
    BucketListItem: { name, country: word('c') },
  };
  if (fields[entity]) client.create(entity, fields[entity]);
}

function changeOf(client: BulkClient, chance: Chance, entity: EntityName): Record<string, unknown> {
  const value = word(client.name);
  const pick = (...fields: readonly string[]) => ({ [chance.one(fields) ?? 'name']: value });
  switch (entity) {
    case 'Trip':
      return chance.percent(10)
        ? { tripDescription: null }
        : pick('name', 'tripDescription', 'travelCompanions', 'visitedCountries');
    case 'Memory': {
      const tag = chance.one(client.recordsOf('Tag'));
      return chance.percent(20) && tag ? { tagIds: [tag.id] } : pick('title', 'content', 'address');
    }
    case 'MediaItem':
      return pick('objectName', 'thumbnailObjectName');
    case 'GPXTrack':
      return pick('name', 'creator', 'trackType', 'originalFilename');
    case 'Tag':
      return pick('name', 'color', 'emoji', 'tagDescription');
    case 'TagCategory':
      return pick('name', 'emoji', 'color');
    case 'BucketListItem':
      return pick('name', 'country', 'region', 'type');
  }
}
