import { describe, expect, it } from 'vitest';
import { buried, changeOf, decidedOf, edited, recordOf, situationOf, stamp } from '../../tests/situations.ts';
import { decide } from './decide.ts';
import type { Change, RecordState } from './record.ts';
import type { Situation } from './situation.ts';
import type { Verdict } from './verdict.ts';

const remove = (
  record: RecordState,
  parts: Partial<Change> = {},
  situation: Partial<Situation> = {},
): Verdict => decide(situationOf(changeOf('DELETE', 'Note', {}, parts), record, situation));

const record = recordOf('Note');
const theirs = edited(record, { title: 'Theirs' }, 15);
const theirPhoto = recordOf('Photo', {}, { id: 'photo-1', clock: { '*': stamp(1, 16) } });

const applied = { outcome: 'applied', act: { kind: 'bury' }, clash: null, stands: true };

describe('DELETE | live | base = version, or blind and seen', () => {
  it('base = version: tombstone and cascade', () => {
    expect(remove(record)).toMatchObject(applied);
  });

  it('blind and seen: tombstone and cascade', () => {
    expect(remove(theirs.record, { base: null }, { seen: () => true })).toMatchObject(applied);
  });

  it('base is behind by own edits alone', () => {
    const own = edited(record, { title: 'Mine' }, 15, { device: 'phone' });
    expect(remove(own.record)).toMatchObject(applied);
  });

  it('base is behind by edits of the same submission alone', () => {
    expect(
      remove(theirs.record, {}, { sameSubmission: ({ change }) => change === 'change 2' }),
    ).toMatchObject(applied);
  });

  it('however early it was made', () => {
    expect(remove(record, { time: 1 })).toMatchObject(applied);
  });
});

describe('DELETE | live | otherwise', () => {
  it.each([
    ['LAST_WRITE_WINS', 20, 'client'],
    ['LAST_WRITE_WINS', 14, 'server'],
    ['LAST_WRITE_WINS', 15, 'server'],
    ['FIRST_WRITE_WINS', 20, 'server'],
    ['MANUAL_RESOLUTION', 20, null],
    ['KEEP_BOTH', 20, null],
  ] as const)('DELETION_CONFLICT, %s, at %i against an edit at 15: %s wins', (strategy, time, winner) => {
    const verdict = decidedOf(remove(theirs.record, { time }, { strategy }));
    expect(verdict).toMatchObject({
      outcome: 'conflict',
      stands: winner === 'client',
      act: winner === 'client' ? { kind: 'bury' } : { kind: 'refeed', descendants: true },
    });
    expect(verdict.clash).toEqual({
      conflictType: 'DELETION_CONFLICT',
      fields: [],
      base: null,
      server: theirs.record.fields,
      client: {},
      clientDeletes: true,
      strategy: strategy === 'KEEP_BOTH' ? 'MANUAL_RESOLUTION' : strategy,
      winner,
      serverTime: 15,
      clientTime: time,
    });
  });

  it('blind and unseen: the same', () => {
    const verdict = decidedOf(remove(theirs.record, { base: null, time: 14 }));
    expect(verdict).toMatchObject({ outcome: 'conflict', clash: { winner: 'server', serverTime: 15 } });
  });

  it('blind, and one group unseen: the same', () => {
    const verdict = remove(theirs.record, { base: null }, { seen: (group) => group !== 'title' });
    expect(decidedOf(verdict).clash).toMatchObject({ serverTime: 15, winner: 'client' });
  });

  it('the latest of the others’ edits is what it races against', () => {
    const again = edited(edited(theirs.record, { body: 'Theirs' }, 30).record, { color: 'blue' }, 12);
    expect(decidedOf(remove(again.record)).clash).toMatchObject({ serverTime: 30, winner: 'server' });
  });
});

describe('DELETE | live | children that others changed since the deleter last looked', () => {
  const changedDescendants = [theirPhoto, { ...theirPhoto, id: 'photo-2', clock: { '*': stamp(1, 18) } }];

  it.each([
    [20, 'client', 'bury'],
    [17, 'server', 'refeed'],
  ] as const)('one DELETION_CONFLICT that names them, at %i against 18: %s wins', (time, winner, act) => {
    const verdict = decidedOf(remove(record, { time }, { changedDescendants }));
    expect(verdict).toMatchObject({ outcome: 'conflict', act: { kind: act } });
    expect(verdict.clash).toMatchObject({
      fields: ['Photo:photo-1', 'Photo:photo-2'],
      winner,
      serverTime: 18,
    });
  });

  it('an own later edit of the record itself does not hide them', () => {
    const own = edited(record, { title: 'Mine' }, 19, { device: 'phone' });
    expect(decidedOf(remove(own.record, {}, { changedDescendants })).outcome).toBe('conflict');
  });

  it('a person who decides the conflict has looked at them', () => {
    const verdict = remove(record, { origin: 'resolution', time: 1 }, { changedDescendants });
    expect(verdict).toMatchObject(applied);
  });
});

describe('DELETE | tombstone', () => {
  it.each([
    ['by another device', buried(record, 15), {}],
    ['on an old version', buried(theirs.record, 16), {}],
    ['blind', buried(record, 15), { base: null }],
    ['moved', { ...record, tombstone: { kind: 'moved' } as const }, {}],
    ['beyond the horizon', buried(record, 15), {}],
  ])('success: %s', (_name, grave, parts) => {
    expect(remove(grave, parts, { beyondHorizon: true })).toEqual({ kind: 'unchanged' });
  });

  it('under an alias ends the alias only, whatever version the device knows', () => {
    const alias = { ...recordOf('Tag'), tombstone: { kind: 'alias', of: 'tag-2' } as const };
    for (const base of [null, 0, 1, 9]) {
      const verdict = decide(situationOf(changeOf('DELETE', 'Tag', {}, { base }), alias));
      expect(verdict).toMatchObject({ outcome: 'applied', act: { kind: 'endAlias' }, clash: null });
    }
  });
});
