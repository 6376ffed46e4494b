/** UPDATE on a live record: what the kind of value, the rules of its type and the kind of client make of it. */
import { describe, expect, it } from 'vitest';
import {
  changeOf,
  decidedOf,
  edited,
  idOf,
  putOf,
  recordOf,
  situationOf,
  typeWith,
} from '../../tests/situations.ts';
import { decide } from './decide.ts';
import type { Change, RecordState } from './record.ts';
import type { Situation, VersionLine } from './situation.ts';

const update = (fields: Change['fields'], parts: Partial<Change> = {}): Change =>
  changeOf('UPDATE', 'Note', fields, parts);

const decideOn = (
  on: { record: RecordState; line?: VersionLine },
  change: Change,
  parts: Partial<Situation> = {},
) => decide(situationOf(change, on.record, { history: on.line ? [on.line] : [], ...parts }));

describe('UPDATE | live | lists of ids', () => {
  const base = recordOf('Note', { tagIds: [idOf('1'), idOf('2')] });
  const theirs = edited(base, { tagIds: [idOf('2'), idOf('3')] }, 15);

  it('merge as adds and removes against base, without a conflict', () => {
    const verdict = decidedOf(decideOn(theirs, update({ tagIds: [idOf('1'), idOf('4')] })));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: false });
    expect(putOf(verdict).fields.tagIds).toEqual([idOf('3'), idOf('4')]);
  });

  it('a strategy that is named for the list is used instead', () => {
    const type = typeWith('Note', { merge: { tagIds: 'FIRST_WRITE_WINS' } });
    const verdict = decidedOf(decideOn(theirs, update({ tagIds: [] }), { type }));
    expect(verdict).toMatchObject({ outcome: 'conflict', act: { kind: 'refeed' } });
  });

  it('blind, a list replaces what is there: as a union nothing could ever be taken out', () => {
    const verdict = decidedOf(decideOn(theirs, update({ tagIds: [idOf('2')] }, { base: null })));
    expect(verdict.clash).toMatchObject({ fields: ['tagIds'], winner: 'client' });
    expect(putOf(verdict).fields.tagIds).toEqual([idOf('2')]);
  });

  it('blind, but with the values that it started from: adds and removes', () => {
    const change = update(
      { tagIds: [idOf('1')] },
      { base: null, baseFields: { tagIds: [idOf('1'), idOf('2')] } },
    );
    expect(putOf(decideOn(theirs, change)).fields.tagIds).toEqual([idOf('3')]);
  });
});

describe('UPDATE | live | custom merges of a group', () => {
  const base = recordOf('Note', { visits: 5, best: 5, least: 5, body: 'one two three' });
  const mergedWith = (theirs: Change['fields'], mine: Change['fields']) =>
    decidedOf(decideOn(edited(base, theirs, 15), update(mine, { time: 1 })));

  it.each([
    ['counter', { visits: 7 }, { visits: 8 }, { visits: 10 }],
    ['max', { best: 9 }, { best: 7 }, { best: 9 }],
    ['min', { least: 4 }, { least: 2 }, { least: 2 }],
    ['text', { body: 'ONE two three' }, { body: 'one two THREE' }, { body: 'ONE two THREE' }],
  ])('%s: the values are put together, without a conflict', (_name, theirs, mine, both) => {
    const verdict = mergedWith(theirs, mine);
    expect(verdict.clash).toBeNull();
    expect(verdict.outcome).toBe('merged');
    if (verdict.act.kind === 'put') expect(verdict.act.fields).toMatchObject(both);
    else expect(edited(base, theirs, 15).record.fields).toMatchObject(both);
  });

  it('a text that both changed in one place goes by the strategy', () => {
    const verdict = mergedWith({ body: 'ONE two three' }, { body: 'Uno two three' });
    expect(verdict.clash).toMatchObject({ fields: ['body'], winner: 'server' });
  });

  it('a merged value that the field does not allow goes by the strategy', () => {
    const verdict = mergedWith({ visits: 2_147_483_640 }, { visits: 100 });
    expect(verdict.clash).toMatchObject({ fields: ['visits'], winner: 'server' });
  });
});

describe('UPDATE | live | merged record breaks an entity rule', () => {
  const base = recordOf('Note', { starts: 1, ends: 10, title: 'Old title' });
  const late = edited(base, { starts: 8 }, 15);

  it.each([
    ['LAST_WRITE_WINS', 20, 'client', { starts: 1, ends: 5 }],
    ['LAST_WRITE_WINS', 12, 'server', { starts: 8, ends: 10 }],
    ['FIRST_WRITE_WINS', 20, 'server', { starts: 8, ends: 10 }],
    ['MANUAL_RESOLUTION', 20, null, { starts: 8, ends: 10 }],
    ['KEEP_BOTH', 20, 'both', { starts: 8, ends: 10 }],
  ] as const)(
    '%s, edited at %i against 15: the rule’s fields go one way together',
    (strategy, time, winner, stands) => {
      const verdict = decidedOf(decideOn(late, update({ ends: 5 }, { time }), { strategy }));
      expect(verdict.clash).toMatchObject({
        conflictType: 'VERSION_MISMATCH',
        strategy,
        winner,
        serverTime: 15,
      });
      expect([...(verdict.clash?.fields ?? [])].sort()).toEqual(['ends', 'starts']);
      const fields = verdict.act.kind === 'put' ? verdict.act.fields : late.record.fields;
      expect(fields).toMatchObject(stands);
      expect(verdict.copy === null ? null : [verdict.copy.starts, verdict.copy.ends]).toEqual(
        strategy === 'KEEP_BOTH' ? [1, 5] : null,
      );
    },
  );

  it('other groups merge at once', () => {
    const verdict = decideOn(late, update({ ends: 5, title: 'Mine' }, { time: 1 }));
    expect(putOf(verdict).fields).toMatchObject({ starts: 8, ends: 10, title: 'Mine' });
  });

  it('another group in conflict is still decided for itself', () => {
    const { record, line } = edited(late.record, { title: 'Theirs' }, 25);
    const verdict = decide(
      situationOf(update({ ends: 5, title: 'Mine' }), record, { history: [late.line, line] }),
    );
    expect(putOf(verdict).fields).toMatchObject({ starts: 1, ends: 5, title: 'Theirs' });
    expect(decidedOf(verdict).clash?.winner).toBe('mixed');
  });

  it('also where it breaks only by the client’s victory in one field', () => {
    const theirs = edited(base, { starts: 4, ends: 6 }, 15);
    const verdict = decideOn(theirs, update({ starts: 8 }));
    expect(putOf(verdict).fields).toMatchObject({ starts: 8, ends: 10 });
  });

  it('where one of the fields is for a person, both wait', () => {
    const type = typeWith('Note', { merge: { ends: 'MANUAL_RESOLUTION' } });
    const verdict = decidedOf(decideOn(late, update({ ends: 5 }), { type }));
    expect(verdict).toMatchObject({ act: { kind: 'refeed' }, clash: { winner: null } });
  });

  it('what breaks the rule by itself is INVALID, not a conflict', () => {
    const verdict = decideOn(late, update({ starts: 7, ends: 5 }));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'INVALID', field: 'ends' });
  });

  it.each([
    [20, 'client', { starts: 1, ends: 5 }],
    [12, 'server', { starts: 8, ends: 10 }],
  ] as const)('blind, edited at %i against 15: the later side as a whole', (time, winner, stands) => {
    const verdict = decidedOf(decideOn(late, update({ starts: 1, ends: 5 }, { base: null, time })));
    expect(verdict.clash).toMatchObject({ winner, strategy: 'LAST_WRITE_WINS' });
    const fields = verdict.act.kind === 'put' ? verdict.act.fields : late.record.fields;
    expect(fields).toMatchObject(stands);
  });
});

describe('UPDATE | live | unique key taken', () => {
  const record = recordOf('Tag', { name: 'Sea' });
  const parts = {
    holderOf: (key: string) => (key === 'hills' ? recordOf('Tag', {}, { id: 'tag-2' }) : null),
  };
  const rename = (to: string) => decide(situationOf(changeOf('UPDATE', 'Tag', { name: to }), record, parts));

  it('is rejected as UNIQUE, and names the field', () => {
    expect(rename('Hills')).toMatchObject({ kind: 'rejected', code: 'UNIQUE', field: 'name' });
  });

  it('is applied when the key is free, or its own', () => {
    expect(decidedOf(rename('Moor')).outcome).toBe('applied');
    expect(decidedOf(rename('SEA')).outcome).toBe('applied');
  });
});

describe('UPDATE | live | blind', () => {
  const theirs = edited(recordOf('Note', { body: 'kept' }), { title: 'Theirs' }, 15);
  const row = { title: 'Mine', body: 'kept' };
  const blind = (parts: Partial<Change> = {}, situation: Partial<Situation> = {}) =>
    decidedOf(decideOn(theirs, update(row, { base: null, ...parts }), situation));

  it('seen: applied, whenever it was made; only what differs is touched', () => {
    const verdict = blind({ time: 1 }, { seen: () => true });
    expect(verdict).toMatchObject({ outcome: 'applied', clash: null, stands: true });
    expect(putOf(verdict).clock).not.toHaveProperty('body');
  });

  it('seen is asked per group', () => {
    const verdict = blind({ time: 1 }, { seen: (group) => group !== 'title' });
    expect(verdict.clash).toMatchObject({ fields: ['title'], winner: 'server' });
  });

  it.each([
    ['later', 20, 'mine', 'client'],
    ['earlier', 14, 'mine', 'server'],
    ['a tie, the greater change id', 15, 'zzz', 'client'],
    ['a tie, the lesser change id', 15, 'a', 'server'],
  ])('unseen: LAST_WRITE_WINS, journaled: %s', (_name, time, changeId, winner) => {
    expect(blind({ time, changeId }).clash).toMatchObject({
      winner,
      strategy: 'LAST_WRITE_WINS',
      base: null,
    });
  });

  it.each(['FIRST_WRITE_WINS', 'MANUAL_RESOLUTION', 'KEEP_BOTH'] as const)(
    'unseen, though the server’s strategy is %s: LAST_WRITE_WINS',
    (strategy) => {
      expect(blind({}, { strategy }).clash).toMatchObject({ strategy: 'LAST_WRITE_WINS', winner: 'client' });
    },
  );

  it('last touched by this device: applied, and an older own edit stays behind, and is kept', () => {
    const own = edited(recordOf('Note'), { title: 'Mine, before' }, 15, { device: 'phone' });
    const edit = (time: number) => decidedOf(decideOn(own, update({ title: 'Mine' }, { base: null, time })));
    expect(edit(20)).toMatchObject({ outcome: 'applied', clash: null });
    expect(edit(14)).toMatchObject({ act: { kind: 'refeed' }, clash: { winner: 'server' }, stands: false });
  });
});

describe('KEEP_BOTH', () => {
  const keep = { strategy: 'KEEP_BOTH' } as const;

  it('makes a second record of the client’s version, with all that it edited', () => {
    const theirs = edited(recordOf('Note', { body: 'kept' }), { title: 'Theirs' }, 15);
    const verdict = decidedOf(decideOn(theirs, update({ title: 'Mine', color: 'blue' }), keep));
    expect(verdict.clash?.winner).toBe('both');
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', color: 'blue' });
    expect(verdict.copy).toEqual({ ...theirs.record.fields, title: 'Mine', color: 'blue' });
  });

  it('works for a type with a unique key that has a rename rule', () => {
    const theirs = edited(recordOf('Tag'), { color: 'blue' }, 15);
    const change = changeOf('UPDATE', 'Tag', { color: 'green' });
    const verdict = decide(situationOf(change, theirs.record, { history: [theirs.line], ...keep }));
    expect(decidedOf(verdict).copy).toMatchObject({ color: 'green' });
  });

  it.each([
    ['a unique key without a rename rule', 'Badge', { name: 'Theirs' }, { name: 'Mine' }],
    ['the root of a scope', 'Box', { name: 'Theirs' }, { name: 'Mine' }],
  ])('falls back to MANUAL_RESOLUTION for %s', (_name, of, their, my) => {
    const theirs = edited(recordOf(of), their, 15);
    const verdict = decidedOf(
      decide(situationOf(changeOf('UPDATE', of, my), theirs.record, { history: [theirs.line], ...keep })),
    );
    expect(verdict).toMatchObject({ copy: null, clash: { strategy: 'MANUAL_RESOLUTION', winner: null } });
  });

  it('falls back to MANUAL_RESOLUTION where the second record would break a rule', () => {
    const base = recordOf('Note', { starts: 1, ends: 10 });
    const theirs = edited(edited(base, { ends: 6 }, 14).record, { title: 'Theirs', ends: 6 }, 15);
    const type = typeWith('Note', { merge: { starts: 'KEEP_BOTH' } });
    const both = edited(theirs.record, { starts: 3 }, 16);
    const verdict = decidedOf(decide(situationOf(update({ starts: 8 }), both.record, { type, history: [] })));
    expect(verdict).toMatchObject({ copy: null, clash: { strategy: 'MANUAL_RESOLUTION', winner: null } });
  });
});
