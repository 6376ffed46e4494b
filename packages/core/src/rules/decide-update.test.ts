import { describe, expect, it } from 'vitest';
import {
  changeOf,
  decidedOf,
  edited,
  idOf,
  putOf,
  recordOf,
  situationOf,
  stamp,
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

describe('UPDATE | live | base = version', () => {
  const base = { record: recordOf('Note', { body: 'kept' }) };

  it('is applied, and stamps the groups that it changed', () => {
    const verdict = decidedOf(decideOn(base, update({ title: 'Mine', latitude: 5 })));
    expect(verdict).toMatchObject({ outcome: 'applied', clash: null, stands: true, mergedFields: [] });
    const put = putOf(verdict);
    expect(put.fields).toEqual({ ...base.record.fields, title: 'Mine', latitude: 5 });
    const mine = stamp(2, 20, { device: 'phone', change: 'mine' });
    expect(put.clock).toEqual({ '*': stamp(1, 10), title: mine, place: mine });
  });

  it('clears a field with null, and leaves alone what was left out', () => {
    expect(putOf(decideOn(base, update({ body: null }))).fields).toMatchObject({
      body: null,
      title: 'Old title',
    });
  });

  it('is applied however early it was made: its maker had seen all', () => {
    expect(decidedOf(decideOn(base, update({ title: 'Mine' }, { time: 1 }))).outcome).toBe('applied');
  });

  it('replaces a list as it is', () => {
    const record = recordOf('Note', { tagIds: [idOf('1'), idOf('2')] });
    expect(putOf(decideOn({ record }, update({ tagIds: [idOf('2')] }))).fields.tagIds).toEqual([idOf('2')]);
  });

  it('that changes the priority alone is applied, without a new stamp', () => {
    const put = putOf(decideOn(base, update({}, { priority: 3 })));
    expect(put).toMatchObject({ priority: 3, clock: base.record.clock, fields: base.record.fields });
  });

  it('that breaks a rule of its type is INVALID, and names the field', () => {
    const verdict = decideOn(base, update({ starts: 8, ends: 3 }));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'INVALID', field: 'ends' });
  });

  it('need not mend a rule that others broke, on fields that it leaves alone', () => {
    const broken = { record: recordOf('Note', { starts: 8, ends: 3 }) };
    expect(decidedOf(decideOn(broken, update({ title: 'Mine' }))).outcome).toBe('applied');
    expect(decideOn(broken, update({ ends: 4 }))).toMatchObject({ code: 'INVALID' });
    expect(decidedOf(decideOn(broken, update({ ends: 9 }))).outcome).toBe('applied');
  });
});

describe('UPDATE | live | nothing would change', () => {
  const { record, line } = edited(recordOf('Note', { body: 'same' }), { title: 'Theirs' }, 15);

  it.each([
    ['the current values', { title: 'Theirs', body: 'same' }, 2],
    ['the current values, on an old version', { title: 'Theirs', body: 'same' }, 1],
    ['a whole old row without any edit', { title: 'Old title', body: 'same' }, 1],
    ['the current values, blind', { title: 'Theirs' }, null],
    ['no field at all', {}, 1],
  ])('%s: success', (_name, fields, base) => {
    expect(decideOn({ record, line }, update(fields, { base }))).toEqual({ kind: 'unchanged' });
  });
});

describe('UPDATE | live | base < version, touched groups untouched since', () => {
  const { record, line } = edited(recordOf('Note'), { title: 'Theirs' }, 15);

  it('is merged', () => {
    const verdict = decidedOf(decideOn({ record, line }, update({ body: 'Mine' })));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: true, mergedFields: ['body'] });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', body: 'Mine' });
  });

  it('is merged however early it was made', () => {
    const verdict = decideOn({ record, line }, update({ body: 'Mine' }, { time: 1 }));
    expect(putOf(verdict).fields.body).toBe('Mine');
  });

  it('a whole row: an unchanged old title is no edit', () => {
    const row = { ...recordOf('Note').fields, body: 'Mine' };
    const verdict = decidedOf(decideOn({ record, line }, update(row)));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: true });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', body: 'Mine' });
  });

  it('a group whose other field was edited since is not untouched', () => {
    const moved = edited(recordOf('Note'), { longitude: 7 }, 15);
    expect(decidedOf(decideOn(moved, update({ latitude: 5 }))).outcome).toBe('conflict');
  });
});

describe('UPDATE | live | base < version, last touched by this device or submission', () => {
  const mine = { device: 'phone', change: 'mine before' };

  it.each([
    ['this device', mine, {}],
    [
      'this submission',
      { device: null, change: 'sibling' },
      { sameSubmission: ({ change }: { change: string }) => change === 'sibling' },
    ],
  ])('%s: the later edit rebases and is merged', (_name, by, parts) => {
    const own = edited(recordOf('Note'), { title: 'Mine' }, 15, by);
    const verdict = decidedOf(decideOn(own, update({ title: 'Mine again' }), parts));
    expect(verdict).toMatchObject({ outcome: 'merged', clash: null, stands: true });
    expect(putOf(verdict).fields.title).toBe('Mine again');
  });

  it('an own edit that waited for a parent is older than what its device wrote meanwhile, whatever the times say', () => {
    const own = edited(recordOf('Note'), { title: 'Mine, meanwhile' }, 15, mine);
    const waited = (waitedSince: number) =>
      decidedOf(decideOn(own, update({ title: 'Mine, at first', body: 'Mine' }), { waitedSince }));
    expect(putOf(waited(1)).fields).toMatchObject({ title: 'Mine, meanwhile', body: 'Mine' });
    expect(waited(1)).toMatchObject({ clash: null, stands: false });
    expect(putOf(waited(2)).fields).toMatchObject({ title: 'Mine, at first', body: 'Mine' });
  });

  it('an own edit that is older than the clock of the group is superseded, not applied', () => {
    const own = edited(recordOf('Note'), { title: 'Mine, later' }, 30, mine);
    const verdict = decidedOf(decideOn(own, update({ title: 'Mine, earlier' })));
    expect(verdict).toMatchObject({
      outcome: 'merged',
      clash: null,
      stands: false,
      act: { kind: 'refeed', descendants: false },
    });
  });

  it('and what else it edits goes in', () => {
    const own = edited(recordOf('Note'), { title: 'Mine, later' }, 30, mine);
    const verdict = decidedOf(decideOn(own, update({ title: 'Mine, earlier', body: 'Mine' })));
    expect(verdict).toMatchObject({ outcome: 'merged', stands: false, mergedFields: ['body'] });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Mine, later', body: 'Mine' });
  });

  it('two edits without a device are never the same device', () => {
    const nobody = edited(recordOf('Note'), { title: 'Theirs' }, 15, { device: null });
    const verdict = decideOn(nobody, update({ title: 'Mine' }, { device: null }));
    expect(decidedOf(verdict).outcome).toBe('conflict');
  });

  it('an old row that the device itself edited since takes nothing back', () => {
    const own = edited(recordOf('Note'), { tagIds: [idOf('1')] }, 15, mine);
    const verdict = decideOn(own, update({ tagIds: [idOf('1')], body: 'Mine' }));
    expect(putOf(verdict).fields).toMatchObject({ tagIds: [idOf('1')], body: 'Mine' });
  });
});

describe('UPDATE | live | base < version, same group, other value', () => {
  const base = recordOf('Note', { body: 'kept', color: 'red' });
  const theirs = edited(base, { title: 'Theirs' }, 15);

  it.each([
    ['LAST_WRITE_WINS', 20, 'Mine', 'client'],
    ['LAST_WRITE_WINS', 14, 'Theirs', 'server'],
    ['LAST_WRITE_WINS', 15, 'Theirs', 'server'],
    ['FIRST_WRITE_WINS', 20, 'Theirs', 'server'],
    ['MANUAL_RESOLUTION', 20, 'Theirs', null],
    ['KEEP_BOTH', 20, 'Theirs', 'both'],
  ] as const)('%s, edited at %i against 15: %s stands', (strategy, time, title, winner) => {
    const verdict = decidedOf(decideOn(theirs, update({ title: 'Mine' }, { time }), { strategy }));
    expect(verdict.outcome).toBe('conflict');
    expect(verdict.stands).toBe(winner === 'client');
    expect(verdict.clash).toEqual({
      conflictType: 'VERSION_MISMATCH',
      fields: ['title'],
      base: { title: 'Old title' },
      server: theirs.record.fields,
      client: { title: 'Mine' },
      clientDeletes: false,
      strategy,
      winner,
      serverTime: 15,
      clientTime: time,
    });
    if (winner === 'client') expect(putOf(verdict).fields.title).toBe(title);
    else expect(verdict.act).toEqual({ kind: 'refeed', descendants: false });
  });

  it('the other groups merge at once, whoever wins', () => {
    const change = update({ title: 'Mine', color: 'blue' }, { time: 1 });
    const verdict = decidedOf(decideOn(theirs, change));
    expect(verdict).toMatchObject({ stands: false, clash: { winner: 'server', fields: ['title'] } });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', color: 'blue' });
  });

  it('each group is decided by its own strategy', () => {
    const both = edited(theirs.record, { color: 'blue' }, 16);
    const type = typeWith('Note', { merge: { title: 'FIRST_WRITE_WINS', color: 'LAST_WRITE_WINS' } });
    const verdict = decidedOf(
      decide(
        situationOf(update({ title: 'Mine', color: null }), both.record, {
          type,
          history: [theirs.line, both.line],
        }),
      ),
    );
    expect(verdict.clash).toMatchObject({ winner: 'mixed', fields: ['title', 'color'], serverTime: 16 });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', color: null });
  });

  it('one group that waits for a person makes the conflict wait, and names that strategy', () => {
    const both = edited(theirs.record, { color: 'blue' }, 16);
    const type = typeWith('Note', { merge: { color: 'MANUAL_RESOLUTION' } });
    const change = update({ title: 'Mine', color: null });
    const verdict = decidedOf(
      decide(situationOf(change, both.record, { type, history: [theirs.line, both.line] })),
    );
    expect(verdict.clash).toMatchObject({ winner: null, strategy: 'MANUAL_RESOLUTION' });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Mine', color: 'blue' });
  });

  it('two edits to the same value are no conflict', () => {
    expect(decideOn(theirs, update({ title: 'Theirs' }))).toEqual({ kind: 'unchanged' });
  });

  it('a time that was clamped races as what it was clamped to', () => {
    const verdict = decideOn(theirs, update({ title: 'Mine' }, { time: 16, clamped: true }));
    expect(decidedOf(verdict).clash).toMatchObject({ winner: 'client', clientTime: 16 });
  });

  it('of many lines the first after the base tells what the value was', () => {
    const later = edited(theirs.record, { title: 'Theirs again' }, 16);
    const verdict = decide(
      situationOf(update({ title: 'Old title', body: 'Mine' }), later.record, {
        history: [theirs.line, later.line],
      }),
    );
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs again', body: 'Mine' });
  });
});

describe('UPDATE | live | base < version, a group of several fields', () => {
  const base = recordOf('Note', { latitude: 1, longitude: 2, placeName: 'Home' });
  const theirs = edited(base, { latitude: 3, longitude: 4 }, 15);

  it('the winner’s whole view of the group stands, not a mix of both', () => {
    const verdict = decideOn(theirs, update({ placeName: 'Mine' }));
    expect(decidedOf(verdict).clash).toMatchObject({
      fields: ['latitude', 'longitude', 'placeName'],
      base: { latitude: 1, longitude: 2, placeName: 'Home' },
      winner: 'client',
    });
    expect(putOf(verdict).fields).toMatchObject({ latitude: 1, longitude: 2, placeName: 'Mine' });
  });

  it('where the server wins, nothing of the client’s group goes in', () => {
    const verdict = decidedOf(decideOn(theirs, update({ placeName: 'Mine' }, { time: 1 })));
    expect(verdict).toMatchObject({ act: { kind: 'refeed' }, stands: false });
  });
});

describe('UPDATE | live | the values at base', () => {
  const base = recordOf('Note', { tagIds: [idOf('1'), idOf('2')] });
  const first = edited(base, { title: 'Theirs' }, 15);
  const { record, line } = edited(first.record, { tagIds: [idOf('1'), idOf('2'), idOf('3')] }, 16);
  const row = { title: 'Old title', tagIds: [idOf('2')] };
  const after = (history: readonly VersionLine[], baseFields: Change['baseFields']) =>
    decidedOf(decide(situationOf(update(row, { baseFields }), record, { history })));

  it('from history: the old title is no edit, the list loses what was taken out', () => {
    const verdict = after([first.line, line], null);
    expect(verdict.clash).toBeNull();
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', tagIds: [idOf('2'), idOf('3')] });
  });

  it('history has a gap: from what the client sent along', () => {
    const verdict = after([line], { title: 'Old title', tagIds: [idOf('1'), idOf('2')] });
    expect(verdict.clash).toBeNull();
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', tagIds: [idOf('2'), idOf('3')] });
  });

  it('history knows better than what the client sent along', () => {
    const verdict = after([first.line, line], { title: 'Never there', tagIds: [] });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Theirs', tagIds: [idOf('2'), idOf('3')] });
  });

  it('neither is there: all sent fields are touched, and a list merges as a union', () => {
    const verdict = after([], null);
    expect(verdict.clash).toMatchObject({ fields: ['title'], base: null });
    expect(putOf(verdict).fields).toMatchObject({
      title: 'Old title',
      tagIds: [idOf('1'), idOf('2'), idOf('3')],
    });
  });
});

describe('UPDATE | live | base was current when received, no longer when decided', () => {
  const theirs = edited(recordOf('Note'), { title: 'Theirs' }, 15);
  const typeOf = (receivedAt: number, parts: Partial<Change> = {}) =>
    decidedOf(decideOn(theirs, update({ title: 'Mine' }, parts), { receivedAt })).clash?.conflictType;

  it('is called CONCURRENT_MODIFICATION', () => expect(typeOf(14)).toBe('CONCURRENT_MODIFICATION'));
  it('an older base is a VERSION_MISMATCH', () => expect(typeOf(16)).toBe('VERSION_MISMATCH'));
  it('a CREATE has no base that could be overtaken', () =>
    expect(typeOf(1, { operation: 'CREATE', base: 0 })).toBe('VERSION_MISMATCH'));
  it('neither has a blind client', () => expect(typeOf(1, { base: null })).toBe('VERSION_MISMATCH'));
});
