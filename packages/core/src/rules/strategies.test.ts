import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../protocol/limits.ts';
import type { JsonValue } from '../schema/json.ts';
import { counter, max, min, setUnion, textThreeWay } from './strategies.ts';

describe('counter', () => {
  it.each([
    ['the steps of both add up', 5, 7, 8, 10],
    ['down as well as up', 5, 7, 2, 4],
    ['nothing counted yet', null, 2, 3, 5],
    ['only the server counted', 5, 9, 5, 9],
    ['base unknown', undefined, 7, 8, undefined],
    ['a value that is no number', 5, 'x', 8, undefined],
    ['a side that was cleared', 5, null, 8, undefined],
  ])('%s', (_name, base, server, client, expected) => {
    expect(counter({ base, server, client })).toBe(expected);
  });
});

describe('max and min', () => {
  it.each([
    ['numbers', 2, 10, 10, 2],
    ['texts, as moments are stored', '2026-01-01T', '2025-12-31T', '2026-01-01T', '2025-12-31T'],
    ['nothing on one side', null, 3, 3, 3],
    ['nothing on either', null, null, null, null],
    ['a number and a text', 1, '2', undefined, undefined],
    ['flags', true, false, undefined, undefined],
  ])('%s', (_name, server, client, greatest, least) => {
    expect(max({ base: undefined, server, client })).toBe(greatest);
    expect(min({ base: undefined, server, client })).toBe(least);
  });

  it('does not matter who comes first, or how often', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        for (const pick of [max, min]) {
          const once = pick({ base: 0, server: a, client: b });
          expect(pick({ base: 0, server: b, client: a })).toBe(once);
          expect(pick({ base: 0, server: once as number, client: a })).toBe(once);
        }
      }),
    );
  });
});

describe('setUnion', () => {
  const union = (base: JsonValue | undefined, server: JsonValue, client: JsonValue) =>
    setUnion({ base, server, client });

  it.each([
    ['adds of both sides', ['a'], ['a', 'b'], ['a', 'c'], ['a', 'b', 'c']],
    ['removes of both sides', ['a', 'b', 'c'], ['b', 'c'], ['a', 'b'], ['b']],
    ['added by both: once', ['a'], ['a', 'b'], ['a', 'b'], ['a', 'b']],
    ['base unknown: nothing counts as removed', undefined, ['a', 'b'], ['b', 'c'], ['a', 'b', 'c']],
    ['cleared by the client', ['a', 'b'], ['a', 'b', 'c'], null, ['c']],
    ['a server that has none', ['a'], null, ['a', 'b'], ['b']],
    ['members that are objects', [{ x: 1 }], [{ x: 1 }, { x: 2 }], [], [{ x: 2 }]],
    ['no list', ['a'], ['a'], 'a', undefined],
  ])('%s', (_name, base, server, client, expected) => {
    expect(union(base, server, client)).toEqual(expected);
  });

  it('gives up rather than grow beyond what a list may hold', () => {
    const many = (prefix: string) =>
      Array.from({ length: LIMITS.listItemsMax }, (_, index) => `${prefix}${index}`);
    expect(union([], many('a'), many('b'))).toBeUndefined();
    expect(union([], many('a'), many('a'))).toHaveLength(LIMITS.listItemsMax);
  });

  const list = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });

  it('keeps every member that one side added and none that one side removed', () => {
    fc.assert(
      fc.property(list, list, list, (base, server, client) => {
        const merged = union(base, server, client) as string[];
        for (const member of 'abcdefgh') {
          const [was, theirs, mine] = [base, server, client].map((side) => side.includes(member));
          expect(merged.filter((one) => one === member)).toHaveLength(
            (was ? theirs && mine : theirs || mine) ? 1 : 0,
          );
        }
      }),
    );
  });

  it('comes to the same members whichever side was first, and stays there when sent again', () => {
    fc.assert(
      fc.property(list, list, list, (base, server, client) => {
        const merged = union(base, server, client) as string[];
        expect([...(union(base, client, server) as string[])].sort()).toEqual([...merged].sort());
        expect(union(base, merged, client)).toEqual(merged);
      }),
    );
  });

  it('leaves the server’s order alone, and a side that did nothing changes nothing', () => {
    fc.assert(
      fc.property(list, list, (base, side) => {
        expect(union(base, side, base)).toEqual(side);
        expect([...(union(base, base, side) as string[])].sort()).toEqual([...side].sort());
      }),
    );
  });
});

describe('textThreeWay', () => {
  it('merges texts, and nothing else', () => {
    expect(textThreeWay({ base: 'a b', server: 'A b', client: 'a b' })).toBe('A b');
    expect(textThreeWay({ base: 'a b', server: 'A b', client: 'x b' })).toBeUndefined();
    expect(textThreeWay({ base: 'a b c', server: 'A b c', client: 'a b C' })).toBe('A b C');
    expect(textThreeWay({ base: null, server: 'a', client: 'b' })).toBeUndefined();
    expect(textThreeWay({ base: undefined, server: 'a', client: 'b' })).toBeUndefined();
    expect(textThreeWay({ base: 'a', server: null, client: 'b' })).toBeUndefined();
  });
});
