import { randomBytes } from 'node:crypto';
import { readCursor, signCursor } from '@ackord/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorKeysOf } from './cursor-keys.ts';

test('a cursor is the same text by the hash of the platform as by the portable one', () => {
  const secret = randomBytes(32);
  const keys = cursorKeysOf({ cursorKeys: [secret] });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.nat()), (positions) => {
      const state = { user: 'ann', epoch: 1, filter: '', positions };
      const token = signCursor(state, keys);
      expect(token).toBe(signCursor(state, [{ secret }]));
      expect(readCursor(token, [{ secret }])).toEqual(readCursor(token, keys));
    }),
  );
});
