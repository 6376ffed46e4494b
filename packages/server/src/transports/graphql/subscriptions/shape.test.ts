import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { shapeOf } from './shape.ts';

const schema = buildSchema(`
  type Query { trip: Trip }
  type Subscription { changes(cursor: String, batchSize: Int): Page! }
  type Page { trips: [Trip!]! nextCursor: String roles: [String!] }
  type Trip { id: ID! name: String owner: String syncStatus: String }
`);
const owner = schema.getType('Trip');
if (owner && 'getFields' in owner) {
  const { owner: links } = owner.getFields();
  if (links) Object.assign(links, { resolve: () => null });
}

const shape = (text: string) => shapeOf(schema, parse(text), 7);

test.each<[string, string, boolean]>([
  ['fields of the record itself', '{ trips { id name __typename } nextCursor }', true],
  ['a field that somebody has to find out', '{ trips { owner } }', false],
  ['the same behind an alias', '{ trips { name: owner } }', false],
  ['the caller’s roles', '{ roles }', false],
])('%s', (_name, selection, isShared) => {
  expect(shape(`subscription { changes ${selection} }`)).toMatchObject({ id: 7, isShared });
});

test('fragments count, wherever they stand', () => {
  const text = `subscription { ...S } fragment S on Subscription { changes { trips { ...T } } }
    fragment T on Trip { syncStatus owner }`;
  expect(shape(text)).toMatchObject({ isShared: false, showsState: true });
});

test('variables count that say what of a record is shown, not those that say where to begin', () => {
  const text = `subscription ($cursor: String, $size: Int, $all: Boolean!, $b: Boolean!) {
    changes(cursor: $cursor, batchSize: $size) { trips { id name @include(if: $all) } nextCursor @skip(if: $b) } }`;
  expect(shape(text)).toMatchObject({ isShared: true, variables: ['all', 'b'] });
});
