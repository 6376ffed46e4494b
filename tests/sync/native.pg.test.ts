/** The native protocol over real sockets: pushes, pages, live changes, access, digests. */
import { randomUUID } from 'node:crypto';
import { addToDigest, emptyDigest, formatDigest, LIMITS, recordChecksum } from '@ackord/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edit, memory, removal, type SyncGround, startSync, trip } from './ground.ts';

let ground: SyncGround;
beforeAll(async () => {
  ground = await startSync();
});
afterAll(async () => {
  await ground.close();
  expect(ground.log).toEqual([]);
});

test('what one device pushes, the other one of the user hears, and a third one loads', async () => {
  const person = await ground.person();
  const [phone, tablet] = [await ground.client(person), await ground.client(person)];
  await Promise.all([phone.subscribe(), tablet.subscribe()]);
  const id = randomUUID();
  const [made, inside] = [trip(id), memory(id)];
  const receipts = await phone.push(made, inside);
  expect(receipts).toMatchObject([
    // Behind it the log says that its maker has a role.
    { status: 'applied', id, version: 1, seq: 1 },
    { status: 'applied', type: 'Memory', version: 1, seq: 3 },
  ]);
  await tablet.until(() => tablet.record('Memory', inside.id));
  expect(tablet.record('Trip', id)).toMatchObject({
    scope: `trip:${id}`,
    version: 1,
    fields: { name: 'Along the coast' },
  });
  const laptop = await ground.client(person);
  await laptop.subscribe();
  expect(laptop.records).toEqual(tablet.records);
  await phone.until(() => phone.record('Memory', inside.id));
  expect(phone.records).toEqual(tablet.records);
});

test('a live client is given what is committed, once, and in order', async () => {
  const person = await ground.person();
  const [phone, tablet] = [await ground.client(person), await ground.client(person)];
  const id = randomUUID();
  await phone.push(trip(id));
  await tablet.subscribe();
  const from = tablet.received.length;
  for (let version = 1; version <= 20; version++)
    await phone.push(edit('Trip', id, version, { name: `Name ${version}` }));
  await tablet.until(() => tablet.record('Trip', id)?.version === 21);
  const changes = tablet.received.slice(from).filter(({ type }) => type === 'changes');
  for (const [at, one] of changes.slice(1).entries()) expect(one.from).toBe(changes[at].to);
  expect(changes.at(-1).to).toBe(22);
});

test('more pushes than are decided at once: those of a device are decided in its order, however it writes them', async () => {
  const person = await ground.person();
  const PER_DEVICE = 30;
  const devices = await Promise.all(
    Array.from({ length: Math.ceil(LIMITS.pushesAtOnceMax / PER_DEVICE) + 3 }, async () => ({
      client: await ground.client(person),
      id: randomUUID(),
    })),
  );
  await Promise.all(devices.map(({ client, id }) => client.push(trip(id))));
  for (const { client, id } of devices)
    for (let version = 1; version < PER_DEVICE; version++) {
      const changes = [edit('Trip', id, version, { name: `Name ${version}` })];
      const form = version % 3 === 0 ? { changes, type: 'push' } : { type: 'push', changes };
      client.send({ ...form, id: String(version) });
    }
  for (const { client } of devices)
    for (let version = 1; version < PER_DEVICE; version++) {
      const { receipts } = await client.next(({ type, id }) => type === 'receipts' && id === String(version));
      expect(receipts).toMatchObject([{ status: 'applied', version: version + 1 }]);
    }
});

test('after a break a client goes on from its cursor and what it saw beyond it', async () => {
  const person = await ground.person();
  const [phone, tablet] = [await ground.client(person), await ground.client(person)];
  const id = randomUUID();
  await phone.push(trip(id));
  await tablet.subscribe();
  await phone.push(edit('Trip', id, 1, { name: 'Heard live' }));
  await tablet.until(() => tablet.record('Trip', id)?.version === 2);
  tablet.close();
  await tablet.closed;
  const inside = memory(id);
  await phone.push(inside);
  const again = await ground.client(person);
  await again.subscribe(tablet);
  const pages = again.received.filter(({ type }) => type === 'page');
  expect(pages.flatMap(({ records }) => records.map((record: { id: string }) => record.id))).toEqual([
    inside.id,
  ]);
  expect(again.records.size).toBe(2);
});

test('a deletion takes its children along', async () => {
  const person = await ground.person();
  const [phone, tablet] = [await ground.client(person), await ground.client(person)];
  const id = randomUUID();
  const inside = memory(id);
  await phone.push(trip(id), inside);
  await tablet.subscribe();
  expect(tablet.records.size).toBe(2);
  await phone.push(removal('Memory', inside.id, 1));
  await tablet.until(() => tablet.records.size === 1);
  await phone.push(removal('Trip', id, 1));
  await tablet.until(() => tablet.records.size === 0);
});

describe('access', () => {
  test('a shared trip arrives whole at a live client, and leaves it when access ends', async () => {
    const [owner, friend] = [await ground.person(), await ground.person()];
    const phone = await ground.client(owner);
    const other = await ground.client(friend);
    const id = randomUUID();
    const inside = memory(id);
    await phone.push(trip(id), inside);
    await other.subscribe();
    expect(other.records.size).toBe(0);
    await ground.share(owner, id, friend, 'EDITOR');
    await other.until(() => other.isLive && other.records.size === 2);
    expect(other.received).toContainEqual({ type: 'access', scope: `trip:${id}`, role: 'EDITOR' });
    expect(await other.push(edit('Memory', inside.id, 1, { title: 'By a friend' }))).toMatchObject([
      { status: 'applied' },
    ]);

    const from = other.received.length;
    await ground.share(owner, id, friend, null);
    await phone.push(edit('Memory', inside.id, 2, { title: 'Not for the friend any more' }));
    await other.until(() => other.isLive && other.records.size === 0);
    expect(other.received).toContainEqual({ type: 'access', scope: `trip:${id}`, role: null });
    expect(JSON.stringify(other.received.slice(from))).not.toContain('Not for the friend');
    expect(await other.push(edit('Memory', inside.id, 3, { title: 'Too late' }))).toMatchObject([
      { status: 'rejected', code: 'FORBIDDEN' },
    ]);
  });

  test('seen of foreign scopes tells nothing', async () => {
    const [owner, stranger] = [await ground.person(), await ground.person()];
    const phone = await ground.client(owner);
    const id = randomUUID();
    await phone.push(trip(id, 'A secret name'));
    const other = await ground.client(stranger);
    await other.subscribe(undefined, { seen: { [`trip:${id}`]: 1 } });
    expect(JSON.stringify(other.received.slice(1))).not.toContain(id);
  });
});

test('a digest tells count and sums of each type at a seq, as a replica reckons them', async () => {
  const person = await ground.person();
  const phone = await ground.client(person);
  const id = randomUUID();
  await phone.push(trip(id), memory(id), memory(id));
  phone.send({ type: 'digest', id: 'equal?' });
  const answer = await phone.next((message) => message.id === 'equal?');
  expect(answer.scopes).toContainEqual({
    scope: `trip:${id}`,
    seq: 4,
    types: {
      Trip: expect.stringMatching(/^1:[0-9a-f]{32}$/),
      Memory: expect.stringMatching(/^2:[0-9a-f]{32}$/),
    },
  });
  await phone.subscribe();
  const memories = [...phone.records.values()].filter(({ type }) => type === 'Memory');
  const mine = memories
    .map((record) => recordChecksum({ ...record, type: `travel.${record.type}` }))
    .reduce(addToDigest, emptyDigest);
  expect(answer.scopes).toContainEqual(
    expect.objectContaining({ types: expect.objectContaining({ Memory: formatDigest(mine) }) }),
  );
});
