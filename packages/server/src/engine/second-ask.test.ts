import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import type { CachedPages, PageName } from './ports.ts';
import { onSecondAsk } from './second-ask.ts';

const nameAt = (head: number): PageName => ({ scope: 'trip:1', head, filter: '', format: 'feed-1' });
const bytes = new Uint8Array([1]);

function newPages() {
  const kept = new Map<number, Uint8Array>();
  const pages: CachedPages = {
    get: async ({ head }) => kept.get(head) ?? null,
    set: ({ head }, value) => void kept.set(head, value),
  };
  const twice = onSecondAsk(pages);
  /** As a reader does: what is not there it makes. */
  const read = async (head: number): Promise<boolean> => {
    const found = await twice.get(nameAt(head));
    if (!found) twice.set(nameAt(head), bytes);
    return found !== null;
  };
  return { kept, read };
}

test('keeps what is asked for a second time', async () => {
  const { kept, read } = newPages();
  expect([await read(1), await read(1), await read(1)]).toEqual([false, false, true]);
  expect([await read(2), await read(3)]).toEqual([false, false]);
  expect([...kept.keys()]).toEqual([1]);
});

test('readers of one moment make it together, and it is kept', async () => {
  const { kept, read } = newPages();
  await Promise.all([read(1), read(1)]);
  expect([...kept.keys()]).toEqual([1]);
});

test('remembers so many names, those that were asked for last', async () => {
  const { kept, read } = newPages();
  for (let head = 0; head <= LIMITS.missedPagesMax; head++) await read(head);
  await read(LIMITS.missedPagesMax);
  await read(0);
  expect([...kept.keys()]).toEqual([LIMITS.missedPagesMax]);
});
