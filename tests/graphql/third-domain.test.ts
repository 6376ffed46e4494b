/** A domain that says nothing about GraphQL has all of it; one that says more can add operations of its own. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRegistry } from '@ackord/core';
import { defineGraphQL, printDomainSchema } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, startGraphQL } from '../support/graphql.ts';
import { todoDomain } from './todo-domain.ts';

const PATH = '/graphql/todo';
const todoGraphQL = defineGraphQL({
  name: 'todo',
  sdl: 'extend type Query { broken: String!  greet(who: String!): String! }',
  resolvers: {
    Query: {
      greet: (_source: unknown, { who }: { who: string }) => `Hello ${who}`,
      broken: () => {
        throw new Error('SELECT secret FROM app_user');
      },
    },
  },
});

let server: GraphQLServer;
let caller: Caller;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain, todoDomain],
    graphql: [
      { ...travelGraphQL, path: '/graphql' },
      { ...todoGraphQL, path: PATH },
    ],
  });
  caller = await server.caller({ path: PATH });
});
afterAll(() => server.close());

const AT = '2024-05-01T12:00:00.000Z';
const create = (fields: Record<string, unknown>) => ({
  id: randomUUID(),
  syncVersion: 0,
  clientTimestamp: AT,
  operation: 'CREATE',
  ...fields,
});

test('it is shorter than 60 lines', () => {
  expect(readFileSync(new URL('./todo-domain.ts', import.meta.url), 'utf8').split('\n').length).toBeLessThan(
    60,
  );
});

test('its schema follows from its entities alone', () => {
  const schema = buildSchema(printDomainSchema(createRegistry([todoDomain]), { name: 'todo' }));
  const fieldsOf = (type: string) =>
    Object.fromEntries(
      Object.values((schema.getType(type) as { getFields(): object } | undefined)?.getFields() ?? {}).map(
        (field) => [field.name, String(field.type)],
      ),
    );
  expect(fieldsOf('TodoItem')).toMatchObject({
    todoListId: 'ID!',
    todoList: 'TodoList!',
    title: 'String!',
    note: 'String',
    dueAt: 'DateTime',
    effort: 'Int!',
    state: 'TodoItemState!',
    checklist: 'JSON!',
    blockedByIds: '[ID!]!',
    blockedBys: '[TodoItem!]!',
    syncVersion: 'Int!',
  });
  expect(fieldsOf('TodoList')).toMatchObject({ todoItems: '[TodoItem!]!', role: 'Role' });
  expect(fieldsOf('BulkSyncInput')).toMatchObject({
    todoLists: '[BulkTodoListInput!]!',
    todoItems: '[BulkTodoItemInput!]!',
  });
  expect(fieldsOf('BulkTodoItemInput')).toMatchObject({
    title: 'String',
    state: 'TodoItemState',
    checklist: 'JSON',
    operation: 'SyncOperation!',
  });
  expect(fieldsOf('EnhancedSyncResponse')).toMatchObject({ todoItems: '[TodoItem!]!' });
  expect(fieldsOf('Mutation')).toMatchObject({
    bulkSync: 'BulkSyncResponse!',
    shareTodoList: 'TodoListMembership!',
    resolveConflict: 'ConflictResolution!',
  });
});

test('it can be written, read, shared and put into conflict', async () => {
  const list = create({ name: 'House' });
  const first = create({
    todoListId: list.id,
    title: 'Paint',
    state: 'DOING',
    checklist: [{ text: 'brush', done: true }],
  });
  const second = create({ todoListId: list.id, title: 'Furnish', blockedByIds: [first.id] });
  const BULK =
    'mutation S($input: BulkSyncInput!) { bulkSync(input: $input) { successful { entityId syncVersion outcome conflictId } conflicts { id } failed { field error } } }';
  const push = async (input: object) => (await caller.data(BULK, { input })).bulkSync;
  expect(await push({ todoItems: [second, first], todoLists: [list] })).toMatchObject({
    conflicts: [],
    failed: [],
    successful: [{}, {}, {}],
  });
  const READ = `query R($since: DateTime!) { enhancedSync(lastSyncedAt: $since) {
    todoLists { id name role todoItems { id } } todoItems { id title state checklist effort blockedBys { title } todoList { name } } } }`;
  for (let sight = 0; sight < 2; sight++) {
    const { enhancedSync } = await caller.data(READ, { since: AT });
    expect(enhancedSync.todoLists).toEqual([
      {
        id: list.id,
        name: 'House',
        role: 'OWNER',
        todoItems: expect.arrayContaining([{ id: first.id }, { id: second.id }]),
      },
    ]);
    expect(enhancedSync.todoItems).toContainEqual({
      id: first.id,
      title: 'Paint',
      state: 'DOING',
      checklist: [{ text: 'brush', done: true }],
      effort: 0,
      blockedBys: [],
      todoList: { name: 'House' },
    });
    expect(enhancedSync.todoItems).toContainEqual(
      expect.objectContaining({ id: second.id, blockedBys: [{ title: 'Paint' }] }),
    );
  }
  const bad = await push({
    todoItems: [
      { ...first, operation: 'UPDATE', syncVersion: 1, state: 'LATER' },
      { ...second, operation: 'UPDATE', syncVersion: 1, effort: 1 },
    ],
  });
  expect(bad).toMatchObject({
    successful: [{ entityId: second.id, syncVersion: 2 }],
    failed: [{ field: 'state' }],
  });
  await push({
    deviceId: 'a',
    todoItems: [{ id: first.id, operation: 'UPDATE', syncVersion: 1, clientTimestamp: AT, note: 'white' }],
  });
  const lost = await push({
    deviceId: 'b',
    todoItems: [
      {
        id: first.id,
        operation: 'UPDATE',
        syncVersion: 1,
        clientTimestamp: '2024-04-01T12:00:00Z',
        note: 'blue',
      },
    ],
  });
  const { conflictId } = lost.successful[0];
  const undo = `mutation { resolveConflict(conflictId: "${conflictId}", strategy: MANUAL_RESOLUTION, resolvedData: "{\\"note\\":\\"blue\\"}") { syncVersion resolvedData } }`;
  expect((await caller.data(undo)).resolveConflict).toEqual({
    syncVersion: 3,
    resolvedData: '{"note":"blue"}',
  });

  const friend = await server.caller({ path: PATH });
  expect((await friend.data(READ, { since: AT })).enhancedSync.todoItems).toEqual([]);
  await caller.data(
    `mutation { shareTodoList(todoListId: "${list.id}", email: "${friend.email}", permission: READ) { role } }`,
  );
  expect((await friend.data(READ, { since: AT })).enhancedSync.todoItems).toHaveLength(2);
  expect(
    (await friend.data(`{ getTodoListMembers(todoListId: "${list.id}") { todoListId role } }`))
      .getTodoListMembers,
  ).toHaveLength(2);
});

test('domains do not see each other’s records', async () => {
  const { token } = caller;
  const headers = { authorization: `Bearer ${token}` };
  const travel = await server.anonymous()(
    `{ enhancedSync(lastSyncedAt: "${AT}") { totalCount trips { id } } }`,
    {},
    { headers },
  );
  expect(travel.data.enhancedSync).toEqual({ totalCount: 0, trips: [] });
});

test('it may add operations; when one of them fails, the caller reads nothing of the cause, and the log does', async () => {
  for (let sight = 0; sight < 2; sight++) {
    expect(await caller.data('{ greet(who: "you") }')).toEqual({ greet: 'Hello you' });
    const before = server.log.length;
    const answer = await caller.ask('{ broken }');
    expect(answer).toMatchObject({
      status: 200,
      data: null,
      errors: [{ path: ['broken'], extensions: { code: 'INTERNAL' } }],
    });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(server.log.slice(before).join()).toContain('SELECT secret');
  }
});
