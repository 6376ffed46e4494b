/** Gaps B6 and B7: what a conflict shows, and to whom it is open. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  codeOf,
  conflictsOf,
  type Ground,
  type Loose,
  pushed,
  resolve,
  seen,
  share,
  startTravel,
  trip,
  unshare,
  update,
} from './ground.ts';
import { sharedTrip } from './shared-trip.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel({ CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION' });
});
afterAll(() => ground.close());

const withoutStamps = ({ createdAt: _c, updatedAt: _u, ...rest }: Loose): Loose => rest;

test('B6 a conflict shows fields of the record and nothing of any account', async () => {
  const { owner, editor, note } = await sharedTrip(ground);
  await pushed(owner, { memories: [update(note.id, 1, { address: 'Ouessant' })] });
  const { conflicts } = await editor.push({ memories: [update(note.id, 1, { address: 'Molène' })] });
  const secrets = (
    await ground.sql('SELECT email, password_hash FROM app_user WHERE id = ANY ($1)', [
      [owner.userId, editor.userId],
    ])
  ).flatMap((user) => [user.email, user.password_hash]);
  expect(secrets).toHaveLength(4);
  const shown = JSON.stringify([
    conflicts,
    await conflictsOf(editor),
    (await editor.pull()).conflicts,
    await conflictsOf(owner),
  ]);
  expect(shown).toContain('Ouessant');
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(shown).not.toMatch(/creator|email|password|\$scrypt/i);
  expect(Object.keys(JSON.parse(conflicts[0].localData)).sort()).toEqual(
    [
      'address',
      'bucketListItemId',
      'content',
      'date',
      'gpxTrackId',
      'latitude',
      'longitude',
      'tagIds',
      'title',
      'tripId',
      'weatherJSON',
    ].sort(),
  );
});

describe('B7', () => {
  async function conflicted() {
    const world = await sharedTrip(ground);
    const { owner, editor, note } = world;
    await pushed(owner, { memories: [update(note.id, 1, { address: 'Ouessant' })] });
    const { conflicts } = await editor.push({ memories: [update(note.id, 1, { address: 'Molène' })] });
    const address = async () => (await seen(owner, 'memories', note)).address;
    return { ...world, conflict: conflicts[0], address };
  }

  test('B7 a conflict is open to editors of its scope, and not there for anybody else', async () => {
    const { owner, editor, viewer, stranger, conflict, address } = await conflicted();
    const data = { address: 'Stolen' };
    const unknown = await resolve(stranger, randomUUID(), 'MANUAL_RESOLUTION', data);
    expect(codeOf(unknown)).toBe('FORBIDDEN');
    for (const nobody of [stranger, viewer]) {
      expect(await resolve(nobody, conflict.id, 'MANUAL_RESOLUTION', data)).toEqual(unknown);
      expect(await conflictsOf(nobody)).toEqual([]);
    }
    expect(await address()).toBe('Ouessant');
    expect(await conflictsOf(editor)).toMatchObject([{ id: conflict.id, status: 'pending' }]);
    expect((await resolve(owner, conflict.id, 'MANUAL_RESOLUTION', { address: 'Sein' })).errors).toEqual([]);
    expect(await address()).toBe('Sein');
  });

  test('B7 the role counts when it is resolved, not when it arose', async () => {
    const { owner, editor, conflict, parent, address } = await conflicted();
    await share(owner, parent.id, editor, 'READ');
    expect(codeOf(await resolve(editor, conflict.id, 'MANUAL_RESOLUTION', { address: 'x' }))).toBe(
      'FORBIDDEN',
    );
    await unshare(owner, parent.id, editor);
    expect(codeOf(await resolve(editor, conflict.id, 'MANUAL_RESOLUTION', { address: 'x' }))).toBe(
      'FORBIDDEN',
    );
    expect(await conflictsOf(editor)).toEqual([]);
    expect((await editor.pull()).conflicts).toEqual([]);
    expect(await address()).toBe('Ouessant');
  });

  test.each([
    ['{"isSystemTag":true}'],
    ['{"userId":"x"}'],
    ['{"id":"00000000-0000-4000-8000-000000000000"}'],
    ['{"syncVersion":1}'],
    ['{"title":null}'],
    ['{"title":7}'],
    ['{"latitude":91}'],
    ['{"date":"gestern"}'],
    ['{"tripId":"x"}'],
    ['{"name":"of another type"}'],
    ['{"address":"a\\u0000b"}'],
    ['{"address":"\\ud800"}'],
    ['[]'],
    ['null'],
    ['"x"'],
    ['{'],
    [''],
  ])('B7 resolvedData is checked like a row: %s', async (data) => {
    const { editor, conflict, address, note, owner } = await conflicted();
    const before = await seen(owner, 'memories', note);
    const answer = await resolve(editor, conflict.id, 'MANUAL_RESOLUTION', data);
    expect([answer.status, codeOf(answer)]).toEqual([200, 'BAD_USER_INPUT']);
    expect(await address()).toBe('Ouessant');
    expect(withoutStamps(await seen(owner, 'memories', note))).toEqual(withoutStamps(before));
    expect(await conflictsOf(editor)).toMatchObject([{ status: 'pending' }]);
  });

  test('B7 resolving can not move a record into a trip that the resolver may not write', async () => {
    const { editor, owner, note, conflict } = await conflicted();
    const foreign = trip();
    await pushed(owner, { trips: [foreign] });
    for (const tripId of [foreign.id, randomUUID()]) {
      const answer = await resolve(editor, conflict.id, 'MANUAL_RESOLUTION', { tripId });
      expect(answer.data).toBeNull();
      expect(codeOf(answer)).not.toBe('INTERNAL');
    }
    expect((await seen(owner, 'memories', note)).tripId).toBe(note.tripId);
  });
});
