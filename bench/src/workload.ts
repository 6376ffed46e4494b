/** The records that all cases write: a travel journal in natural proportions, an entity of about 400 bytes. */
import { randomUUID } from 'node:crypto';

/** Wire names of the travel domain, as rows of bulkSync have them. */
export type Row = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly id: string;
  readonly syncVersion: number;
  readonly clientTimestamp: string;
} & Record<string, unknown>;

export interface Lists {
  readonly tagCategories: Row[];
  readonly tags: Row[];
  readonly bucketListItems: Row[];
  readonly trips: Row[];
  readonly memories: Row[];
  readonly mediaItems: Row[];
  readonly gpxTracks: Row[];
}

const NOW = '2026-05-01T08:00:00.000Z';
const PROSE =
  'The road follows the coast, and where it leaves it, one hears the sea behind the dunes. '.repeat(3);

export const create = (fields: Record<string, unknown>): Row => ({
  operation: 'CREATE',
  id: randomUUID(),
  syncVersion: 0,
  clientTimestamp: NOW,
  ...fields,
});

export const update = (
  id: string,
  syncVersion: number,
  fields: Record<string, unknown>,
  clientTimestamp = NOW,
): Row => ({
  operation: 'UPDATE',
  id,
  syncVersion,
  clientTimestamp,
  ...fields,
});

/** `count` new records of all seven types: 2 % trips, half of them memories. */
export function mixed(count: number): Lists {
  const part = (share: number): number => Math.max(1, Math.round(count * share));
  const list = (length: number, make: (at: number) => Record<string, unknown>): Row[] =>
    Array.from({ length }, (_, at) => create(make(at)));
  const tagCategories = list(part(0.01), (at) => ({ name: `Category ${at} ${randomUUID()}`, color: 'teal' }));
  const tags = list(part(0.04), (at) => ({
    name: `Tag ${at} ${randomUUID()}`,
    color: 'orange',
    emoji: '⛵',
    categoryId: pick(tagCategories, at).id,
  }));
  const bucketListItems = list(part(0.05), (at) => ({
    name: `Wish ${at}`,
    country: 'France',
    region: 'Brittany',
    latitude1: 48.5,
    longitude1: -3.9,
  }));
  const trips = list(part(0.02), (at) => ({
    name: `Trip ${at}`,
    tripDescription: PROSE,
    startDate: NOW,
    endDate: '2026-05-20T08:00:00.000Z',
  }));
  const mediaCount = part(0.3);
  const trackCount = part(0.06);
  const memoryCount = Math.max(
    1,
    count -
      tagCategories.length -
      tags.length -
      bucketListItems.length -
      trips.length -
      mediaCount -
      trackCount,
  );
  const memories = list(memoryCount, (at) => ({
    tripId: pick(trips, at).id,
    title: `Memory ${at}`,
    content: PROSE,
    date: NOW,
    latitude: 48.5 + at / 1000,
    longitude: -3.9,
    address: 'Roscoff',
    tagIds: [pick(tags, at).id],
  }));
  const mediaItems = list(mediaCount, (at) => ({
    memoryId: pick(memories, at).id,
    objectName: `media/${randomUUID()}.jpg`,
    mediaType: 'image/jpeg',
    timestamp: NOW,
    order: at % 10,
    filesize: 2_400_000,
  }));
  const gpxTracks = list(trackCount, (at) => ({
    tripId: pick(trips, at).id,
    name: `Stage ${at}`,
    startTime: NOW,
    endTime: '2026-05-01T17:00:00.000Z',
    totalDistance: 61_000,
    elevationGain: 430,
    totalPoints: 3_100,
  }));
  return { tagCategories, tags, bucketListItems, trips, memories, mediaItems, gpxTracks };
}

export const sizeOf = (lists: Partial<Lists>): number =>
  Object.values(lists).reduce((sum, rows) => sum + rows.length, 0);

const pick = (rows: readonly Row[], at: number): Row => rows[at % rows.length] as Row;
