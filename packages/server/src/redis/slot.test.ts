import { expect, test } from 'vitest';
import { slotOf } from './slot.ts';

/** The first is in the cluster specification; all of them are what CLUSTER KEYSLOT says. */
test.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['', 0],
])('the slot of %s', (name, slot) => expect(slotOf(name)).toBe(slot));
