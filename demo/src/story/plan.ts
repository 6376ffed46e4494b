/** Day 1, before they leave: Anna plans the journey on her phone. */
import { formatInstant } from '@ackord/core';
import { ROUTE } from '../journey/route.ts';
import { TAG_WORDS } from '../journey/words.ts';
import { create } from '../phone/phone.ts';
import type { Story } from './story.ts';

/** Ids of what the later scenes need. */
export interface Plan {
  /** As in ROUTE. */
  readonly tripIds: readonly string[];
  /** By name. */
  readonly tagIds: ReadonlyMap<string, string>;
  readonly wishIds: readonly string[];
}

/** A trip of the plan takes so many days. */
export const DAYS_PER_TRIP = 2;
const WISHES = 40;
/** Wishes are places around the end of the journey. */
const WISH_METERS_MAX = 250_000;
const CITY_POPULATION_MIN = 30_000;

export function plan(story: Story): Plan {
  const { anna, clock } = story;
  const time = clock.at(1, '07:00');
  const tagIds = new Map(TAG_WORDS.flatMap((words, order) => planTags(story, words, order, time)));
  const tripIds = ROUTE.map(({ name, countries }, index) =>
    create(
      anna,
      'Trip',
      {
        name,
        visitedCountries: countries,
        travelCompanions: 'Anna, Ben',
        startDate: formatInstant(clock.at(1 + index * DAYS_PER_TRIP, '08:00')),
      },
      time,
    ),
  );
  return { tripIds, tagIds, wishIds: planWishes(story, time) };
}

function planTags(
  { anna }: Story,
  { category, color, tags }: (typeof TAG_WORDS)[number],
  sortOrder: number,
  time: number,
): [string, string][] {
  const categoryId = create(anna, 'TagCategory', { name: category, color, sortOrder }, time);
  return tags.map((name, order) => [
    name,
    create(anna, 'Tag', { name, color, categoryId, sortOrder: order }, time),
  ]);
}

function planWishes({ anna, cities, random }: Story, time: number): string[] {
  const sea = cities.named('Genoa', 'IT');
  const towns = cities
    .near(sea, WISH_METERS_MAX)
    .filter(({ population }) => population >= CITY_POPULATION_MIN);
  return random
    .some(towns, WISHES)
    .map(({ name, country, latitude, longitude }) =>
      create(
        anna,
        'BucketListItem',
        { name: `See ${name}`, country, type: 'city', latitude1: latitude, longitude1: longitude },
        time,
      ),
    );
}
