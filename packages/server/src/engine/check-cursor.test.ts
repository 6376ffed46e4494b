import { randomBytes } from 'node:crypto';
import { signCursor } from '@ackord/core';
import { expect, test } from 'vitest';
import { checkPushCursor } from './check-cursor.ts';

const [secret, other] = [randomBytes(32), randomBytes(32)];
const store = { cursorKeys: [randomBytes(32), secret], epoch: 7 };
const state = { user: 'ann', epoch: 7, filter: 'whatever', positions: {} };
const codeOf = (token: string): string => {
  const result = checkPushCursor(store, { userId: 'ann' }, token);
  return result.ok ? 'ok' : result.code;
};

test('the caller’s own cursor is taken, whatever it was filtered by and whichever key signed it', () => {
  expect(codeOf(signCursor(state, [{ secret }]))).toBe('ok');
});

test.each([
  ['garbage', 'garbage', 'CURSOR_MALFORMED'],
  ['nothing', '', 'CURSOR_MALFORMED'],
  ['signed elsewhere', signCursor(state, [{ secret: other }]), 'CURSOR_FOREIGN'],
  ['of somebody else', signCursor({ ...state, user: 'bea' }, [{ secret }]), 'CURSOR_FOREIGN'],
  ['of an earlier life', signCursor({ ...state, epoch: 6 }, [{ secret }]), 'RESYNC_REQUIRED'],
])('%s: refused by its code', (_name, token, code) => expect(codeOf(token)).toBe(code));
