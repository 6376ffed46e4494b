/** Another user's ids in every operation: the same answer as for ids that were never there, and nothing happens. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  codeOf,
  create,
  type Ground,
  journal,
  type Loose,
  media,
  memory,
  NEVER,
  type Person,
  PULL,
  PUSH,
  pushed,
  RESOLVE,
  remove,
  share,
  startTravel,
  TYPES,
  track,
  trip,
  update,
} from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
});
afterAll(() => ground.close());

describe("another user's ids", () => {
  interface Victim {
    readonly owner: Person;
    readonly rows: ReturnType<typeof journal>;
    readonly conflictId: string;
    readonly cursor: string;
  }
  let victim: Victim;
  let thief: Person;
  beforeAll(async () => {
    const owner = await ground.person();
    const rows = journal();
    await pushed(owner, rows.input);
    await pushed(owner.on('a'), { memories: [update(rows.note.id, 1, { address: 'a' })] });
    const { conflicts } = await owner.on('b').push({ memories: [update(rows.note.id, 1, { address: 'b' })] });
    const { nextCursor } = await owner.pull();
    victim = { owner, rows, conflictId: conflicts[0].id, cursor: nextCursor };
    thief = await ground.person();
  });

  /** What a call says, whatever id it was asked for. */
  const anonymous = (answer: Answer, ids: readonly string[]): unknown => {
    let text = JSON.stringify(answer);
    for (const id of ids) text = text.replaceAll(id, '<id>');
    return JSON.parse(
      text
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
        .replace(/"(changeId|id)":"[\da-f-]{32,36}"/g, '"$1":"<made>"'),
    );
  };

  const rowsOf = (type: keyof typeof TYPES, id: string): Record<string, unknown>[] => [
    update(id, 1, {}),
    update(id, 0, {}),
    remove(id, 1),
    remove(id, 0),
    ...(type === 'Trip' ? [{ ...update(id, 1, { name: 'Stolen' }) }] : []),
  ];
  const idOf = {
    TagCategory: 'category',
    Tag: 'tag',
    BucketListItem: 'wish',
    Trip: 'parent',
    Memory: 'note',
    MediaItem: 'picture',
    GPXTrack: 'way',
  } as const;

  test.each(Object.entries(idOf))('of a %s, in rows of bulkSync', async (type, name) => {
    const { list } = TYPES[type as keyof typeof TYPES];
    const known = victim.rows[name].id;
    const unknown = randomUUID();
    for (const at of rowsOf(type as keyof typeof TYPES, known).keys()) {
      const ask = (id: string) =>
        thief.ask(PUSH, { input: { [list]: [rowsOf(type as keyof typeof TYPES, id)[at]] } });
      const [foreign, none] = [await ask(known), await ask(unknown)];
      expect(anonymous(foreign, [known])).toEqual(anonymous(none, [unknown]));
      expect(foreign.data.bulkSync).toMatchObject({
        successful: [],
        conflicts: [],
        failed: [{ code: 'FORBIDDEN' }],
      });
    }
  });

  test('as a parent or as a link of rows', async () => {
    const { parent, note, tag, category, wish, way } = victim.rows;
    const own = trip();
    await pushed(thief, { trips: [own] });
    const cases: [known: { id: string }, row: (id: string) => Record<string, unknown[]>][] = [
      [parent, (id) => ({ memories: [memory(id)] })],
      [parent, (id) => ({ gpxTracks: [track(id)] })],
      [note, (id) => ({ mediaItems: [media(id)] })],
      [tag, (id) => ({ memories: [memory(own.id, { tagIds: [id] })] })],
      [wish, (id) => ({ memories: [memory(own.id, { bucketListItemId: id })] })],
      [way, (id) => ({ memories: [memory(own.id, { gpxTrackId: id })] })],
      [note, (id) => ({ gpxTracks: [track(own.id, { memoryId: id })] })],
      [category, (id) => ({ tags: [create({ name: randomUUID(), categoryId: id })] })],
      [tag, (id) => ({ tags: [create({ name: randomUUID(), relatedTagIds: [id] })] })],
    ];
    for (const [{ id: known }, rows] of cases) {
      const unknown = randomUUID();
      const ask = async (id: string) => {
        const input = rows(id);
        const made = Object.values(input).flatMap((list) => list.map((row) => (row as { id: string }).id));
        const answer = await thief.ask(PUSH, { input });
        return anonymous(answer, [id, ...made]) as Answer;
      };
      const strip = (answer: Answer): unknown =>
        JSON.parse(JSON.stringify(answer).replace(/"seq":\d+/g, '"seq":0'));
      expect(strip(await ask(known))).toEqual(strip(await ask(unknown)));
    }
    const everything = `{ enhancedSync(lastSyncedAt: "${NEVER}", batchSize: 1000) {
      memories { tagIds tags { name } bucketListItemId gpxTrackId gpxTrack { name } }
      gpxTracks { memoryId } tags { categoryId category { name } relatedTagIds relatedTags { name } } } }`;
    const { memories, tags, gpxTracks } = (await thief.data(everything)).enhancedSync;
    expect(memories.length + tags.length + gpxTracks.length).toBe(12);
    for (const one of memories)
      expect(one).toEqual({ tagIds: [], tags: [], bucketListItemId: null, gpxTrackId: null, gpxTrack: null });
    for (const one of gpxTracks) expect(one.memoryId).toBeNull();
    for (const one of tags)
      expect(one).toEqual({ categoryId: null, category: null, relatedTagIds: [], relatedTags: [] });
  });

  test.each([
    ['getTripMembers', 'query Q($id: ID!) { getTripMembers(tripId: $id) { id userId user { email } } }'],
    [
      'shareTrip',
      'mutation Q($id: ID!) { shareTrip(tripId: $id, email: "nobody@example.org", permission: READ) { id } }',
    ],
    [
      'unshareTrip',
      'mutation Q($id: ID!) { unshareTrip(tripId: $id, userId: "00000000-0000-4000-8000-000000000000") }',
    ],
  ])('as the trip of %s', async (_name, document) => {
    const ask = (id: string) => thief.ask(document, { id });
    const known = victim.rows.parent.id;
    const [foreign, none] = [await ask(known), await ask(randomUUID())];
    expect(foreign).toEqual(none);
    expect([foreign.status, foreign.data, codeOf(foreign)]).toEqual([200, null, 'FORBIDDEN']);
  });

  test('as the members of a trip: who may not share learns of no account', async () => {
    const own = trip();
    await pushed(victim.owner, { trips: [own] });
    await share(victim.owner, own.id, thief, 'READ');
    const document =
      'mutation S($id: ID!, $email: String!) { shareTrip(tripId: $id, email: $email, permission: WRITE) { id } }';
    const ask = (email: string) => thief.ask(document, { id: own.id, email });
    expect(await ask(victim.owner.email)).toEqual(await ask('nobody@example.org'));
    const drop = (userId: string) =>
      thief.ask('mutation U($id: ID!, $userId: ID!) { unshareTrip(tripId: $id, userId: $userId) }', {
        id: own.id,
        userId,
      });
    expect(codeOf(await drop(victim.owner.userId))).toBe('FORBIDDEN');
  });

  test.each(['LAST_WRITE_WINS', 'FIRST_WRITE_WINS', 'MANUAL_RESOLUTION', 'KEEP_BOTH'])(
    'as the conflict of resolveConflict, %s',
    async (strategy) => {
      const data = strategy === 'MANUAL_RESOLUTION' ? '{"address":"Stolen"}' : null;
      const ask = (id: string) => thief.ask(RESOLVE, { id, strategy, data });
      const [foreign, none] = [await ask(victim.conflictId), await ask(randomUUID())];
      expect(foreign).toEqual(none);
      expect(codeOf(foreign)).toBe('FORBIDDEN');
    },
  );

  test('as the cursor of a page or of a push', async () => {
    const page = await thief.ask(PULL, { since: NEVER, batchSize: 10, cursor: victim.cursor });
    expect([page.status, page.data, codeOf(page)]).toEqual([200, null, 'CURSOR_FOREIGN']);
    const push = await thief.ask(PUSH, { input: { cursor: victim.cursor, trips: [trip()] } });
    expect([push.status, push.data, codeOf(push)]).toEqual([200, null, 'CURSOR_FOREIGN']);
  });

  test('and after all of that the victim has what it had, and the thief nothing of it', async () => {
    const page = await victim.owner.on('c').pull();
    const { rows } = victim;
    for (const [type, name] of Object.entries(idOf)) {
      const record = page[TYPES[type as keyof typeof TYPES].list].find(
        ({ id }: Loose) => id === rows[name].id,
      );
      expect([type, record.syncVersion]).toEqual([type, type === 'Memory' ? 2 : 1]);
    }
    // Conflicts tell the thief what it sent itself.
    const { conflicts, ...stolen } = await thief.pull();
    for (const name of Object.values(idOf)) expect(JSON.stringify(stolen)).not.toContain(rows[name].id);
    for (const { localData } of conflicts) expect(localData).toBe('null');
  });
});
