import { expect, test } from 'vitest';
import { z } from 'zod';
import { createRegistry, defineDomain } from './define-domain.ts';
import { defineEntity } from './define-entity.ts';
import { flag, instant, integer, latitude, name, number, text, uuid, uuids } from './field.ts';
import { validateFields } from './validate.ts';

const thing = defineEntity({
  name: 'Thing',
  plural: 'things',
  scope: 'user',
  fields: {
    title: text(),
    note: text().nullable(),
    label: name(20),
    at: instant(),
    north: latitude(),
    count: integer().default(0),
    size: z.int().min(0).default(0),
    price: number().nullable(),
    share: z.number().gt(0).lt(1).nullable(),
    done: flag().default(false),
    near: uuid().nullable(),
    tags: uuids().default([]),
    mood: z.enum(['GOOD', 'BAD']).nullable(),
    colour: z.string().regex(/^#/, 'must begin with #').nullable(),
    code: z.string().regex(/^x/).nullable(),
    more: z.object({ list: z.array(z.object({ word: z.string() })) }).nullable(),
    any: z.unknown(),
    owned: flag().default(false),
  },
  serverOwned: ['owned'],
});
const registry = createRegistry([defineDomain({ name: 'test', ids: 'uuid', entities: [thing] })]);
const type = registry.type('test.Thing');

test.each<[field: string, value: unknown, message: string]>([
  ['title', null, 'must not be null'],
  ['title', 5, 'must be a text'],
  ['title', ['x'], 'must be a text'],
  ['title', 'x'.repeat(100_001), 'must have at most 100000 characters'],
  ['title', 'a\0', 'must not contain NUL characters or lone surrogates'],
  ['label', '', 'must not be empty'],
  ['label', ' \t\u00a0', 'must not be blank'],
  ['label', 'x'.repeat(21), 'must have at most 20 characters'],
  ['label', null, 'must not be null'],
  ['at', 'soon', 'must be an ISO 8601 moment with a zone, in the years 0001 to 9999'],
  ['at', 5, 'must be a text'],
  ['north', 90.5, 'must be at most 90'],
  ['north', -91, 'must be at least -90'],
  ['north', '5', 'must be a number'],
  ['count', 1.5, 'must be a whole number'],
  ['count', 2 ** 31, 'must be at most 2147483647'],
  ['count', null, 'must not be null'],
  ['size', 1.5, 'must be a whole number'],
  ['size', -1, 'must be at least 0'],
  ['size', '5', 'must be a whole number'],
  ['count', true, 'must be a whole number'],
  ['price', Number.POSITIVE_INFINITY, 'must be a finite number'],
  ['share', 0, 'must be more than 0'],
  ['share', 1, 'must be less than 1'],
  ['done', 'yes', 'must be true or false'],
  ['near', 'x', 'must be a UUID'],
  ['tags', 'x', 'must be a list'],
  ['tags', ['x'], 'must be a list of UUIDs'],
  ['tags', [null], 'must be a list of UUIDs'],
  ['tags', Array(1_001).fill('01890a5d-ac96-774b-bcce-b302099a8057'), 'must have at most 1000 items'],
  ['mood', 'UGLY', 'must be one of GOOD, BAD'],
  ['colour', 'red', 'must begin with #'],
  ['code', 'y', 'is not written as it must be'],
  ['more', 'x', 'must be an object'],
  ['more', { list: [{ word: 'a' }, { word: 7 }] }, 'has a value at list.1.word that must be a text'],
  ['any', JSON.parse('{"a":{"__proto__":1}}'), 'must not have a member called __proto__'],
  ['owned', true, 'is set by the server only'],
  ['other', 1, 'is not a field of Thing'],
  ['__proto__', 1, 'is not a field of Thing'],
])('%s: %j', (field, value, message) => {
  const sent = Object.fromEntries([[field, value]]);
  expect(validateFields(type, sent)).toEqual({ ok: false, field, message });
});

test('what was left out stays left out, and what is there gets its stored form', () => {
  const sent = { note: null, at: '2024-05-01T14:00:00+02:00', near: '01890A5D-AC96-774B-BCCE-B302099A8057' };
  expect(validateFields(type, sent)).toEqual({
    ok: true,
    fields: { note: null, at: '2024-05-01T12:00:00.000Z', near: '01890a5d-ac96-774b-bcce-b302099a8057' },
  });
});
