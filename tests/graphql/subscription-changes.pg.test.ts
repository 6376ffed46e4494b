/** The subscription `changes` as an app follows it: nothing missed, nothing twice, nothing that is not the app's to see. */
import { randomUUID } from 'node:crypto';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type GraphQLServer, type Loose, startGraphQL } from '../support/graphql.ts';
import {
  bearer,
  CHANGES,
  CHANGES_WITH_ROLES,
  connect,
  disconnectAll,
  follow,
  followAs,
  hasTitle,
  memory,
  pull,
  push,
  remove,
  revoke,
  share,
  titlesOf,
  trip,
  update,
} from './subscription-ground.ts';
import { todoDomain } from './todo-domain.ts';

let server: GraphQLServer;
let timesShown = 0;
beforeAll(async () => {
  server = await startGraphQL({
    domains: [travelDomain, todoDomain],
    graphql: [
      { ...travelGraphQL, path: '/graphql' },
      {
        name: 'todo',
        path: '/graphql/todo',
        types: { TodoList: { outputs: { timesShown: { type: 'Int!', value: () => ++timesShown } } } },
      },
    ],
    subscriptions: {},
  });
});
afterEach(disconnectAll);
afterAll(() => server.close());

async function traveller(): Promise<{ caller: Caller; tripId: string }> {
  const caller = await server.caller();
  const parent = trip();
  await push(caller, { trips: [parent] });
  return { caller, tripId: parent.id };
}

describe('from a cursor on', () => {
  test('first what has happened since, then what happens, each with a cursor to go on from', async () => {
    const { caller, tripId } = await traveller();
    const { nextCursor } = await pull(caller, null);
    const before = memory(tripId, 'before');
    await push(caller, { memories: [before] });
    const followed = followAs(server, caller, CHANGES, { cursor: nextCursor });
    const first = await followed.next();
    expect(first).toMatchObject({ trips: [], hasMore: false, fullResyncRequired: false });
    expect(first.memories).toEqual([{ id: before.id, title: 'before', syncVersion: 1 }]);

    await push(caller, { memories: [update(before.id, 1, { title: 'after' })] });
    const changed = await followed.next();
    expect(changed.memories).toEqual([{ id: before.id, title: 'after', syncVersion: 2 }]);
    await push(caller, { memories: [remove(before.id, 2)] });
    const deleted = await followed.next();
    expect(deleted).toMatchObject({ memories: [], deleted: { memories: [before.id], trips: [] } });

    // Both ways go on from there, and have nothing left to tell.
    expect(await pull(caller, deleted.nextCursor)).toMatchObject({ memories: [], deleted: { memories: [] } });
    const again = followAs(server, caller, CHANGES, { cursor: deleted.nextCursor });
    expect(await again.next()).toMatchObject({ memories: [], deleted: { memories: [] } });
    // From the one before, the last step comes once more and no other.
    expect(await pull(caller, changed.nextCursor)).toMatchObject({
      memories: [],
      deleted: { memories: [before.id] },
    });
    expect(followed.events).toHaveLength(3);
  });

  test('without one everything comes, page by page', async () => {
    const { caller, tripId } = await traveller();
    const memories = Array.from({ length: 11 }, (_, at) => memory(tripId, `${at}`));
    await push(caller, { memories });
    const followed = followAs(server, caller, CHANGES, { batchSize: 5 });
    const seen: string[] = [];
    for (let page = await followed.next(); ; page = await followed.next()) {
      seen.push(...titlesOf(page));
      if (!page.hasMore) break;
    }
    expect(seen.sort()).toEqual(memories.map(({ title }: Loose) => title).sort());
    expect(followed.events.length).toBe(3);
  });

  test('nothing is missed and nothing comes twice, whatever is committed while it begins', async () => {
    const { caller, tripId } = await traveller();
    let cursor: string | null = null;
    const seen: string[] = [];
    let at = 0;
    const write = async (): Promise<void> => {
      for (const end = at + 20; at < end; at++) await push(caller, { memories: [memory(tripId, `${at}`)] });
    };
    for (let round = 0; round < 5; round++) {
      const writing = write();
      const followed = followAs(server, caller, CHANGES, { cursor, batchSize: 7 });
      const stop = 20 * (round + 1) - 5;
      const titles = new Set(seen);
      for (let page = await followed.next(); ; page = await followed.next()) {
        for (const title of titlesOf(page)) {
          seen.push(title);
          titles.add(title);
        }
        cursor = page.nextCursor;
        if (titles.size >= stop) break;
      }
      await followed.stop();
      await writing;
    }
    const rest = await pull(caller, cursor);
    seen.push(...titlesOf(rest));
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: at }, (_, title) => title));
  });

  test('the cursor of an app with very many trips stays short, and exact', async () => {
    const caller = await server.caller();
    const trips = Array.from({ length: 60 }, (_, at) => trip({ name: `${at}` }));
    await push(caller, { trips });
    const followed = followAs(server, caller, CHANGES, { batchSize: 5000 });
    expect((await followed.next()).trips).toHaveLength(60);
    let event: Loose;
    for (const [at, { id }] of trips.entries()) {
      await push(caller, { memories: [memory(id, `${at}`)] });
      event = await followed.next(hasTitle(`${at}`));
      expect(event.nextCursor.length).toBeLessThan(1_600);
    }
    expect(await pull(caller, event.nextCursor)).toMatchObject({
      trips: [],
      memories: [],
      fullResyncRequired: false,
    });
    const [first] = trips;
    await push(caller, { trips: [update(first?.id ?? '', 1, { name: 'changed' })] });
    expect((await pull(caller, event.nextCursor)).trips).toMatchObject([{ name: 'changed' }]);
  });
});

describe('who follows what', () => {
  test('two of one trip get the same, each with its own cursor', async () => {
    const { caller, tripId } = await traveller();
    const guest = await server.caller();
    await share(caller, tripId, guest.email);
    const both = [caller, guest].map((one) => followAs(server, one, CHANGES));
    await Promise.all(both.map((one) => one.next()));
    await push(caller, { memories: [memory(tripId, 'shared')] });
    const [mine, theirs] = await Promise.all(both.map((one) => one.next(hasTitle('shared'))));
    expect({ ...mine, nextCursor: '' }).toEqual({ ...theirs, nextCursor: '' });
    expect(mine.nextCursor).not.toBe(theirs.nextCursor);
    for (const [at, one] of [caller, guest].entries()) {
      const page = await pull(one, [mine, theirs][at].nextCursor);
      expect(page).toMatchObject({ memories: [], trips: [] });
    }
  });

  test('what differs between viewers is each one’s own', async () => {
    const { caller, tripId } = await traveller();
    const guest = await server.caller();
    await share(caller, tripId, guest.email);
    const asked = `subscription { changes(entityTypes: ["Trip"]) {
      trips { name role syncStatus memories { title } } roles { scope role } } }`;
    const both = [caller, guest].map((one) => followAs(server, one, asked));
    await Promise.all(both.map((one) => one.next()));
    await push(caller, { memories: [memory(tripId, 'inside')] });
    await push(caller, { trips: [update(tripId, 1, { name: 'Finistère' })] });
    const told = await Promise.all(both.map((one) => one.next()));
    expect(told.map(({ trips }) => trips)).toEqual(
      ['OWNER', 'VIEWER'].map((role) => [
        { name: 'Finistère', role, syncStatus: 'IN_SYNC', memories: [{ title: 'inside' }] },
      ]),
    );
    expect(told[1].roles).toContainEqual({ scope: `trip:${tripId}`, role: 'VIEWER' });
  });

  test('only the types that are asked for, and only the scope', async () => {
    const { caller, tripId } = await traveller();
    const [other, tag] = [trip({ name: 'other' }), { name: 'Lighthouse' }];
    await push(caller, { trips: [other] });
    const { nextCursor } = await pull(caller, null);
    const tags = followAs(server, caller, CHANGES, { entityTypes: ['Tag'] });
    const scoped = followAs(server, caller, CHANGES, { scope: `trip:${tripId}`, cursor: nextCursor });
    await Promise.all([tags.next(), scoped.next()]);
    await push(caller, { memories: [memory(other.id, 'elsewhere')] });
    await push(caller, { tags: [{ ...trip(), startDate: undefined, ...tag }] });
    await push(caller, { memories: [memory(tripId, 'here')] });
    expect((await tags.next()).tags).toMatchObject([tag]);
    const here = await scoped.next();
    expect(titlesOf(here)).toEqual(['here']);
    // For everything else the cursor stands where it stood.
    const rest = await pull(caller, here.nextCursor);
    expect([titlesOf(rest), rest.tags.length, rest.trips]).toEqual([['elsewhere'], 1, []]);
  });

  test('a record that moves to another trip of the app is not deleted there', async () => {
    const { caller, tripId } = await traveller();
    const other = trip();
    await push(caller, { trips: [other] });
    const moving = memory(tripId, 'moving');
    await push(caller, { memories: [moving] });
    const followed = followAs(server, caller, CHANGES);
    await followed.next();
    await push(caller, { memories: [update(moving.id, 1, { tripId: other.id })] });
    await followed.next(hasTitle('moving'));
    expect(followed.events.flatMap(({ deleted }) => deleted.memories)).toEqual([]);
  });

  test('a commit is put into words once, however many are told', async () => {
    const path = '/graphql/todo';
    const [owner, ...guests] = [await server.caller({ path }), await server.caller(), await server.caller()];
    const list = { ...trip(), startDate: undefined, name: 'Groceries' };
    const send = (row: object) =>
      owner.data('mutation S($i: BulkSyncInput!) { bulkSync(input: $i) { failed { error } } }', {
        i: { todoLists: [row] },
      });
    await send(list);
    const [actor, scope] = [{ userId: owner.userId }, `todo:${list.id}`];
    for (const { userId } of guests) await server.engine.setMember({ actor, scope, userId, role: 'VIEWER' });
    const asked = 'subscription { changes { todoLists { name timesShown } nextCursor } }';
    const all = [owner, ...guests].map(({ token }) =>
      follow(connect(server, bearer(token), { path }), asked),
    );
    await Promise.all(all.map((one) => one.next()));
    const before = timesShown;
    await send(update(list.id, 1, { name: 'Shopping' }));
    const told = await Promise.all(all.map((one) => one.next()));
    for (const { todoLists } of told)
      expect(todoLists).toEqual([{ name: 'Shopping', timesShown: before + 1 }]);
    expect(new Set(told.map(({ nextCursor }) => nextCursor)).size).toBe(3);
    expect(timesShown).toBe(before + 1);
  });

  test('a domain that says nothing of subscriptions has them', async () => {
    const path = '/graphql/todo';
    const caller = await server.caller({ path });
    const client = connect(server, bearer(caller.token), { path });
    const followed = follow(client, 'subscription { changes { todoLists { name } } }');
    expect(await followed.next()).toEqual({ todoLists: [] });
    const list = { ...trip(), startDate: undefined, name: 'Groceries' };
    const input = { todoLists: [list] };
    await caller.data('mutation S($i: BulkSyncInput!) { bulkSync(input: $i) { processedCount } }', {
      i: input,
    });
    expect(await followed.next()).toEqual({ todoLists: [{ name: 'Groceries' }] });
  });
});

describe('access', () => {
  test('a scope that is gained arrives whole, and goes on', async () => {
    const { caller, tripId } = await traveller();
    await push(caller, { memories: [memory(tripId, 'old')] });
    const guest = await server.caller();
    const followed = followAs(server, guest, CHANGES_WITH_ROLES);
    await followed.next();
    await share(caller, tripId, guest.email);
    const gained = await followed.next(hasTitle('old'));
    expect(gained.trips).toMatchObject([{ id: tripId }]);
    expect(gained.roles).toContainEqual({ scope: `trip:${tripId}`, role: 'VIEWER' });
    await push(caller, { memories: [memory(tripId, 'new')] });
    await followed.next(hasTitle('new'));
    await share(caller, tripId, guest.email, 'WRITE');
    const raised = await followed.next();
    expect(raised.roles).toContainEqual({ scope: `trip:${tripId}`, role: 'EDITOR' });
  });

  test('a trip that another device of the user makes is there at once', async () => {
    const caller = await server.caller();
    const followed = followAs(server, caller, CHANGES);
    await followed.next();
    const made = trip({ name: 'made elsewhere' });
    await push(caller, { trips: [made], memories: [memory(made.id, 'with it')] });
    expect(await followed.next(hasTitle('with it'))).toMatchObject({ trips: [{ name: 'made elsewhere' }] });
  });

  test('of a scope that is lost the app is told what to drop, and nothing afterwards', async () => {
    const { caller, tripId } = await traveller();
    const [kept, lost] = [memory(tripId, 'kept'), await server.caller()];
    await push(caller, { memories: [kept] });
    await share(caller, tripId, lost.email);
    const all = followAs(server, lost, CHANGES);
    const one = followAs(server, lost, CHANGES, { scope: `trip:${tripId}` });
    await Promise.all([all.next(), one.next()]);
    await revoke(server, caller, tripId, lost.userId);
    const dropped = { droppedScopes: [`trip:${tripId}`], deleted: { trips: [tripId], memories: [kept.id] } };
    expect(await all.next()).toMatchObject(dropped);
    expect(await one.next()).toMatchObject(dropped);
    await one.completed;

    await push(caller, { memories: [memory(tripId, 'secret')] });
    const own = trip({ name: 'my own' });
    await push(lost, { trips: [own] });
    await all.next(({ trips }) => trips.some(({ id }: Loose) => id === own.id));
    expect(JSON.stringify([all.events, one.events])).not.toContain('secret');
    // Asked for once more it is as unknown as any other.
    const answers = [`trip:${tripId}`, `trip:${randomUUID()}`].map(
      (scope) => followAs(server, lost, CHANGES, { scope }).failed,
    );
    const [known, unknown] = await Promise.all(answers);
    expect(known[0].extensions).toEqual({ code: 'FORBIDDEN' });
    expect(unknown).toEqual(known);
  });

  test('a trip that is deleted is told as deleted, with all that was in it', async () => {
    const { caller, tripId } = await traveller();
    const inside = memory(tripId, 'inside');
    await push(caller, { memories: [inside] });
    const followed = followAs(server, caller, CHANGES, { scope: `trip:${tripId}` });
    await followed.next();
    await push(caller, { trips: [remove(tripId, 1)] });
    expect(await followed.next()).toMatchObject({ deleted: { trips: [tripId], memories: [inside.id] } });
  });
});
