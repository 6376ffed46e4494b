/**
 * What servers share of a tenant: the first load and the checksums are made once for a position of the tenant, at whichever
 * server; what has moved is made anew, and nobody is given what was made for somebody else without a role of his own.
 */
import { randomUUID } from 'node:crypto';
import {
  type CachedPages,
  createCachedPages,
  createMemoryCache,
  createMemoryStore,
  type Engine,
} from '@ackord/server';
import { expect, test } from 'vitest';
import { createFirstLoads } from '../../domains/finance/src/socket/first-load.ts';
import { packLoad, unpackLoad } from '../../domains/finance/src/socket/packed-load.ts';
import { createTenantChecksums } from '../../domains/finance/src/status/tenant-checksums.ts';
import { checkpointsInMemory, createOf, deleteOf, registry, SOME_TYPES, tenantOn } from './history.ts';

function newGround() {
  const store = createMemoryStore({ registry });
  const tenant = tenantOn(store, checkpointsInMemory());
  const memory = createMemoryCache();
  const cache = createCachedPages({ cache: memory, store, registry, ttlSeconds: 60 });
  let wholeReads = 0;
  const engine: Engine = {
    ...tenant.engine,
    wholeScope: (request) => {
      wholeReads++;
      return tenant.engine.wholeScope(request);
    },
  };
  return { tenant, cache, engine, wholeReads: () => wholeReads };
}

const stranger = { userId: randomUUID() };
const fill = async ({ tenant }: ReturnType<typeof newGround>): Promise<void> =>
  void (await tenant.send(Array.from({ length: 40 }, (_, at) => createOf(SOME_TYPES[at % 5]!, `r${at}`))));
const textsOf = (frames: readonly Uint8Array[]): string[] =>
  frames.map((frame) => Buffer.from(frame).toString());

test('a first load is read once for a position, at whichever server', async () => {
  const ground = newGround();
  const { tenant, cache, engine, wholeReads } = ground;
  await fill(ground);
  await tenant.send([deleteOf('Tag', 'r3')]);
  const servers = [createFirstLoads(engine, cache), createFirstLoads(engine, cache)];
  const ask = async (at: number) => {
    const result = await servers[at]!.of(tenant.actor, tenant.tenantId);
    if (!result.ok) throw new Error(result.message);
    return result.load;
  };
  const [first, second, third] = [await ask(0), await ask(1), await ask(1)];
  expect(wholeReads()).toBe(1);
  for (const load of [second, third]) {
    expect(load).toMatchObject({ head: first.head, records: 39 });
    expect(textsOf(load.frames)).toEqual(textsOf(first.frames));
  }
  await tenant.send([createOf('Tag', 'new')]);
  const moved = await ask(1);
  expect(wholeReads()).toBe(2);
  expect(moved.head).toBe(first.head + 1);
  expect(textsOf(moved.frames)[0]).toContain('"new"');
  expect(textsOf((await ask(0)).frames)).toEqual(textsOf(moved.frames));
  expect(wholeReads()).toBe(2);
  for (const server of servers)
    expect(await server.of(stranger, tenant.tenantId)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
});

test('checksums that one server has made are the other one’s too, and go on from there', async () => {
  const ground = newGround();
  const { tenant, cache, engine, wholeReads } = ground;
  await fill(ground);
  const newServer = () => createTenantChecksums({ engine, cache });
  const sums = async (server: ReturnType<typeof newServer>) => {
    const read = await server.of(tenant.actor, tenant.tenantId, null);
    if (!read.ok) throw new Error(read.message);
    return read.entityChecksums;
  };
  const [one, other] = [newServer(), newServer()];
  const made = await sums(one);
  expect(await sums(other)).toEqual(made);
  expect(wholeReads()).toBe(1);
  await tenant.send([createOf('Tag', 'new')]);
  expect((await sums(other)).Tag).toHaveLength((made.Tag?.length ?? 0) + 1);
  expect(wholeReads()).toBe(1);
  // A third one begins where the tenant has moved since: it reads for itself.
  expect(await sums(newServer())).toEqual(await sums(other));
  expect(wholeReads()).toBe(2);
  expect(await newServer().of(stranger, tenant.tenantId, null)).toMatchObject({
    ok: false,
    code: 'FORBIDDEN',
  });
});

test.each(['', 'garbage', '[["Tag",7]]', '{"head":1}\n', '{"head":1,"records":1,"lengths":[5]}\nab'])(
  'what is no page is not taken for one: %j',
  async (text) => {
    const ground = newGround();
    const { tenant, engine } = ground;
    await fill(ground);
    const cache: CachedPages = { get: async () => Buffer.from(text), set: () => {} };
    const result = await createFirstLoads(engine, cache).of(tenant.actor, tenant.tenantId);
    expect(result).toMatchObject({ ok: true, load: { records: 40 } });
    const read = await createTenantChecksums({ engine, cache }).of(tenant.actor, tenant.tenantId, ['Tag']);
    expect(read.ok && read.entityChecksums.Tag).toHaveLength(8);
  },
);

test('a packed load is the load', () => {
  const frames = ['first', '', 'ü'].map((text) => new TextEncoder().encode(text));
  const unpacked = unpackLoad(packLoad({ head: 7, records: 3, frames }));
  expect(unpacked).toMatchObject({ head: 7, records: 3 });
  expect(textsOf(unpacked?.frames ?? [])).toEqual(['first', '', 'ü']);
});
