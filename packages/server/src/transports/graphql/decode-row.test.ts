import {
  createRegistry,
  defineDomain,
  defineEntity,
  flag,
  latitude,
  longitude,
  text,
  uuid,
  uuids,
} from '@ackord/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRow } from './decode-row.ts';
import { compileWireDomain } from './wire-type.ts';

const place = defineEntity({
  name: 'Place',
  plural: 'places',
  scope: 'user',
  fields: {
    label: text().nullable(),
    lat: latitude().default(0),
    lon: longitude().default(0),
    near: uuid().nullable(),
    tags: uuids().default([]),
    locked: flag().default(false),
  },
  serverOwned: ['locked'],
});
const registry = createRegistry([defineDomain({ name: 'map', ids: 'uuid', entities: [place] })]);
const members = { latitude: 'lat', longitude: 'lon', name: 'label' };
const wire = compileWireDomain(registry, {
  name: 'map',
  sdl: 'input LocationInput { latitude: Float! longitude: Float! name: String }',
  types: {
    Place: { inputNames: { label: 'title' }, inputGroups: { location: { type: 'LocationInput', members } } },
  },
});
const [type] = wire.types;
const row = { operation: 'UPDATE', syncVersion: 3, clientTimestamp: '2024-05-01T12:00:00Z' };
const fieldsOf = (more: object) => decodeRow(type!, { ...row, ...more }, 0).change.fields;

test('names of the wire become those of the store, and what was left out stays left out', () => {
  const sent = {
    ...row,
    id: 'A',
    title: 'Cap',
    changeId: 7,
    transactionId: 't',
    syncPriority: 'HIGH',
    clientId: 5,
    baseFields: '{"title":"Cape","location":null}',
  };
  expect(decodeRow(type!, sent, 4)).toEqual({
    change: {
      entityType: 'Place',
      id: 'A',
      operation: 'UPDATE',
      base: 3,
      clientTime: '2024-05-01T12:00:00Z',
      changeId: '7',
      transactionId: 't',
      priority: 'HIGH',
      baseFields: { label: null, lat: 0, lon: 0 },
      fields: { label: 'Cap' },
    },
    index: 4,
    clientId: '5',
    memberNames: null,
  });
});

test('null clears, and a group that is null clears all of it as far as it can', () => {
  expect(fieldsOf({ title: null })).toEqual({ label: null });
  expect(fieldsOf({ location: null })).toEqual({ label: null, lat: 0, lon: 0 });
  const nowhere = { latitude: 0, longitude: 0, name: null };
  expect(fieldsOf({ location: nowhere })).toEqual({ label: null, lat: 0, lon: 0 });
});

test('a group stands before its single fields in a creation and behind them in an update, whichever comes first', () => {
  const location = { latitude: 1, longitude: 2 };
  expect(fieldsOf({ lat: 9, location })).toEqual({ lat: 9, lon: 2 });
  expect(fieldsOf({ location, lat: 9 })).toEqual({ lat: 9, lon: 2 });
  expect(fieldsOf({ operation: 'CREATE', lat: 9, location })).toEqual({ lat: 1, lon: 2 });
  expect(fieldsOf({ operation: 'CREATE', location, lat: 9 })).toEqual({ lat: 1, lon: 2 });
});

test('ids may come as numbers and lists of one as the one, as GraphQL has it', () => {
  expect(fieldsOf({ near: 7, tags: 'a' })).toEqual({ near: '7', tags: ['a'] });
});

test('a stored name is no name of the wire; a field of the server goes on to be refused by name', () => {
  expect(decodeRow(type!, { ...row, label: 'x' }, 0).change.malformed).toEqual({
    field: 'label',
    message: 'is not a field of this input; it is called title there',
  });
  expect(fieldsOf({ locked: true })).toEqual({ locked: true });
});

const malformed = (more: object) => decodeRow(type!, { ...row, ...more }, 0).change.malformed;

test.each([
  [{ location: {} }, 'location.latitude', 'must be given'],
  [{ location: { latitude: 5 } }, 'location.longitude', 'must be given'],
  [{ location: { latitude: null, longitude: 5 } }, 'location.latitude', 'must be given'],
  [{ location: { latitude: 1, longitude: 5, height: 3 } }, 'location.height', 'is not known'],
  [{ baseFields: '{"location":{"name":"x"}}' }, 'location.latitude', 'must be given'],
  [JSON.parse('{"__proto__":{"a":1}}'), '__proto__', 'is not a field of Place'],
  [{ constructor: 1 }, 'constructor', 'is not a field of Place'],
  [{ clientId: 'x'.repeat(129) }, 'clientId', 'must be a text of at most 128 characters'],
  [{ clientId: {} }, 'clientId', 'must be a text of at most 128 characters'],
  [{ title: 'x'.repeat(1_100_000) }, 'title', 'is larger than a whole record may be'],
  [
    { baseFields: `{"title":${'['.repeat(400_000)}${']'.repeat(400_000)}}` },
    'baseFields',
    'must be the text of a JSON object',
  ],
])('what is wrong with a row is named as it came: %#', (more, field, message) => {
  expect(malformed(more)).toMatchObject({ field, message });
});

test('what is too large for a record is not kept', () => {
  expect(fieldsOf({ title: 'x'.repeat(1_100_000), lat: 1 })).toEqual({});
});

test('fields that came as members of a group are known by that name', () => {
  const location = { latitude: 91, longitude: 2 };
  const names = (more: object) => decodeRow(type!, { ...row, ...more }, 0).memberNames;
  expect(names({ location })).toEqual(
    new Map([
      ['lat', 'location.latitude'],
      ['lon', 'location.longitude'],
    ]),
  );
  expect(names({ lat: 9, location })?.has('lat')).toBe(false);
  expect(names({ lat: 9 })).toBeNull();
});

const KNOWN = [
  'entityType',
  'id',
  'operation',
  'base',
  'clientTime',
  'changeId',
  'transactionId',
  'priority',
  'baseFields',
  'fields',
  'malformed',
];

test('whatever a row is, it is decoded and never throws', () => {
  const name = fc.constantFrom(
    'id',
    'operation',
    'syncVersion',
    'title',
    'location',
    'baseFields',
    'tags',
    'clientId',
    '__proto__',
    'constructor',
  );
  const rows = fc.oneof(fc.anything(), fc.dictionary(fc.oneof(name, fc.string()), fc.anything()));
  fc.assert(
    fc.property(rows, (value) => {
      const { change } = decodeRow(type!, value, 0);
      expect(change.entityType).toBe('Place');
      expect(Object.keys(change).every((key) => KNOWN.includes(key))).toBe(true);
      expect(Object.keys(change.fields).every((field) => place.fields[field] !== undefined)).toBe(true);
    }),
  );
});
