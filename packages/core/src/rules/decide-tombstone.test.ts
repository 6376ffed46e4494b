import { describe, expect, it } from 'vitest';
import {
  buried,
  changeOf,
  decidedOf,
  edited,
  idOf,
  putOf,
  recordOf,
  situationOf,
  stamp,
} from '../../tests/situations.ts';
import { decide } from './decide.ts';
import type { Change } from './record.ts';
import type { Situation } from './situation.ts';
import type { Verdict } from './verdict.ts';

/** Deleted at 15 by the tablet; the phone edits it at 20, on version 1. */
const before = recordOf('Note', { body: 'kept', tagIds: [idOf('1')] });
const grave = buried(before, 15);
const lines = [{ version: 2, at: 15, before: {} }];

const edit = (parts: Partial<Change> = {}, situation: Partial<Situation> = {}): Verdict =>
  decide(
    situationOf(changeOf('UPDATE', 'Note', { title: 'Mine' }, parts), grave, {
      history: lines,
      ...situation,
    }),
  );

describe.each([
  ['UPDATE', 1],
  ['UPDATE', null],
  ['CREATE', 0],
  ['CREATE', null],
] as const)('%s with base %s | tombstone | younger than the horizon', (operation, base) => {
  it.each([
    ['LAST_WRITE_WINS', 20, 'client'],
    ['LAST_WRITE_WINS', 14, 'server'],
    ['FIRST_WRITE_WINS', 20, 'server'],
    ['MANUAL_RESOLUTION', 20, null],
    ['KEEP_BOTH', 20, null],
  ] as const)('DELETION_CONFLICT, %s, at %i against 15: %s wins', (strategy, time, winner) => {
    const verdict = decidedOf(edit({ operation, base, time }, { strategy }));
    expect(verdict.outcome).toBe('conflict');
    expect(verdict.clash).toEqual({
      conflictType: 'DELETION_CONFLICT',
      fields: ['title'],
      base: null,
      server: grave.fields,
      client: { title: 'Mine' },
      clientDeletes: false,
      strategy: strategy === 'KEEP_BOTH' ? 'MANUAL_RESOLUTION' : strategy,
      winner,
      serverTime: 15,
      clientTime: time,
    });
    if (winner !== 'client') {
      expect(verdict).toMatchObject({ stands: false, act: { kind: 'refeed', descendants: false } });
      return;
    }
    expect(verdict.stands).toBe(true);
    expect(putOf(verdict)).toMatchObject({ operation: 'REVIVE', fields: { title: 'Mine', body: 'kept' } });
    expect(putOf(verdict).clock.title).toEqual(stamp(3, 20, { device: 'phone', change: 'mine' }));
  });
});

describe('CREATE / UPDATE | tombstone | younger than the horizon', () => {
  it('what somebody else had already changed to the same value stays that one’s', () => {
    const change = changeOf('UPDATE', 'Note', { title: 'Mine', body: 'kept' });
    const history = [{ version: 2, at: 15, before: { body: 'as the phone saw it' } }];
    const { clock } = putOf(decide(situationOf(change, grave, { history })));
    expect(clock.title?.change).toBe('mine');
    expect(clock.body).toEqual(grave.clock.body);
  });

  it('at the same moment the deletion stands', () => {
    expect(decidedOf(edit({ time: 15 })).clash?.winner).toBe('server');
  });

  it('blind, at the same moment: the greater change id', () => {
    expect(decidedOf(edit({ base: null, time: 15, changeId: 'zzz' })).clash?.winner).toBe('client');
    expect(decidedOf(edit({ base: null, time: 15, changeId: 'aaa' })).clash?.winner).toBe('server');
  });

  it('a whole old row brings back the edit alone, over what others had changed before the deletion', () => {
    const changed = edited(before, { body: 'Theirs' }, 12);
    const row = { ...before.fields, title: 'Mine' };
    const verdict = decide(
      situationOf(changeOf('UPDATE', 'Note', row), buried(changed.record, 15), {
        history: [changed.line, { version: 3, at: 15, before: {} }],
      }),
    );
    expect(decidedOf(verdict).clash?.fields).toEqual(['title']);
    expect(putOf(verdict).fields).toMatchObject({ title: 'Mine', body: 'Theirs' });
  });

  it('a whole old row without any edit brings nothing back, and leaves no conflict', () => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', before.fields), grave, { history: lines }));
    expect(decidedOf(verdict)).toMatchObject({ clash: null, stands: false, act: { kind: 'refeed' } });
  });

  it('the device that deleted it edits it later: revived, without a conflict', () => {
    const verdict = decidedOf(edit({ device: 'tablet' }));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: true });
    expect(putOf(verdict).operation).toBe('REVIVE');
  });

  it('an edit that the device made before its own deletion is over, without a conflict', () => {
    const verdict = decidedOf(edit({ device: 'tablet', time: 14 }));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: false, act: { kind: 'refeed' } });
  });

  it('a revival that breaks a rule is INVALID', () => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', { starts: 8, ends: 3 }), grave));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'INVALID', field: 'ends' });
  });
});

describe('CREATE / UPDATE | tombstone | made by a cascade', () => {
  it('answers for that deletion, by its time', () => {
    const photo = buried(recordOf('Photo'), 15, { root: { type: 'test.Note', id: 'note-1' } });
    const decideAt = (time: number) =>
      decidedOf(decide(situationOf(changeOf('UPDATE', 'Photo', { caption: 'Mine' }, { time }), photo)));
    expect(decideAt(20)).toMatchObject({ act: { operation: 'REVIVE' }, clash: { winner: 'client' } });
    expect(decideAt(14)).toMatchObject({ act: { kind: 'refeed' }, clash: { winner: 'server' } });
  });
});

describe('CREATE / UPDATE | tombstone | root deleted; older than the horizon; legacy CRUD', () => {
  it.each([
    ['in a scope whose root is deleted', {}, { rootDeleted: true }],
    ['older than the horizon', {}, { beyondHorizon: true }],
    ['the edit is legacy CRUD', { origin: 'legacy' }, {}],
    ['even by the device that deleted it', { device: 'tablet' }, { rootDeleted: true }],
    ['even where a person would decide', {}, { rootDeleted: true, strategy: 'MANUAL_RESOLUTION' }],
  ] as const)('%s: the deletion stands, the values are kept as a conflict', (_name, parts, situation) => {
    const verdict = decidedOf(edit(parts, situation));
    expect(verdict).toMatchObject({ outcome: 'conflict', stands: false, act: { kind: 'refeed' } });
    expect(verdict.clash).toMatchObject({ winner: 'server', client: { title: 'Mine' }, fields: ['title'] });
  });

  it('a person may restore it, also where the root is deleted', () => {
    const verdict = decidedOf(edit({ origin: 'resolution', time: 1 }, { rootDeleted: true }));
    expect(verdict).toMatchObject({ act: { operation: 'REVIVE' }, clash: null, stands: true });
  });

  it('a scope that goes back to what it was restores it, however old the change', () => {
    const verdict = decidedOf(edit({ origin: 'restore', time: 1 }));
    expect(verdict).toMatchObject({ act: { operation: 'REVIVE' }, clash: null, stands: true });
  });

  it.each(['resolution', 'restore'] as const)('but not beyond the horizon: %s', (origin) => {
    const verdict = decidedOf(edit({ origin }, { beyondHorizon: true }));
    expect(verdict).toMatchObject({ stands: false, act: { kind: 'refeed' } });
  });
});

describe('revive | unique key taken', () => {
  it('is rejected as UNIQUE, and names the field', () => {
    const change = changeOf('UPDATE', 'Tag', { color: 'blue' });
    const verdict = decide(
      situationOf(change, buried(recordOf('Tag'), 15), {
        holderOf: (key) => (key === 'sea' ? recordOf('Tag', {}, { id: 'tag-2' }) : null),
      }),
    );
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'UNIQUE', field: 'name' });
  });
});

describe('CREATE / UPDATE | a record that lives elsewhere', () => {
  it.each([
    ['moved', { kind: 'moved' } as const],
    ['an alias', { kind: 'alias', of: 'note-2' } as const],
  ])('%s: FORBIDDEN, the engine leads changes to where it lives', (_name, tombstone) => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', { title: 'x' }), { ...before, tombstone }));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'FORBIDDEN', detail: '' });
  });
});
