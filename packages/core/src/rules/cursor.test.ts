import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import type { JsonValue } from '../schema/json.ts';
import { type CursorKey, checkCursor, cursorBytes, filterHash, readCursor, signCursor } from './cursor.ts';
import type { CursorState } from './cursor-state.ts';

const keyOf = (byte: number): CursorKey => ({ secret: new Uint8Array(32).fill(byte) });
const current = keyOf(7);
const previous = keyOf(8);
const stranger = keyOf(9);

const state: CursorState = {
  user: 'user-1',
  epoch: 1,
  filter: 'f0',
  positions: { 'trip:a': 7, 'user:1': 0 },
  dropping: { 'trip:b': { upTo: 9, position: 4, until: 12 } },
  total: 120,
};
const token =
  'c1.eyJkIjp7InRyaXA6YiI6WzksNCwxMl19LCJlIjoxLCJmIjoiZjAiLCJwIjp7InRyaXA6YSI6NywidXNlcjoxIjowfSwidCI6MTIwLCJ1IjoidXNlci0xIn0.i-k7GbD1OzVi2AH3QIO6XQ';

const anyScope = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('__proto__'));
const anyState: fc.Arbitrary<CursorState> = fc.record(
  {
    user: fc.string({ unit: 'binary', maxLength: 20 }),
    epoch: fc.maxSafeNat(),
    filter: fc.string({ maxLength: 32 }),
    positions: fc.dictionary(anyScope, fc.maxSafeNat()),
    dropping: fc.dictionary(
      anyScope,
      fc.record({ upTo: fc.maxSafeNat(), position: fc.maxSafeNat(), until: fc.maxSafeNat() }),
    ),
    total: fc.maxSafeNat(),
    extra: fc
      .jsonValue({ maxDepth: 2, stringUnit: 'binary' })
      .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
  },
  { requiredKeys: ['user', 'epoch', 'filter', 'positions'] },
);

describe('signCursor and readCursor', () => {
  // Computed with another language's HMAC and JSON writer.
  it('known token', () => {
    expect(signCursor(state, [current, previous])).toBe(token);
    expect(readCursor(token, [current])).toEqual({ ok: true, state });
  });

  it('give back every state, under either of the valid keys', () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const signed = signCursor(any, [previous, current]);
        expect(readCursor(signed, [current, previous])).toEqual({ ok: true, state: any });
        expect(cursorBytes(any)).toBe(signed.length);
      }),
    );
  });

  it('write one state as one text', () => {
    const reordered = { ...state, positions: { 'user:1': 0, 'trip:a': 7 } };
    expect(signCursor(reordered, [current])).toBe(token);
  });

  it('take no key of others', () => {
    expect(readCursor(token, [previous, stranger])).toEqual({ ok: false, code: 'CURSOR_FOREIGN' });
    expect(readCursor(token, [])).toEqual({ ok: false, code: 'CURSOR_FOREIGN' });
  });

  it('notice every changed letter', () => {
    const letters = 'ABCabc019-_.';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...letters), (at, letter) => {
        fc.pre(token[at] !== letter);
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        expect(readCursor(changed, [current, previous]).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('notice a cut or an addition anywhere', () => {
    for (let at = 0; at < token.length; at++) {
      expect(readCursor(token.slice(0, at), [current]).ok).toBe(false);
      expect(readCursor(token.slice(at + 1), [current]).ok).toBe(false);
    }
    for (const added of [`${token}A`, `${token}=`, `${token}\n`, ` ${token}`, `${token}.`]) {
      expect(readCursor(added, [current])).toEqual({ ok: false, code: 'CURSOR_MALFORMED' });
    }
  });

  it('answer garbage of every kind with a value', () => {
    const part = fc.string({ unit: fc.constantFrom(...'ABCabc019-_.='), maxLength: 60 });
    const lookalike = fc.tuple(part, part).map(([payload, mac]) => `c1.${payload}.${mac}`);
    const garbage = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      part,
      lookalike,
    );
    fc.assert(
      fc.property(garbage, (text) => {
        expect(readCursor(text, [current, previous]).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('answer another format, however well signed, as malformed', () => {
    for (const payload of ['{}', 'null', '[]', '"x"', '{"u":1}', 'no json', '\ud800']) {
      expect(readCursor(signedText(Buffer.from(payload)), [current])).toEqual({
        ok: false,
        code: 'CURSOR_MALFORMED',
      });
    }
    const notUtf8 = Buffer.from('{"u":"\xff","e":1,"f":"","p":{}}', 'latin1');
    expect(readCursor(signedText(notUtf8), [current])).toEqual({ ok: false, code: 'CURSOR_MALFORMED' });
    expect(readCursor(signed('c1.A'), [current]).ok).toBe(false);
    expect(readCursor(signed(`c2.${token.split('.')[1]}`), [current])).toEqual({
      ok: false,
      code: 'CURSOR_MALFORMED',
    });
  });

  it.each([
    ['a position below zero', { p: { a: -1 } }],
    ['a broken position', { p: { a: 1.5 } }],
    ['positions as a list', { p: [1] }],
    ['a drop without its end', { d: { a: [1, 2] } }],
    ['a drop in words', { d: { a: ['1', '2', '3'] } }],
    ['a total in words', { t: 'many' }],
    ['an epoch in words', { e: '1' }],
    ['no filter', { f: null }],
  ])('answer %s as malformed, however well signed', (_name, change) => {
    const payload = { u: 'user-1', e: 1, f: 'f0', p: {}, ...change };
    expect(readCursor(signedText(Buffer.from(JSON.stringify(payload))), [current])).toEqual({
      ok: false,
      code: 'CURSOR_MALFORMED',
    });
  });

  it('are bounded in size', () => {
    const positions = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`trip:${index}`, index]),
    );
    expect(cursorBytes({ ...state, positions })).toBeLessThan(LIMITS.cursorBytesMax);
    expect(readCursor(signCursor({ ...state, positions }, [current]), [current]).ok).toBe(true);
    const tooMany = { ...state, user: 'u'.repeat(LIMITS.cursorBytesMax) };
    expect(() => signCursor(tooMany, [current])).toThrow(RangeError);
    const text = Buffer.from(JSON.stringify({ u: tooMany.user, e: 1, f: '', p: {} }));
    expect(readCursor(signedText(text), [current])).toEqual({ ok: false, code: 'CURSOR_MALFORMED' });
  });

  it('refuse to work with a missing or short key', () => {
    expect(() => signCursor(state, [])).toThrow(RangeError);
    expect(() => signCursor(state, [{ secret: new Uint8Array(31) }])).toThrow(RangeError);
  });
});

describe('checkCursor', () => {
  const expected = { user: 'user-1', epoch: 1, filter: 'f0' };

  it.each([
    ['ok', {}],
    ['CURSOR_FOREIGN', { user: 'user-2' }],
    ['RESYNC_REQUIRED', { epoch: 2 }],
    ['CURSOR_FILTER_CHANGED', { filter: 'f1' }],
    // A foreign caller learns nothing else about the cursor, and a restored database matters more than a filter.
    ['CURSOR_FOREIGN', { user: 'user-2', epoch: 2, filter: 'f1' }],
    ['RESYNC_REQUIRED', { epoch: 2, filter: 'f1' }],
  ])('%s when %j', (answer, change) => {
    expect(checkCursor(state, { ...expected, ...change })).toBe(answer);
  });
});

describe('filterHash', () => {
  it('is equal for equal filters and differs for others', () => {
    const filter = { types: ['Trip'], priority: 'HIGH' };
    expect(filterHash({ priority: 'HIGH', types: ['Trip'] })).toBe(filterHash(filter));
    expect(filterHash({ ...filter, priority: 'LOW' })).not.toBe(filterHash(filter));
  });
});

function signed(text: string): string {
  const mac = createHmac('sha256', current.secret).update(text).digest().subarray(0, 16);
  return `${text}.${mac.toString('base64url')}`;
}

function signedText(payload: Uint8Array): string {
  return signed(`c1.${Buffer.from(payload).toString('base64url')}`);
}
