import { createRegistry } from '@ackord/core';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory.ts';
import { HeadReader } from './head-reader.ts';
import type { Store } from './ports.ts';

function counted() {
  const store = createMemoryStore({ registry: createRegistry([]) });
  let snapshots = 0;
  const snapshot: Store['snapshot'] = (work) => {
    snapshots++;
    return store.snapshot(work);
  };
  return { reader: new HeadReader({ snapshot }), snapshots: () => snapshots };
}

test('those who ask at the same time share a read; those who come meanwhile, the next one', async () => {
  const { reader, snapshots } = counted();
  const ask = (scope: string) => reader.read(scope, (head) => head);
  const first = [ask('a'), ask('b'), ask('a')];
  await Promise.resolve();
  const later = [ask('c'), ask('d')];
  expect(await Promise.all([...first, ...later])).toEqual([0, 0, 0, 0, 0]);
  expect(snapshots()).toBe(2);
});

test('what is announced while a read is under way counts, and nothing is kept of it', async () => {
  const { reader } = counted();
  const reading = reader.read('a', (head) => head);
  reader.hear({ scope: 'a', head: 7 });
  reader.hear({ scope: 'a', head: 5 });
  expect(await reading).toBe(7);
  reader.hear({ scope: 'a', head: 9 });
  expect(await reader.read('a', (head) => head)).toBe(0);
});

test('a read that fails fails for its askers, and the next one is made', async () => {
  const store = createMemoryStore({ registry: createRegistry([]) });
  let isAway = true;
  const reader = new HeadReader({
    snapshot: (work) => (isAway ? Promise.reject(new Error('away')) : store.snapshot(work)),
  });
  await expect(reader.read('a', (head) => head)).rejects.toThrow('away');
  isAway = false;
  expect(await reader.read('a', (head) => head)).toBe(0);
});
