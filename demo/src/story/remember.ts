/** What a traveller keeps of a place: a memory with words, weather, tags and a few pictures, made on one phone. */
import { type Fields, formatInstant } from '@ackord/core';
import type { City } from '../journey/cities.ts';
import { MOMENTS, SENTENCES, WEATHERS } from '../journey/words.ts';
import { create, type Phone } from '../phone/phone.ts';
import type { Plan } from './plan.ts';
import type { Story } from './story.ts';

const MINUTE_MS = 60_000;

export interface Moment {
  readonly town: City;
  readonly time: number;
  readonly tripId: string;
  readonly gpxTrackId: string | null;
}

/** Gives back the number of pictures. */
export function remember(
  story: Story,
  plan: Plan,
  phone: Phone,
  { town, time, tripId, gpxTrackId }: Moment,
): number {
  const { random } = story;
  const fields: Fields = {
    tripId,
    title: random.pick(MOMENTS).replace('#', town.name),
    text: [random.pick(SENTENCES), random.pick(SENTENCES), random.pick(SENTENCES)].join('\n'),
    timestamp: formatInstant(time),
    latitude: town.latitude,
    longitude: town.longitude,
    locationName: town.name,
    weatherJSON: JSON.stringify({ temperature: random.between(9, 31), condition: random.pick(WEATHERS) }),
    tagIds: random.some([...plan.tagIds.values()], random.between(1, 3)),
    bucketListItemId: random.next() < 0.1 ? (random.some(plan.wishIds, 1)[0] ?? null) : null,
    gpxTrackId,
  };
  const memoryId = create(phone, 'Memory', fields, time);
  const pictures = random.between(1, 3);
  for (let order = 0; order < pictures; order++)
    takePicture(story, phone, memoryId, order, time + order * MINUTE_MS);
  return pictures;
}

export function takePicture(
  { random }: Story,
  phone: Phone,
  memoryId: string,
  order: number,
  time: number,
): string {
  const isFilm = random.next() < 0.1;
  return create(
    phone,
    'MediaItem',
    {
      memoryId,
      objectName: `media/${Math.floor(time / 1000)}_${random.between(10_000_000, 99_999_999)}.${isFilm ? 'mp4' : 'jpg'}`,
      mediaType: isFilm ? 'video/mp4' : 'image/jpeg',
      timestamp: formatInstant(time),
      order,
      filesize: random.between(800_000, isFilm ? 90_000_000 : 6_000_000),
      duration: isFilm ? random.between(4, 60) : null,
    },
    time,
  );
}
