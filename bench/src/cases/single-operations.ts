/**
 * Each operation of the older API, one call after the other, when the database holds 100,000 records of 18 users (USERS
 * sets another number). The one who asks has 4,000 of them: among others a trip with 1,000 memories, each with
 * tags of a category and a media item.
 */
import { DATE, type Ground, OPERATIONS, type Operation } from '../older-api.ts';
import { type Result, resultOf } from '../result.ts';
import { type Ask, startServer } from '../server.ts';
import { create, mixed } from '../workload.ts';
import { push } from './bulk-sync.ts';

const USERS = Number(process.env.USERS ?? 18);
/** Each of the others has so many thousands of records. */
const THOUSANDS = 6;
const ROUNDS = 60;
const NOTHING_NEW = new Date(Date.now() + 3_600_000).toISOString();

export async function singleOperations(): Promise<Result[]> {
  const server = await startServer();
  try {
    const ground = await prepare(server.user);
    const results: Result[] = [];
    for (const operation of OPERATIONS) results.push(await measure(operation, ground, await server.memory()));
    return results;
  } finally {
    await server.stop();
  }
}

async function measure(operation: Operation, ground: Ground, rssMb: number): Promise<Result> {
  const times: number[] = [];
  for (let round = -10; round < ROUNDS; round++) {
    const variables = await operation.variables(ground);
    const started = performance.now();
    await ground.ask(operation.text, variables);
    if (round >= 0) times.push(performance.now() - started);
  }
  return resultOf(operation.name, times, times.length, rssMb, { goal: operation.goal ?? 'p95 ≤ 10 ms' });
}

async function prepare(newUser: () => Promise<Ask>): Promise<Ground> {
  for (let user = 2; user < USERS; user++) {
    const other = await newUser();
    for (let thousand = 0; thousand < THOUSANDS; thousand++) await push(other, mixed(1_000));
  }
  const [ask, other] = [await newUser(), await newUser()];
  const lists = mixed(1_000);
  const tags = lists.tags.map((tag) => tag.id);
  const trip = create({ name: 'The long one', startDate: DATE });
  const memories = Array.from({ length: 1_000 }, (_, at) =>
    create({
      tripId: trip.id,
      title: `Memory ${at}`,
      content: 'Prose. '.repeat(40),
      date: DATE,
      tagIds: [tags[at % tags.length]],
    }),
  );
  const media = memories.map(({ id: memoryId }) =>
    create({
      memoryId,
      objectName: `${memoryId}.jpg`,
      mediaType: 'image/jpeg',
      timestamp: DATE,
      order: 0,
      filesize: 100,
    }),
  );
  const track = create({ tripId: trip.id, name: 'Stage' });
  await push(ask, lists);
  await push(ask, { trips: [trip], memories, mediaItems: media, gpxTracks: [track] });
  const me = await other<{ getCurrentUser: { email: string } }>('{ getCurrentUser { email } }');
  const now = await ask<{ sync: { serverTimestamp: string } }>(
    'query($t: DateTime!) { sync(lastSyncedAt: $t) { serverTimestamp } }',
    { t: NOTHING_NEW },
  );
  const first = (rows: readonly { readonly id: string }[]): string => rows[0]?.id ?? '';
  return {
    ask,
    trip: trip.id,
    memory: first(memories),
    media: first(media),
    track: track.id,
    tag: first(lists.tags),
    category: first(lists.tagCategories),
    wish: first(lists.bucketListItems),
    friend: me.getCurrentUser.email,
    since: now.sync.serverTimestamp,
  };
}
