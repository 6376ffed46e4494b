/** Moving in while people are at work on both sides, in quantity, and with a run that is cut off. */
import type { Engine } from '@ackord/server';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { ALPS, ANNA, BEACH, BEN, CLEO, fill, HUT, SUN } from './filled.ts';
import { idOf, type OldServer, startOldServer } from './old-server.ts';
import { countsOf, moveFrom, stateOf, withEngine } from './support.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startOld(): Promise<OldServer> {
  const old = await startOldServer();
  cleanups.push(old.close);
  return old;
}

async function startNew(): Promise<TestDatabase> {
  const database = await (await getTestPostgres()).createDatabase();
  cleanups.push(database.drop);
  return database;
}

/** 50 users with 4 trips each; 100 memories a trip, every second one with a picture and a tag that all of them share. */
async function fillWithMany({ run }: OldServer, memories: number): Promise<void> {
  const id = (kind: string, number: string) => `md5('${kind} ' || ${number})::uuid`;
  await run(`INSERT INTO "user" (id, email, username, "passwordHash")
    SELECT ${id('user', 'n')}, n || '@example.org', n || '@example.org', 'none' FROM generate_series(1, 50) AS n`);
  await run(`INSERT INTO trip (id, name, "startDate")
    SELECT ${id('trip', 'n')}, 'Trip ' || n, '2023-01-01' FROM generate_series(1, 200) AS n`);
  await run(`INSERT INTO trip_membership (id, role, "userId", "tripId")
    SELECT ${id('member', 'n')}, 'owner', ${id('user', '(n % 50 + 1)')}, ${id('trip', 'n')} FROM generate_series(1, 200) AS n`);
  await run(
    `INSERT INTO tag (id, name) SELECT ${id('tag', 'n')}, 'tag ' || n FROM generate_series(1, 20) AS n`,
  );
  await run(
    `INSERT INTO memory (id, title, text, latitude, longitude, "tripId")
     SELECT ${id('memory', 'n')}, 'Memory ' || n, repeat('Some words of a journal. ', 10), n % 90, n % 180,
       ${id('trip', '(n % 200 + 1)')} FROM generate_series(1, $1::int) AS n`,
    [memories],
  );
  await run(
    `INSERT INTO memory_tags_tag SELECT ${id('memory', 'n')}, ${id('tag', '(n % 20 + 1)')}
     FROM generate_series(1, $1::int, 2) AS n`,
    [memories],
  );
  await run(
    `INSERT INTO media_item (id, "mediaType", "timestamp", "order", "objectName", filesize, "memoryId")
     SELECT ${id('media', 'n')}, 'image/jpeg', now(), 0, 'media/' || n || '.jpg', 1000, ${id('memory', 'n')}
     FROM generate_series(1, $1::int, 2) AS n`,
    [memories],
  );
}

test('20,000 memories and 10,000 pictures come in bounded time, and a second run takes less', {
  timeout: 180_000,
}, async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fillWithMany(old, 20_000);
  const startedAt = performance.now();
  const steps: string[] = [];
  const onStep = (table: string): void => {
    steps.push(`${Math.round(performance.now() - startedAt)} ${table}`);
  };
  const report = await moveFrom(old, database, { onStep });
  const firstMs = performance.now() - startedAt;
  expect(report.problems).toEqual([]);
  expect(countsOf(report)).toMatchObject({
    Memory: { created: 20_000 },
    MediaItem: { created: 10_000 },
    Trip: { created: 200 },
  });
  const again = performance.now();
  const second = await moveFrom(old, database);
  const secondMs = performance.now() - again;
  expect(countsOf(second)).toMatchObject({ Memory: { created: 0, changed: 0, unchanged: 20_000 } });
  // Some seconds on a machine that has nothing else to do.
  expect(firstMs).toBeLessThan(90_000);
  expect(secondMs).toBeLessThan(firstMs);
  if (process.env.SHOW_SPEED) console.log({ firstMs, secondMs, steps });
});

test('readers and writers of the older server never wait', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fill(old);
  const writer = new pg.Client({ connectionString: old.url });
  await writer.connect();
  cleanups.push(() => writer.end());
  await writer.query(`SET lock_timeout = '200ms'`);
  let work = Promise.resolve();
  const steps: string[] = [];
  const onStep = (table: string): void => {
    steps.push(table);
    // By another session, while the move has this table open, and all those before.
    work = work.then(() => writeAll(writer));
  };
  await moveFrom(old, database, { onStep });
  await work;
  expect(steps).toEqual(
    expect.arrayContaining(['user', 'tag', 'trip', 'memory', 'media_item', 'gpx_track', 'deletion_log']),
  );
});

/** Fails where it would have to wait for longer than the session allows. */
async function writeAll(writer: pg.Client): Promise<void> {
  for (const table of ['user', 'trip', 'memory', 'tag', 'media_item', 'gpx_track', 'deletion_log']) {
    await writer.query('BEGIN');
    // What every INSERT, UPDATE and DELETE takes, and an index that is built, too.
    await writer.query(`LOCK TABLE "${table}" IN SHARE ROW EXCLUSIVE MODE`);
    await writer.query('COMMIT');
  }
  for (const table of ['memory', 'trip', 'tag'])
    await writer.query(`UPDATE "${table}" SET "updatedAt" = now()`);
  await writer.query('SELECT count(*) FROM memory');
}

/** Lets some submissions through, then the connection is gone. */
const cutOffAfter =
  (submissions: number) =>
  (engine: Engine): Engine => {
    let left = submissions;
    return {
      ...engine,
      submit: async (submission) => {
        const result = await engine.submit(submission);
        left -= 1;
        // What was committed is in, but nobody hears of it.
        if (left <= 0) throw new Error('cut off');
        return result;
      },
    };
  };

test('a run that is cut off anywhere goes on with the next one, to the same end', async () => {
  const [old, whole, cut] = [await startOld(), await startNew(), await startNew()];
  await fill(old);
  await moveFrom(old, whole);
  let cuts = 0;
  for (let submissions = 1; submissions < 40; submissions += 3) {
    const isCut = await moveFrom(old, cut, { around: cutOffAfter(submissions) }).then(
      () => false,
      () => true,
    );
    if (!isCut) break;
    cuts += 1;
  }
  await moveFrom(old, cut);
  expect(cuts).toBeGreaterThan(3);
  const [a, b] = [(await stateOf(whole)) as State, (await stateOf(cut)) as State];
  expect(b.digests).toEqual(a.digests);
  expect(b.heads).toEqual(a.heads);
});

interface State {
  readonly heads: unknown;
  readonly digests: unknown;
}

test('missing tables and columns are said, and the rest comes', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fill(old);
  for (const table of [
    'deletion_log',
    'memory_tags_tag',
    'tag_related_tags',
    'route_point',
    'track_segment',
    'tag_category',
  ])
    await old.run(`DROP TABLE ${table} CASCADE`);
  await old.run('ALTER TABLE memory DROP COLUMN "weatherJSON", DROP COLUMN "creatorId"');
  await old.run('ALTER TABLE media_item DROP COLUMN "objectName"');
  await old.run('ALTER TABLE "user" RENAME COLUMN "passwordHash" TO password');
  const report = await moveFrom(old, database);
  expect(countsOf(report)).toMatchObject({
    Memory: { created: 4 },
    User: { created: 3 },
    Tag: { created: 4 },
  });
  const problems = report.problems.map(({ table, reason }) => `${table}: ${reason}`).join('\n');
  expect(problems).toContain('media_item: The table has no column objectName');
  expect(problems).toContain('tag_category: The table is not there');
  expect(report.notes.join('\n')).toContain('deletion_log');
});

test('a database that is another one is not read, and one that is empty deletes nothing', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fillWithMany(old, 200);
  await moveFrom(old, database);
  const before = await stateOf(database);
  await old.run('TRUNCATE trip, memory, media_item, memory_tags_tag, trip_membership CASCADE');
  await expect(moveFrom(old, database)).rejects.toThrow('another database');
  expect(await stateOf(database)).toEqual(before);
  await old.run('DROP TABLE trip CASCADE');
  await expect(moveFrom(old, database)).rejects.toThrow('no tables "user" and "trip"');
});

test('an account that is here already is nobody elses', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fill(old);
  await moveFrom(old, database, { isDryRun: true });
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  cleanups.push(() => client.end());
  await client.query(
    `INSERT INTO ackord.app_user (id, email, username, password_hash) VALUES (gen_random_uuid(), 'Anna@Example.org', 'x', 'theirs')`,
  );
  const report = await moveFrom(old, database);
  expect(report.counts.get('User')).toMatchObject({ created: 2, leftOut: 2 });
  // Her trip and her wish wait for her, though the trip has an editor.
  expect(report.counts.get('BucketListItem')).toMatchObject({ created: 0, leftOut: 2 });
  const { rows } = await client.query(`SELECT password_hash FROM ackord.app_user WHERE username = 'x'`);
  expect(rows).toEqual([{ password_hash: 'theirs' }]);
  const { rows: memories } = await client.query(`SELECT 1 FROM ackord.location WHERE id = $1`, [HUT]);
  expect(memories).toEqual([]);
});

test('tags of one user that differ in their case alone become one, and memories keep it', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fill(old);
  await old.insert('tag', { id: idOf('tag', 5), name: ' SUN' });
  await old.insert('memory_tags_tag', { memoryId: BEACH, tagId: idOf('tag', 5) });
  const report = await moveFrom(old, database);
  expect(report.counts.get('Tag')).toMatchObject({ read: 5, created: 5, leftOut: 0 });
  expect(report.notes.filter((note) => note.includes('but for case or blanks'))).toEqual([
    `Tag ${idOf('tag', 5)}: its name is that of ${SUN} but for case or blanks; they become one.`,
  ]);
  const before = await stateOf(database);
  await moveFrom(old, database);
  expect(await stateOf(database)).toEqual(before);
  const [memory] = await rowsOf(database, `SELECT doc FROM ackord.record WHERE id = '${BEACH}'`);
  expect(memory?.doc).toMatchObject({ tagIds: [SUN] });
});

test('roles that change over there change here, but for those that people changed here', async () => {
  const [old, database] = [await startOld(), await startNew()];
  await fill(old);
  await moveFrom(old, database);
  const change = (role: string, userId: string) =>
    old.run(
      'UPDATE trip_membership SET role = $1::trip_membership_role_enum WHERE "userId" = $2 AND "tripId" = $3',
      [role, userId, ALPS],
    );
  const roles = async () =>
    Object.fromEntries(
      (
        await rowsOf(
          database,
          `SELECT user_id, role FROM ackord.member WHERE scope_id = 'trip:${ALPS}' AND revoked_at IS NULL`,
        )
      ).map(({ user_id, role }) => [String(user_id), role]),
    );
  // The trip is handed over: the new owner first, then the old one steps back.
  await change('owner', BEN);
  await change('editor', ANNA);
  const report = await moveFrom(old, database);
  expect(report.counts.get('TripMembership')).toMatchObject({ changed: 2, leftOut: 1 });
  expect(await roles()).toEqual({ [ANNA]: 'EDITOR', [BEN]: 'OWNER', [CLEO]: 'VIEWER' });
  // Ben makes Cleo an editor here; over there she becomes an owner.
  await withEngine(database, (engine) =>
    engine.setMember({ actor: { userId: BEN }, scope: `trip:${ALPS}`, userId: CLEO, role: 'EDITOR' }),
  );
  await change('owner', CLEO);
  const second = await moveFrom(old, database);
  expect(second.counts.get('TripMembership')).toMatchObject({ kept: 1 });
  expect(await roles()).toEqual({ [ANNA]: 'EDITOR', [BEN]: 'OWNER', [CLEO]: 'EDITOR' });
  // What goes on in the trip has another speaker now, and still comes.
  await old.run(`UPDATE memory SET title = 'Hut again', "updatedAt" = now() WHERE id = $1`, [HUT]);
  await old.run('DELETE FROM media_item');
  const third = await moveFrom(old, database);
  expect(countsOf(third)).toMatchObject({ Memory: { changed: 1 }, MediaItem: { deleted: 1 } });
});

async function rowsOf(database: TestDatabase, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
