import { createRegistry, defineDomain, defineEntity, instant, text } from '@ackord/core';
import { expect, test } from 'vitest';
import type { GraphQLDomain } from './domain.ts';
import { compileWireDomain } from './wire-type.ts';

const visit = defineEntity({
  name: 'Visit',
  plural: 'visits',
  scope: 'user',
  fields: { at: instant(), note: text() },
});
const letter = defineEntity({
  name: 'Letter',
  plural: 'letters',
  scope: 'user',
  fields: { date: instant() },
});
const registry = createRegistry([defineDomain({ name: 'diary', ids: 'uuid', entities: [visit, letter] })]);
const compile = (types: GraphQLDomain['types']) =>
  compileWireDomain(registry, { name: 'diary', ...(types && { types }) });

test('a slip in a mapping ends the start, and says where', () => {
  expect(() => compile({ Visitt: {} })).toThrow('no type Visitt');
  expect(() => compile({ Visit: { outputs: { when: { field: 'att' } } } })).toThrow(
    'Visit: there is no field att',
  );
  expect(() => compile({ Visit: { outputs: { who: { reference: 'note', type: 'Letter' } } } })).toThrow(
    'refers to nothing',
  );
  expect(() => compile({ Visit: { inputGroups: { all: { type: 'X', members: { a: 'b' } } } } })).toThrow(
    'no field b',
  );
});
