/** The additive arguments of lists: `limit` and `after`. Pages add up to the list without them, in its order. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AT,
  codeOf,
  create,
  type Ground,
  type Loose,
  memory,
  type Person,
  pushed,
  startTravel,
  track,
  trip,
} from '../gaps/ground.ts';

let ground: Ground;
let anna: Person;
let parent: string;
const COUNT = 23;

beforeAll(async () => {
  ground = await startTravel();
  anna = await ground.person();
  const trips = Array.from({ length: COUNT }, () => trip());
  parent = trips[0]!.id;
  const many = (make: (at: number) => object) => Array.from({ length: COUNT }, (_, at) => make(at));
  await pushed(anna, {
    trips,
    memories: many((at) => memory(parent, { title: `A memory ${at}` })),
    gpxTracks: many((at) => track(parent, { name: `Track ${at}` })),
    tags: many((at) => create({ name: `Tag ${at}` })),
    tagCategories: many((at) => create({ name: `Category ${at}` })),
    bucketListItems: many((at) => create({ name: `Wish ${at}` })),
  });
  const points = many((at) => ({ latitude: at, longitude: 0, timestamp: AT }));
  const text =
    'mutation M($id: ID!, $points: [RoutePointInput!]!) { createRoutePoints(tripId: $id, points: $points) { id } }';
  await anna.data(text, { id: parent, points });
});
afterAll(() => ground.close());

const LISTS = [
  ['trips', ''],
  ['memories', ''],
  ['memories', 'tripId: $tripId'],
  ['searchMemories', 'query: "A mem"'],
  ['gpxTracksByTrip', 'tripId: $tripId'],
  ['routePoints', 'tripId: $tripId'],
  ['tags', ''],
  ['tagCategories', ''],
  ['bucketListItems', ''],
] as const;

describe.each(LISTS)('%s %s', (field, own) => {
  const text = `query Q($tripId: ID!, $limit: Int, $after: ID) { ${field}(${own ? `${own}, ` : ''}limit: $limit, after: $after) { id } trip(id: $tripId) { id } }`;
  const ask = (args: object, by: Person = anna) => by.ask(text, { tripId: parent, ...args });
  const ids = async (args: object): Promise<string[]> => {
    const { data, errors } = await ask(args);
    expect(errors).toEqual([]);
    return data[field].map(({ id }: Loose) => id);
  };

  test('pages add up', async () => {
    const whole = await ids({});
    expect([whole.length, new Set(whole).size]).toEqual([COUNT, COUNT]);
    for (const limit of [1, 7, COUNT, 5_000]) {
      const found: string[] = [];
      for (;;) {
        const page = await ids({ limit, ...(found.length > 0 && { after: found.at(-1) }) });
        found.push(...page);
        if (page.length < limit) break;
      }
      expect(found).toEqual(whole);
    }
    expect(await ids({ limit: null, after: null })).toEqual(whole);
  });

  test('numbers that are none, and ids of nothing', async () => {
    for (const limit of [0, -1, 5_001, 2 ** 31 - 1])
      expect([limit, codeOf(await ask({ limit }))]).toEqual([limit, 'BAD_USER_INPUT']);
    for (const after of ['', 'x', '\u0000', randomUUID()])
      expect([after, codeOf(await ask({ after }))]).toEqual([after, 'BAD_USER_INPUT']);
  });
});

test('an id of a stranger in after reads as unknown', async () => {
  const stranger = await ground.person();
  const { memories } = await anna.data('{ memories(limit: 1) { id } }');
  const ask = (after: string) => stranger.ask(`{ memories(after: "${after}") { id } }`);
  expect(await ask(memories[0].id)).toEqual(await ask(randomUUID()));
});
