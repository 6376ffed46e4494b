import { describe, expect, test } from 'vitest';
import type { Update } from './batch.ts';
import { Echo } from './echo.ts';

const KEY = 'finance.Account t/a';
const update = (changeId: string | null, seq = 2): Update => ({
  key: KEY,
  seq,
  device: 'me',
  changeId,
  frame: new Uint8Array(),
});

describe('an own change', () => {
  test('of which the session has to be told is held until it is answered', () => {
    const echo = new Echo();
    echo.begin('c');
    expect(echo.passes(update('c'))).toBe(false);
    expect(echo.end('c', KEY, 2, true)).toEqual(update('c'));
  });

  test('of which the session has to be told passes when the news come after the answer, once', () => {
    const echo = new Echo();
    echo.begin('c');
    expect(echo.end('c', KEY, 2, true)).toBeNull();
    expect(echo.passes(update('c'))).toBe(true);
    expect(echo.passes(update('c'))).toBe(false);
  });

  test('that the session knows as it is does not pass', () => {
    const echo = new Echo();
    echo.begin('c');
    echo.end('c', KEY, 2, false);
    expect(echo.isIdle).toBe(false);
    expect(echo.passes(update('c'))).toBe(false);
    expect(echo.isIdle).toBe(true);
  });

  test('passes all the same when an older state came between the answer and the news', () => {
    const echo = new Echo();
    echo.begin('c');
    echo.end('c', KEY, 2, false);
    echo.outdated(KEY);
    expect(echo.passes(update('c'))).toBe(true);
  });

  test('is forgotten when the news have gone by, the last change being another', () => {
    const echo = new Echo();
    echo.begin('c');
    echo.end('c', KEY, 2, false);
    echo.reached(1);
    expect(echo.isIdle).toBe(false);
    echo.reached(2);
    expect(echo.isIdle).toBe(true);
  });
});
