/** Gaps E9, E12, E13, E17: what comes and goes with access, and what becomes of deletions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { age } from './aging.ts';
import {
  conflictsOf,
  type Ground,
  idsIn,
  journalOf,
  type Loose,
  later,
  memory,
  pushed,
  remove,
  seen,
  share,
  startTravel,
  unshare,
  update,
} from './ground.ts';
import { replicaOf } from './replica.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

describe('E9', () => {
  test('E9 losing access and gaining it again are told, each once', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent, note, picture, way } = await journalOf(owner);
    const keys = [
      `trips/${parent.id}`,
      `memories/${note.id}`,
      `mediaItems/${picture.id}`,
      `gpxTracks/${way.id}`,
    ].sort();
    const replica = replicaOf(guest);
    for (let round = 0; round < 3; round++) {
      await share(owner, parent.id, guest);
      await replica.sync();
      expect([...replica.records.keys()].sort()).toEqual(keys);
      await unshare(owner, parent.id, guest);
      await replica.sync();
      expect([...replica.records.keys()]).toEqual([]);
    }
    expect(
      (await replica.sync()).map(({ totalCount, droppedScopes }) => [totalCount, droppedScopes]),
    ).toEqual([[0, []]]);
    await pushed(owner, { memories: [update(note.id, 1, { title: 'Behind your back' })] });
    expect(JSON.stringify(await guest.pull())).not.toContain('Behind your back');
  });

  test('E9 access comes and goes by time as well as by cursor', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent, note } = await journalOf(owner);
    await age(ground, owner);
    const before = await guest.pull();
    await share(owner, parent.id, guest);
    const there = await guest.pull({ since: before.serverTimestamp });
    expect(idsIn(there)).toHaveLength(4);
    await unshare(owner, parent.id, guest);
    const gone = await guest.pull({ since: there.serverTimestamp });
    expect([gone.deleted.trips, gone.deleted.memories]).toEqual([[parent.id], [note.id]]);
    const late = await guest.pull({ since: '2020-01-01T00:00:00.000Z' });
    expect(idsIn(late)).toEqual([]);
  });
});

describe('E12', () => {
  test('E12 an id that is made again is no deletion any more', async () => {
    const person = await ground.person();
    const { note, parent } = await journalOf(person);
    const replica = replicaOf(person.on('tablet'));
    await replica.sync();
    await pushed(person, { memories: [remove(note.id, 1)] });
    await pushed(person, {
      memories: [{ ...memory(parent.id, { title: 'Again' }), id: note.id, clientTimestamp: later(1) }],
    });
    await replica.sync();
    expect(replica.records.get(`memories/${note.id}`)).toMatchObject({ title: 'Again', syncVersion: 3 });
    const page = await person.pull();
    expect([page.memories.length, page.deleted.memories]).toEqual([1, []]);
  });

  test('E12 whoever comes from before the horizon begins anew, and brings nothing back', async () => {
    const person = await ground.person();
    const { note, picture } = await journalOf(person);
    const old = person.on('drawer');
    const { nextCursor } = await old.pull();
    const replica = replicaOf(person);
    await replica.sync();
    await pushed(person, { memories: [remove(note.id, 1)] });
    await replica.sync();
    const long = `interval '200 days'`;
    await ground.sql(
      `UPDATE record SET deleted_at = deleted_at - ${long} WHERE deleted_at IS NOT NULL AND created_by = $1`,
      [person.userId],
    );
    await ground.sql(`UPDATE sync_log SET at = at - ${long} WHERE actor_id = $1`, [person.userId]);
    while (await ground.server.store.trim(Date.now() - 180 * 24 * 3_600_000, 1_000));

    const page = await old.pull({ cursor: nextCursor });
    expect(page).toMatchObject({ fullResyncRequired: true, memories: [], mediaItems: [] });
    expect(page.trips).toHaveLength(1);
    const late = await old.push({
      memories: [update(note.id, 1, { title: 'From the drawer' }, new Date().toISOString())],
      mediaItems: [update(picture.id, 1, { order: 3 }, new Date().toISOString())],
    });
    for (const one of late.successful)
      expect(one).toMatchObject({ outcome: 'conflict', winner: 'server', data: 'null' });
    expect(late.successful).toHaveLength(2);
    expect((await person.pull()).memories).toEqual([]);
    // Refused is not lost: what was typed is kept.
    const kept = (await conflictsOf(old)).map(({ remoteData }) => remoteData);
    expect(kept.join()).toContain('From the drawer');
    expect((await replica.sync()).at(-1).fullResyncRequired).toBe(false);
  });
});

test('E13 a deletion in bulk is told to every member, with all that went along', async () => {
  const [owner, editor, viewer] = [await ground.person(), await ground.person(), await ground.person()];
  const { parent, note, picture, way } = await journalOf(owner);
  await share(owner, parent.id, editor, 'WRITE');
  await share(owner, parent.id, viewer, 'READ');
  const marks = [await viewer.pull(), await owner.pull()];
  await editor.pull();
  await pushed(editor, { memories: [remove(note.id, 1)] });
  for (const page of [
    await viewer.pull({ cursor: marks[0].nextCursor }),
    await viewer.pull({ since: marks[0].serverTimestamp }),
    await owner.pull({ cursor: marks[1].nextCursor }),
  ]) {
    expect(page.deleted).toMatchObject({ trips: [], memories: [note.id], mediaItems: [picture.id] });
  }
  await pushed(owner, { trips: [remove(parent.id, 1)] });
  for (const member of [viewer, editor]) {
    const page = await member.pull({ cursor: member === viewer ? marks[0].nextCursor : null });
    expect(page.trips).toEqual([]);
    if (member === viewer) expect(page.deleted).toMatchObject({ trips: [parent.id], gpxTracks: [way.id] });
  }
  const stranger = await ground.person();
  expect(JSON.stringify((await stranger.pull()).deleted)).not.toContain(parent.id);
});

describe('E17', () => {
  test('E17 a device knows offline what it may edit: roles come with the page, and their changes too', async () => {
    const [owner, guest] = [await ground.person(), await ground.person()];
    const { parent } = await journalOf(owner);
    const scope = `trip:${parent.id}`;
    const roleOf = (page: Loose) => page.roles.find((one: Loose) => one.scope === scope)?.role;
    await share(owner, parent.id, guest, 'READ');
    const first = await guest.pull();
    expect([roleOf(first), first.trips[0].role, roleOf(await owner.pull())]).toEqual([
      'VIEWER',
      'VIEWER',
      'OWNER',
    ]);
    await share(owner, parent.id, guest, 'WRITE');
    const second = await guest.pull({ cursor: first.nextCursor });
    expect(roleOf(second)).toBe('EDITOR');
    expect((await seen(guest, 'trips', parent)).role).toBe('EDITOR');
    await pushed(guest, { trips: [update(parent.id, 1, { name: 'Now I may' })] });
    await unshare(owner, parent.id, guest);
    const third = await guest.pull({ cursor: second.nextCursor });
    expect([roleOf(third), third.droppedScopes]).toEqual([undefined, [scope]]);
  });
});
