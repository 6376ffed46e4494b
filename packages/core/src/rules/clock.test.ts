import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clampEditTime, compareEdits, type Edit, laterEditWins, nextStamp } from './clock.ts';

const now = Date.UTC(2024, 5, 1, 12);
const fiveMinutes = 5 * 60_000;

describe('clampEditTime', () => {
  it.each([
    ['missing: now', null, now, false],
    ['the past stands, however far', Date.UTC(1970, 0, 1), 0, false],
    ['before 1970', -1, -1, false],
    ['a little ahead', now + fiveMinutes - 1, now + fiveMinutes - 1, false],
    ['five minutes ahead', now + fiveMinutes, now + fiveMinutes, false],
    ['further ahead', now + fiveMinutes + 1, now + fiveMinutes, true],
    ['a day ahead', now + 86_400_000, now + fiveMinutes, true],
  ])('%s', (_name, sent, time, clamped) => {
    expect(clampEditTime(sent, now)).toEqual({ time, clamped });
  });
});

describe('compareEdits', () => {
  const device = fc.option(fc.constantFrom('phone', 'tablet', '😀', '\ufb33'));
  const changeId = fc.constantFrom('a', 'b', 'B', 'é', 'z');
  const edit: fc.Arbitrary<Edit> = fc.record({ time: fc.integer({ min: -2, max: 2 }), device, changeId });

  it('goes by time, then change id, then device', () => {
    const base: Edit = { time: 5, device: 'b', changeId: 'b' };
    expect(compareEdits(base, { time: 6, device: 'a', changeId: 'a' })).toBeLessThan(0);
    expect(compareEdits(base, { time: 5, device: 'z', changeId: 'a' })).toBeGreaterThan(0);
    expect(compareEdits(base, { time: 5, device: 'c', changeId: 'b' })).toBeLessThan(0);
    expect(compareEdits(base, { time: 5, device: null, changeId: 'b' })).toBeGreaterThan(0);
    expect(compareEdits(base, { ...base })).toBe(0);
  });

  it('does not follow a locale', () => {
    expect(
      compareEdits({ time: 0, device: null, changeId: 'a' }, { time: 0, device: null, changeId: 'B' }),
    ).toBe(1);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(edit, edit, edit, (a, b, c) => {
        expect(Math.sign(compareEdits(a, b)) + Math.sign(compareEdits(b, a))).toBe(0);
        if (compareEdits(a, b) === 0) expect(a).toEqual(b);
        if (compareEdits(a, b) <= 0 && compareEdits(b, c) <= 0)
          expect(compareEdits(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('laterEditWins', () => {
  const ids = { serverChangeId: 'm', clientChangeId: 'm' };

  it.each([
    [
      'the later edit',
      { ...ids, serverTime: 1, clientTime: 2, blind: false, creates: false, isNew: false },
      'client',
    ],
    [
      'the later edit, on the server',
      { ...ids, serverTime: 2, clientTime: 1, blind: false, creates: false, isNew: false },
      'server',
    ],
    ['a tie', { ...ids, serverTime: 1, clientTime: 1, blind: false, creates: false, isNew: false }, 'server'],
    [
      'a tie, whatever the ids',
      {
        serverTime: 1,
        clientTime: 1,
        blind: false,
        creates: false,
        isNew: false,
        serverChangeId: 'a',
        clientChangeId: 'z',
      },
      'server',
    ],
    [
      'a blind tie: the greater id',
      {
        serverTime: 1,
        clientTime: 1,
        blind: true,
        creates: false,
        isNew: false,
        serverChangeId: 'a',
        clientChangeId: 'z',
      },
      'client',
    ],
    [
      'a blind tie: the lesser id',
      {
        serverTime: 1,
        clientTime: 1,
        blind: true,
        creates: false,
        isNew: false,
        serverChangeId: 'z',
        clientChangeId: 'a',
      },
      'server',
    ],
    [
      'a blind tie with a CREATE, whatever the ids',
      {
        serverTime: 1,
        clientTime: 1,
        blind: true,
        creates: true,
        isNew: false,
        serverChangeId: 'a',
        clientChangeId: 'z',
      },
      'server',
    ],
    [
      'a blind tie of one change',
      { ...ids, serverTime: 1, clientTime: 1, blind: true, creates: false, isNew: false },
      'server',
    ],
    [
      'blind, but later',
      {
        serverTime: 1,
        clientTime: 2,
        blind: true,
        creates: false,
        isNew: false,
        serverChangeId: 'z',
        clientChangeId: 'a',
      },
      'client',
    ],
    [
      'blind, but earlier',
      {
        serverTime: 2,
        clientTime: 1,
        blind: true,
        creates: false,
        isNew: false,
        serverChangeId: 'a',
        clientChangeId: 'z',
      },
      'server',
    ],
  ] as const)('%s', (_name, race, winner) => {
    expect(laterEditWins(race)).toBe(winner);
  });

  it('lets the same blind change win, whichever reached the server first', () => {
    const edit = fc.record({ time: fc.integer({ min: 0, max: 3 }), id: fc.constantFrom('a', 'b', 'c', 'd') });
    fc.assert(
      fc.property(edit, edit, (a, b) => {
        const winnerAfter = (first: typeof a, second: typeof a) =>
          laterEditWins({
            serverTime: first.time,
            clientTime: second.time,
            blind: true,
            creates: false,
            isNew: false,
            serverChangeId: first.id,
            clientChangeId: second.id,
          }) === 'client'
            ? second
            : first;
        expect(winnerAfter(a, b)).toEqual(winnerAfter(b, a));
      }),
    );
  });
});

describe('nextStamp', () => {
  it.each([
    ['a sent time that is newer', 10, 5, 10],
    ['the same time again', 5, 5, 6],
    ['an older time', 1, 5, 6],
    ['the first one', 3, null, 3],
  ])('%s', (_name, sent, previous, stamp) => expect(nextStamp(sent, previous)).toBe(stamp));
});
