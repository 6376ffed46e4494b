import { createRegistry, defineDomain, defineEntity, text } from '@ackord/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageName } from '../engine/ports.ts';
import { createMemoryCache } from './memory.ts';
import { cacheKeys, createCachedPages, schemaOf } from './pages.ts';

const registryWith = (field: string) =>
  createRegistry([
    defineDomain({
      name: 'diary',
      ids: 'uuid',
      entities: [defineEntity({ name: 'Day', plural: 'days', scope: 'user', fields: { [field]: text() } })],
    }),
  ]);
const store = { epoch: 1, cursorKeys: [new Uint8Array(32)] };
const name: PageName = { scope: 'tenant:a', head: 7, filter: 'all', format: 'load-1' };

test('a page is found by its name, and by no other one', async () => {
  const cache = createMemoryCache();
  const pages = (more: { store?: typeof store; field?: string } = {}) =>
    createCachedPages({
      cache,
      store: more.store ?? store,
      registry: registryWith(more.field ?? 'note'),
      ttlSeconds: 60,
    });
  const bytes = new Uint8Array([1, 2, 3]);
  pages().set(name, bytes);
  expect(await pages().get({ ...name })).toEqual(bytes);
  const others: PageName[] = [
    { ...name, scope: 'tenant:b' },
    { ...name, head: 8 },
    { ...name, filter: 'some' },
    { ...name, format: 'load-2' },
  ];
  for (const other of others) expect(await pages().get(other)).toBeNull();
  expect(await pages({ field: 'title' }).get(name)).toBeNull();
  expect(await pages({ store: { ...store, epoch: 2 } }).get(name)).toBeNull();
  expect(await pages({ store: { ...store, cursorKeys: [new Uint8Array(32).fill(1)] } }).get(name)).toBeNull();
});

test('no two names share a key, whatever is in them', () => {
  const keyOf = cacheKeys(store, schemaOf(registryWith('note')));
  const anyName = fc.record({
    scope: fc.string({ unit: fc.constantFrom('a', ':', '7', '{') }),
    head: fc.nat(20),
    filter: fc.string({ unit: fc.constantFrom('a', ':') }),
    format: fc.constantFrom('load-1', 'load-2'),
  });
  fc.assert(
    fc.property(anyName, anyName, (one, other) => {
      expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

test('nothing of a database’s secret is in a key', () => {
  const secret = new Uint8Array(32).fill(0xab);
  const key = cacheKeys({ epoch: 1, cursorKeys: [secret] }, 'schema')(name);
  expect(key).not.toContain('abab');
});
