/** A phone on its own: edits, what its screen shows, and what receipts do to it. No server is asked here. */
import { describe, expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { create, createPhone, type Phone, remove, update, view } from './phone.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { type Success, settle } from './settle.ts';
import { entityTypeOf, toStored, toWire } from './wire.ts';

const AT = Date.UTC(2024, 4, 1, 12);
const ISO = '2024-05-01T12:00:00.000Z';

const silent: Connection = {
  ask: async () => ({ ok: false, kind: 'lost', message: 'no network' }),
  loseNextAnswer: () => {},
};

const phoneWith = (connection: Connection = silent): Phone =>
  createPhone({ owner: 'Anna', userId: 'anna', device: 'phone', connection });

const success = (changeId: string, more: Partial<Success> = {}): Success => ({
  changeId,
  syncVersion: 1,
  outcome: 'applied',
  replayed: false,
  winner: null,
  mergedFields: null,
  conflictId: null,
  canonicalId: null,
  data: null,
  ...more,
});

/** Answers everything that waits with these receipts. */
function answer(phone: Phone, more: Partial<Success> = {}): void {
  const batch = phone.outbox.take(100);
  const successful = batch.map(({ changeId }) => success(changeId, more));
  settle(phone, batch, { successful, conflicts: [], failed: [] });
}

describe('edits without a network', () => {
  test('are seen at once', () => {
    const phone = phoneWith();
    const trip = create(phone, 'Trip', { name: 'Liguria', startDate: ISO }, AT);
    const memory = create(phone, 'Memory', { tripId: trip, title: 'Pier' }, AT);
    update(phone, 'Memory', memory, { title: 'The pier', text: null }, AT);
    expect(view(phone, 'Memory', memory)).toMatchObject({
      title: 'The pier',
      tripId: trip,
      tagIds: [],
      latitude: 0,
    });
    remove(phone, 'Memory', memory, AT);
    expect(view(phone, 'Memory', memory)).toBeNull();
    expect(phone.replica.size).toBe(0);
    expect(phone.outbox.size).toBe(4);
  });

  test('send only what they change, with what was there before', () => {
    const phone = phoneWith();
    const trip = create(phone, 'Trip', { name: 'Liguria', startDate: ISO }, AT);
    expect(update(phone, 'Trip', trip, { name: 'Liguria' }, AT)).toBeNull();
    const change = update(phone, 'Trip', trip, { name: 'Sea', startDate: ISO }, AT);
    expect(change).toMatchObject({ fields: { name: 'Sea' }, baseFields: { name: 'Liguria' }, base: 0 });
  });

  test('carry the time of a clock that is wrong', () => {
    const phone = phoneWith();
    phone.clockAheadMs = 3_600_000;
    create(phone, 'Tag', { name: 'rain' }, AT);
    expect(phone.outbox.all()[0]?.time).toBe(AT + 3_600_000);
  });

  test('stay where they are when the answer is lost, and go out again unchanged', async () => {
    const asked: unknown[] = [];
    const phone = phoneWith({
      ask: async (_document, variables) => {
        asked.push(variables);
        return { ok: false, kind: 'lost', message: 'no network' };
      },
      loseNextAnswer: () => {},
    });
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    expect(await push(phone)).toEqual({ outcomes: [], ended: 'lost' });
    phone.outbox.rename('Tag', tag, 'other');
    await push(phone);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
  });
});

describe('receipts', () => {
  test('make what was sent the new base', () => {
    const phone = phoneWith();
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    answer(phone);
    expect(phone.replica.get('Tag', tag)).toMatchObject({
      version: 1,
      fields: { name: 'rain', usageCount: 0 },
    });
    update(phone, 'Tag', tag, { color: 'blue' }, AT);
    expect(phone.outbox.all()).toMatchObject([{ base: 1 }]);
    answer(phone, { syncVersion: 2 });
    expect(phone.replica.get('Tag', tag)).toMatchObject({
      version: 2,
      fields: { name: 'rain', color: 'blue' },
    });
    remove(phone, 'Tag', tag, AT);
    answer(phone, { syncVersion: 3 });
    expect(phone.replica.get('Tag', tag)).toBeNull();
    expect(phone.outbox.size).toBe(0);
  });

  test('with data make those the base, also where a deletion has lost', () => {
    const phone = phoneWith();
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    answer(phone);
    remove(phone, 'Tag', tag, AT);
    answer(phone, {
      syncVersion: 5,
      outcome: 'conflict',
      data: JSON.stringify({ name: 'Rain', color: 'blue' }),
    });
    expect(phone.replica.get('Tag', tag)).toMatchObject({
      version: 5,
      fields: { name: 'Rain', color: 'blue' },
    });
  });

  test('without data and without a version leave the base alone', () => {
    const phone = phoneWith();
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    answer(phone);
    update(phone, 'Tag', tag, { color: 'blue' }, AT);
    answer(phone, { syncVersion: null, outcome: 'merged' });
    expect(phone.replica.get('Tag', tag)).toMatchObject({ version: 1, fields: { color: null } });
  });

  test('that were given before never take the replica back', () => {
    const phone = phoneWith();
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    const type = entityTypeOf('Tag');
    phone.replica.put({ type, id: tag, version: 4, fields: { name: 'newer' } });
    answer(phone, { syncVersion: 1, replayed: true });
    expect(phone.replica.get('Tag', tag)).toMatchObject({ version: 4, fields: { name: 'newer' } });
  });

  test('with another id rename what waits, and say what the old id means', () => {
    const phone = phoneWith();
    const trip = create(phone, 'Trip', { name: 'Liguria', startDate: ISO }, AT);
    answer(phone);
    const tag = create(phone, 'Tag', { name: 'rain' }, AT);
    const batch = phone.outbox.take(1);
    const memory = create(phone, 'Memory', { tripId: trip, title: 'Pier', tagIds: [tag] }, AT);
    const [change] = batch;
    const data = JSON.stringify({ name: 'rain' });
    const successful = [success(change?.changeId ?? '', { canonicalId: 'first', data })];
    settle(phone, batch, { successful, conflicts: [], failed: [] });
    expect(view(phone, 'Memory', memory)?.tagIds).toEqual(['first']);
    expect(phone.outbox.all()).toMatchObject([{ fields: { tagIds: ['first'] } }]);
    expect(phone.replica.canonical('Tag', tag)).toBe('first');
    expect(phone.replica.get('Tag', tag)).toBeNull();
  });

  test('keep what may succeed later, and let go of what is refused', () => {
    const phone = phoneWith();
    create(phone, 'Tag', { name: 'later' }, AT);
    create(phone, 'Tag', { name: 'never' }, AT);
    const batch = phone.outbox.take(10);
    const failed = batch.map(({ changeId, fields }) => ({
      changeId,
      clientId: changeId,
      error: 'no',
      code: 'BUSY',
      field: null,
      retryable: fields.name === 'later',
      retryAfterMs: 250,
    }));
    const settled = settle(phone, batch, { successful: [], conflicts: [], failed });
    expect(settled).toMatchObject({ retryAfterMs: 250, outcomes: [{ kind: 'refused' }] });
    expect(phone.outbox.all()).toMatchObject([{ fields: { name: 'later' } }]);
  });

  test('that are missing are a defect', () => {
    const phone = phoneWith();
    create(phone, 'Tag', { name: 'rain' }, AT);
    const batch = phone.outbox.take(10);
    expect(() => settle(phone, batch, { successful: [], conflicts: [], failed: [] })).toThrow('no receipt');
  });
});

test('a phone that cannot reach the server says so in one sentence', async () => {
  await expect(pull(phoneWith())).rejects.toThrow('enhancedSync: the server does not answer (no network).');
});

test('fields travel under the names of the wire, and come back', () => {
  const type = entityTypeOf('Memory');
  const fields = { title: 'Pier', text: 'wet', timestamp: ISO, locationName: 'Camogli', tagIds: [] };
  const wire = toWire(type, fields);
  expect(wire).toEqual({ title: 'Pier', content: 'wet', date: ISO, address: 'Camogli', tagIds: [] });
  expect(toStored(type, { ...wire, id: '1', syncVersion: 3, createdAt: ISO })).toEqual(fields);
});
