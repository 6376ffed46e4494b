import { describe, expect, it } from 'vitest';
import { changeOf, edited, recordOf, situationOf, stamp } from '../../tests/situations.ts';
import { mergeGroups } from './merge.ts';
import type { Change, RecordState } from './record.ts';
import type { VersionLine } from './situation.ts';

const merge = (
  { record, line }: { record: RecordState; line?: VersionLine },
  fields: Change['fields'],
  parts: Partial<Change> = {},
) =>
  mergeGroups(
    situationOf(changeOf('UPDATE', 'Note', fields, parts), record, { history: line ? [line] : [] }),
    record,
  );

describe('mergeGroups', () => {
  const base = recordOf('Note', { latitude: 1, longitude: 2, placeName: 'Home' });
  const theirs = edited(base, { title: 'Theirs' }, 15);

  it('says nothing of groups that the edit does not touch', () => {
    expect([...merge(theirs, { body: 'Mine', title: 'Old title' }).outcomes.keys()]).toEqual(['body']);
  });

  it('says one thing for a group of several fields', () => {
    const { outcomes } = merge(theirs, { latitude: 9, placeName: 'Mine', longitude: 2 });
    expect([...outcomes]).toEqual([['place', { kind: 'take', fields: { latitude: 9, placeName: 'Mine' } }]]);
  });

  it('tells a clash with the fields that differ, the client’s whole view, and who was there before', () => {
    const moved = edited(base, { latitude: 3, longitude: 4 }, 15);
    expect(merge(moved, { placeName: 'Mine', latitude: 1 }).outcomes.get('place')).toEqual({
      kind: 'clash',
      names: ['latitude', 'longitude', 'placeName'],
      fields: { latitude: 1, longitude: 2, placeName: 'Mine' },
      stamp: stamp(2, 15),
    });
  });

  it('sees the record as the client saw it: its base, with its edit on it', () => {
    const { clientView } = merge(theirs, { placeName: null, latitude: 9 });
    expect(['title', 'latitude', 'placeName'].map(clientView)).toEqual(['Old title', 9, null]);
  });

  it('where nobody knows the base, the client’s view is what it sent on what is there', () => {
    const { clientView } = merge({ record: theirs.record }, { body: 'Mine' });
    expect(['title', 'body'].map(clientView)).toEqual(['Theirs', 'Mine']);
  });
});
