/** Scenario 1: the documents of apps in the field against the schema as it is printed, and as it is served. */
import { readFileSync } from 'node:fs';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  parse,
  validate,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, type Ground, startTravel } from '../gaps/ground.ts';
import { APP_DOCUMENTS, BROKEN_DOCUMENTS, FIRST_DOCUMENTS, TYPENAMES, textOf } from './documents.ts';

let ground: Ground;
const schemas = new Map<string, GraphQLSchema>();

beforeAll(async () => {
  ground = await startTravel();
  schemas.set(
    'printed',
    buildSchema(readFileSync(new URL('../../domains/travel/schema.graphql', import.meta.url), 'utf8')),
  );
  const { data } = await ground.server.anonymous()(getIntrospectionQuery());
  schemas.set('served', buildClientSchema(data));
});
afterAll(() => ground.close());

const faults = (schema: string, text: string): string[] => {
  const known = schemas.get(schema);
  if (!known) throw new Error(`No schema ${schema}`);
  return validate(known, parse(text)).map(({ message }) => message);
};

test('there are 27, 18 and 11 of them', () => {
  expect([APP_DOCUMENTS.length, FIRST_DOCUMENTS.length, BROKEN_DOCUMENTS.length]).toEqual([27, 18, 11]);
  expect(new Set(APP_DOCUMENTS.map(({ name }) => name)).size).toBe(27);
});

describe.each(['printed', 'served'])('against the %s schema', (schema) => {
  describe.each(TYPENAMES)('with __typename: %s', (typenames) => {
    test.each(APP_DOCUMENTS.map((row) => [row.name, row] as const))('%s of the app holds', (_name, row) => {
      expect(faults(schema, textOf(row, typenames))).toEqual([]);
    });
    test.each(FIRST_DOCUMENTS.map((row) => [row.name, row] as const))(
      '%s of the first app holds',
      (_name, row) => {
        expect(faults(schema, textOf(row, typenames))).toEqual([]);
      },
    );
    test.each(BROKEN_DOCUMENTS.map((row) => [row.name, row] as const))('%s does not', (_name, row) => {
      expect(faults(schema, textOf(row, typenames))).not.toEqual([]);
    });
  });
});

test('the server itself refuses what does not hold, with 400 and no data', async () => {
  for (const row of BROKEN_DOCUMENTS) {
    const answer = await ground.nobody(textOf(row, 'nested'));
    expect([row.name, answer.status, codeOf(answer), answer.data]).toEqual([
      row.name,
      400,
      'GRAPHQL_VALIDATION_FAILED',
      undefined,
    ]);
  }
});

test('the first app answers itself: what it is told of a trip of its own', async () => {
  const anna = await ground.person();
  const say = (name: string, variables: Record<string, unknown> = {}) => {
    const row = FIRST_DOCUMENTS.find((one) => one.name === name);
    if (!row) throw new Error(name);
    return anna.data(textOf(row, 'nested'), variables);
  };
  expect((await say('Hello')).hello).toEqual(expect.any(String));
  const input = { name: 'Brittany', startDate: '2024-05-01T12:00:00Z' };
  const { createTrip: trip } = await say('CreateTrip', { input });
  expect(trip).toMatchObject({ __typename: 'Trip', startDate: '2024-05-01T12:00:00.000Z' });
  const note = { title: 'Lighthouse', tripId: trip.id, content: null, location: null };
  const { createMemory: memory } = await say('CreateMemory', { input: note });
  expect(memory).toMatchObject({ content: null, userId: anna.userId });
  expect((await say('GetTrips')).trips).toHaveLength(1);
  expect((await say('GetTrip', { id: trip.id })).trip.name).toBe('Brittany');
  expect((await say('GetMemories', { tripId: trip.id })).memories).toMatchObject([
    { id: memory.id, tags: [] },
  ]);
  expect((await say('GetAllMemories')).memories).toMatchObject([{ location: null, mediaItems: [] }]);
  expect((await say('ClaimTrip', { tripId: trip.id })).claimTrip.id).toBe(trip.id);
  expect((await say('UpdateTrip', { id: trip.id, input: { name: 'Ushant' } })).updateTrip.name).toBe(
    'Ushant',
  );
  expect((await say('UpdateUser', { input: { firstName: 'Anna' } })).updateUser.firstName).toBe('Anna');
  expect((await say('GetCurrentUser')).getCurrentUser.id).toBe(anna.userId);
  expect((await say('DeleteTrip', { id: trip.id })).deleteTrip).toBe(true);
});
