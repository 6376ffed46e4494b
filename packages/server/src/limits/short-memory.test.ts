import { expect, test } from 'vitest';
import { createShortMemory } from './short-memory.ts';

function memory(options: { entriesMax?: number; look?: (key: string) => Promise<string> } = {}) {
  const looked: string[] = [];
  const time = { now: 0 };
  const made = createShortMemory<string>({
    look: (key) => {
      looked.push(key);
      return options.look?.(key) ?? Promise.resolve(`answer ${looked.length}`);
    },
    isKept: (answer) => answer !== 'forget me',
    keptMs: 100,
    entriesMax: options.entriesMax ?? 10,
    clock: () => time.now,
  });
  return { made, looked, time };
}

test('who asks together or soon after shares one look', async () => {
  const { made, looked, time } = memory();
  expect(await Promise.all([made.get('a'), made.get('a')])).toEqual(['answer 1', 'answer 1']);
  time.now = 99;
  expect(await made.get('a')).toBe('answer 1');
  time.now = 100;
  expect(await made.get('a')).toBe('answer 2');
  expect(looked).toEqual(['a', 'a']);
});

test('what is forgotten is looked up again', async () => {
  const { made } = memory();
  await made.get('a');
  made.forget('a');
  expect(await made.get('a')).toBe('answer 2');
});

test('failures and answers that are not kept cost nobody the next look', async () => {
  const failing = memory({ look: () => Promise.reject(new Error('down')) });
  await expect(failing.made.get('a')).rejects.toThrow('down');
  await expect(failing.made.get('a')).rejects.toThrow('down');
  expect(failing.looked).toHaveLength(2);
  const unkept = memory({ look: () => Promise.resolve('forget me') });
  await unkept.made.get('a');
  await unkept.made.get('a');
  expect(unkept.looked).toHaveLength(2);
});

test('keeps no more than allowed', async () => {
  const { made } = memory({ entriesMax: 3 });
  for (const key of ['a', 'b', 'c', 'd', 'e']) await made.get(key);
  expect(made.size).toBe(3);
  expect(await made.get('e')).toBe('answer 5');
  expect(await made.get('a')).toBe('answer 6');
});
