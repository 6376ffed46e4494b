/**
 * Texts that the database could not keep (NUL, half a surrogate pair) in every text argument of every operation, one at
 * a time, over the wire: each is answered like any other wrong value. Nothing gets as far as a failing statement.
 */
import { randomUUID } from 'node:crypto';
import { printTravelSchema, travelDomain, travelGraphQL } from '@ackord/travel';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';

const ILL_FORMED = { NUL: 'a\u0000b', 'half a surrogate pair': 'a\ud800b' };

let server: GraphQLServer;
let caller: Caller;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain],
    graphql: [{ ...travelGraphQL, path: '/graphql' }],
    environment: { REQUESTS_PER_MINUTE_MAX: '1000000' },
  });
  caller = await server.caller();
});
afterAll(() => server.close());

interface Call {
  readonly name: string;
  readonly query: string;
  /** Where the text goes, and the variables with it in that place. */
  readonly cases: readonly {
    readonly at: string;
    readonly variables: (text: string) => Record<string, unknown>;
  }[];
}

/** A plain value of the type; `null` where nothing must be. */
function plain(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return present(type.ofType);
  return null;
}

function present(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return present(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return Object.fromEntries(
      fields.filter((field) => isNonNullType(field.type)).map((field) => [field.name, plain(field.type)]),
    );
  }
  switch (type.name) {
    case 'ID':
      return randomUUID();
    case 'DateTime':
      return '2026-05-01T08:00:00.000Z';
    case 'Boolean':
      return false;
    case 'Int':
    case 'Float':
      return 1;
    default:
      return 'Brittany';
  }
}

type Spoil = { readonly at: string; readonly put: (text: string) => unknown };

/** Every place of a text in a value of the type. */
function textsIn(type: GraphQLInputType, at: string): Spoil[] {
  if (isNonNullType(type)) return textsIn(type.ofType, at);
  if (isListType(type))
    return textsIn(type.ofType, `${at}[]`).map((spoil) => ({ ...spoil, put: (text) => [spoil.put(text)] }));
  if (isLeafType(type))
    return isEnumType(type) || ['Boolean', 'Int', 'Float'].includes(type.name)
      ? []
      : [{ at, put: (text) => text }];
  const whole = present(type) as Record<string, unknown>;
  return Object.values(type.getFields()).flatMap((field) =>
    textsIn(field.type, `${at}.${field.name}`).map((spoil) => ({
      at: spoil.at,
      put: (text: string) => ({ ...whole, [field.name]: spoil.put(text) }),
    })),
  );
}

function callOf(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>): Call {
  const declared = field.args.map((argument) => `$${argument.name}: ${argument.type}`);
  const passed = field.args.map(({ name }) => `${name}: $${name}`);
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const others = (spoilt: GraphQLArgument) =>
    Object.fromEntries(
      field.args.filter((argument) => argument !== spoilt).map(({ name, type }) => [name, plain(type)]),
    );
  return {
    name: field.name,
    query: `${kind} (${declared.join(', ')}) { ${field.name}(${passed.join(', ')})${selection} }`,
    cases: field.args.flatMap((argument) =>
      textsIn(argument.type, argument.name).map(({ at, put }) => ({
        at,
        variables: (text: string) => ({ ...others(argument), [argument.name]: put(text) }),
      })),
    ),
  };
}

function callsOf(schema: GraphQLSchema): Call[] {
  const fields = (type: 'query' | 'mutation') =>
    Object.values((type === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {})
      .filter(({ args }) => args.length > 0)
      .map((field) => callOf(type, field));
  return [...fields('query'), ...fields('mutation')].filter(({ cases }) => cases.length > 0);
}

const calls = callsOf(buildSchema(printTravelSchema()));

test('the operations are those of the schema', () => {
  expect(calls.length).toBeGreaterThanOrEqual(10);
});

test.each(calls)('$name', async ({ query, cases }) => {
  for (const { at, variables } of cases) {
    for (const [what, text] of Object.entries(ILL_FORMED)) {
      const answer = await caller.ask(query, variables(text));
      const internal = JSON.stringify(answer).includes('INTERNAL');
      expect(internal, `${what} in ${at}: ${JSON.stringify(answer)}`).toBe(false);
      expect(server.log, `${what} in ${at}`).toEqual([]);
    }
  }
});

test.each(Object.entries(ILL_FORMED))(
  '%s spoils its row alone, also where rows have no ids',
  async (_, text) => {
    const trip = (name: unknown) => ({
      syncVersion: 0,
      clientTimestamp: '2026-05-01T08:00:00.000Z',
      operation: 'CREATE',
      name,
      startDate: '2026-05-01T08:00:00.000Z',
    });
    const trips = [trip('Brittany'), trip(text), trip({ [text]: text }), trip('Normandy')];
    const query = `mutation ($trips: [BulkTripInput!]!) { bulkSync(input: { trips: $trips }) {
    successful { index entityId } failed { index code } } }`;
    const { bulkSync } = await caller.data(query, { trips });
    expect(bulkSync.successful.map(({ index }: { index: number }) => index)).toEqual([0, 3]);
    expect(bulkSync.failed).toEqual([
      { index: 1, code: 'INVALID' },
      { index: 2, code: 'INVALID' },
    ]);
    const again = await caller.data(query, { trips });
    expect(again.bulkSync.successful).toEqual(bulkSync.successful);
  },
);
