/** What was left out comes in whole by a later run, under the users whose it was; and a report says of every row what became of it. */
import type { MovingReport } from '@ackord/travel';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { ALPS, ANNA, BEACH, BEN, CLEO, fill, HUT, LOST, MEDIA, SEA, TRACK } from './filled.ts';
import { idOf, type OldServer, startOldServer } from './old-server.ts';
import { countsOf, moveFrom, withEngine } from './support.ts';

let old: OldServer;
let database: TestDatabase;

beforeEach(async () => {
  old = await startOldServer();
  database = await (await getTestPostgres()).createDatabase();
  await fill(old);
});

afterEach(async () => {
  await database?.drop();
  await old?.close();
});

async function rows(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const makersOf = async (...ids: string[]): Promise<unknown[]> => {
  const list = ids.map((id) => `'${id}'`).join(', ');
  const found = await rows(`SELECT id, created_by FROM ackord.record WHERE id IN (${list})`);
  const makers = new Map(found.map(({ id, created_by }) => [id, created_by]));
  return ids.map((id) => makers.get(id) ?? null);
};

const ownerOf = async (trip: string): Promise<unknown[]> =>
  (
    await rows(
      `SELECT user_id FROM ackord.member WHERE scope_id = 'trip:${trip}' AND role = 'OWNER' AND revoked_at IS NULL`,
    )
  ).map(({ user_id }) => user_id);

const reasonsOf = ({ problems }: MovingReport) =>
  new Map(problems.map(({ table, id, reason }) => [`${table} ${id}`, reason]));

/** Somebody who is here already has her e-mail, until she has another one over there. */
const blockAnna = async (): Promise<void> => {
  await moveFrom(old, database, { isDryRun: true });
  await rows(
    `INSERT INTO ackord.app_user (id, email, username) VALUES (gen_random_uuid(), 'Anna@Example.org', 'x') RETURNING id`,
  );
};
const mendAnna = () => old.run(`UPDATE "user" SET email = 'anna@other.example' WHERE id = $1`, [ANNA]);

for (const [by, name] of [
  [`UPDATE trip SET "ownerId" = '${ANNA}' WHERE id = '${ALPS}'`, 'whom the trip alone names as its owner'],
  ['SELECT 1', 'who is its member with the role owner'],
] as const)
  test(`a trip waits, with all that is in it, for somebody ${name}`, async () => {
    await old.run(by);
    if (by !== 'SELECT 1') await old.run('DELETE FROM trip_membership WHERE "userId" = $1', [ANNA]);
    await blockAnna();
    const first = await moveFrom(old, database);
    expect(reasonsOf(first).get(`trip ${ALPS}`)).toBe(`Its owner ${ANNA} was left out.`);
    expect(await rows(`SELECT 1 FROM ackord.location WHERE scope_id = 'trip:${ALPS}'`)).toEqual([]);
    // What is in it is counted, and not listed.
    expect([...reasonsOf(first).keys()].filter((row) => /^(memory|gpx_track|media_item) /.test(row))).toEqual(
      expect.not.arrayContaining([`memory ${HUT}`, `gpx_track ${TRACK}`, `media_item ${MEDIA}`]),
    );
    expect(first.along).toEqual(
      expect.arrayContaining([
        { table: 'memory', rows: 3 },
        { table: 'media_item', rows: 1 },
        { table: 'gpx_track', rows: 1 },
        { table: 'route_point', rows: 3 },
      ]),
    );
    await mendAnna();
    const second = await moveFrom(old, database);
    expect(reasonsOf(second).has(`trip ${ALPS}`)).toBe(false);
    expect(await ownerOf(ALPS)).toEqual([ANNA]);
    expect(await makersOf(ALPS, HUT, TRACK)).toEqual([ANNA, BEN, ANNA]);
    expect(countsOf(second)).toMatchObject({ Memory: { created: 2 }, 'Route points': { created: 3 } });
    expect(await rows(`SELECT 1 FROM ackord.member WHERE scope_id = 'trip:${ALPS}'`)).toHaveLength(3);
    // A third one finds nothing to do.
    expect(countsOf(await moveFrom(old, database))).toMatchObject({ Trip: { created: 0, changed: 0 } });
  });

test('an editor becomes the owner only where nobody is named as one, and that is noted', async () => {
  await old.insert('trip_membership', { id: idOf('member', 9), userId: BEN, tripId: LOST, role: 'editor' });
  const report = await moveFrom(old, database);
  expect(await ownerOf(LOST)).toEqual([BEN]);
  const note = `trip ${LOST}: nobody is named as its owner; the editor ${BEN} is its owner here.`;
  expect(report.notes).toContain(note);
  expect((await moveFrom(old, database)).notes).not.toContain(note);
});

test('a memory waits for the one who made it, with its pictures', async () => {
  const theirs = idOf('memory', 20);
  await old.insert('memory', {
    id: theirs,
    title: 'By Anna',
    tripId: SEA,
    latitude: 0,
    longitude: 0,
    creatorId: ANNA,
  });
  await old.insert('media_item', {
    id: idOf('media', 20),
    memoryId: theirs,
    objectName: 'media/20.jpg',
    mediaType: 'image/jpeg',
    timestamp: '2024-01-01',
    order: 0,
    filesize: 1,
  });
  await old.insert('memory_tags_tag', { memoryId: theirs, tagId: idOf('tag', 3) });
  await blockAnna();
  await moveFrom(old, database);
  expect(await makersOf(theirs, idOf('media', 20), BEACH, idOf('tag', 3))).toEqual([null, null, BEN, null]);
  await mendAnna();
  await moveFrom(old, database);
  expect(await makersOf(theirs, idOf('media', 20), idOf('tag', 3))).toEqual([ANNA, BEN, ANNA]);
});

test('of users whose e-mails differ in case the one with trips comes in, else the older account', async () => {
  const [late, early, owner, older] = [21, 22, 23, 24].map((number) => idOf('user', number)) as [
    string,
    string,
    string,
    string,
  ];
  const user = (id: string, email: string, createdAt: string) =>
    old.insert('user', { id, email, username: id, passwordHash: 'none', createdAt });
  await user(late, 'Dora@example.org', '2022-01-01');
  await user(early, ' dora@example.org', '2021-01-01');
  await user(older, 'EMIL@example.org', '2010-01-01');
  await user(owner, 'emil@example.org', '2023-01-01');
  await old.insert('trip', { id: idOf('trip', 23), name: 'Emil’s', startDate: '2024-01-01', ownerId: owner });
  const rehearsed = reasonsOf(await moveFrom(old, database, { isDryRun: true }));
  const reasons = reasonsOf(await moveFrom(old, database));
  const message = (winner: string, loser: string) =>
    `Its e-mail is, but for case or blanks, that of the user ${winner}, who came in by this same run. Change the e-mail of ${loser}, which was left out, over there and run this again.`;
  for (const found of [reasons, rehearsed]) {
    expect(found.get(`user ${late}`)).toBe(message(early, late));
    expect(found.get(`user ${older}`)).toBe(message(owner, older));
  }
  const again = reasonsOf(await moveFrom(old, database));
  expect(again.get(`user ${late}`)).toContain(`that of the user ${early}, who came in by an earlier run.`);
});

test('a dry run lists what the run leaves out, with the same counts', async () => {
  await blockAnna();
  await old.insert('tag', { id: idOf('tag', 5), name: 'RAIN ', creatorId: CLEO });
  await old.insert('tag', { id: idOf('tag', 6), name: 'rain  ', creatorId: CLEO });
  await old.insert('tag', { id: idOf('tag', 7), name: '  ', creatorId: CLEO });
  // In a trip that breaks a rule.
  const inBackwards = { title: 'x', tripId: idOf('trip', 5), latitude: 0, longitude: 0 };
  await old.insert('trip', {
    id: idOf('trip', 5),
    name: 'x',
    startDate: '2024-01-02',
    endDate: '2024-01-01',
    ownerId: BEN,
  });
  await old.insert('memory', { id: idOf('memory', 30), ...inBackwards });
  const [rehearsed, real] = [
    await moveFrom(old, database, { isDryRun: true }),
    await moveFrom(old, database),
  ];
  expect(reasonsOf(rehearsed)).toEqual(reasonsOf(real));
  expect(rehearsed.along).toEqual(real.along);
  expect(reasonsOf(real).has(`memory ${idOf('memory', 30)}`)).toBe(false);
  expect(rehearsed.notes).toEqual(real.notes);
  expect(countsOf(rehearsed)).toEqual(countsOf(real));
});

test('lines of the deletion log that nothing can be made of, and points beside a bad one, are counted', async () => {
  await old.insert('deletion_log', { entityId: 'no-uuid', entityType: 'Memory', tripId: ALPS });
  await old.insert('deletion_log', { entityId: '', entityType: 'Memory', tripId: ALPS });
  await old.insert('deletion_log', { entityId: idOf('x', 1), entityType: 'Nonsense' });
  await old.run('UPDATE route_point SET latitude = 91 WHERE id = $1', [idOf('point', 2)]);
  const report = await moveFrom(old, database);
  const reasons = reasonsOf(report);
  expect(reasons.get('deletion_log "no-uuid"')).toContain('no UUID');
  expect(reasons.get('deletion_log "Nonsense"')).toBe('The type is not known here: 1 row of it.');
  expect(reasons.get(`route_point ${ALPS}`)).toMatch(/All 2 points of this stretch are left out\.$/);
  expect(report.notes).toContain('deletion_log: 1 of type "RoutePoint", which apps need not be told of.');
  expect(countsOf(report)).toMatchObject({
    'Memory (deleted)': { read: 3, created: 1, leftOut: 2 },
    'Others (deleted)': { read: 2, leftOut: 2 },
    'Tag (deleted)': { read: 2, created: 1, leftOut: 1 },
    'Route points': { read: 4, created: 1, leftOut: 3 },
  });
});

test('what was deleted over there and edited here since stays, and that is noted', async () => {
  await moveFrom(old, database);
  await withEngine(database, (engine) =>
    engine.submit({
      domain: 'travel',
      actor: { userId: BEN },
      device: 'phone',
      batchId: '1',
      origin: 'client',
      changes: [
        {
          entityType: 'Memory',
          id: BEACH,
          operation: 'UPDATE',
          fields: { title: 'Edited' },
          clientTime: Date.now() + 1_000,
        },
      ],
    }),
  );
  await old.run('DELETE FROM memory_tags_tag WHERE "memoryId" = $1', [BEACH]);
  await old.run('DELETE FROM memory WHERE id = $1', [BEACH]);
  const report = await moveFrom(old, database);
  expect(report.notes).toContain('Memory: 1 deleted over there, changed here since: kept.');
  expect(countsOf(report)).toMatchObject({ Memory: { deleted: 0, kept: 0 } });
});
