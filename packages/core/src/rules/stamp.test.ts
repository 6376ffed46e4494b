/** Records with a stamp: it rises with every change, above what a sender that lost has, and with nothing else. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import {
  buried,
  changeOf,
  decidedOf,
  putOf,
  recordOf,
  situationOf,
  typeWith,
} from '../../tests/situations.ts';
import { instant, text } from '../schema/field.ts';
import { decide } from './decide.ts';
import type { Change, RecordState } from './record.ts';
import { stampIn } from './stamp.ts';

const type = typeWith('Badge', {
  fields: { name: text(), color: z.string().nullable(), editedAt: instant().nullable() },
  stamp: 'editedAt',
  unique: undefined as never,
});
const iso = (time: number): string => new Date(time).toISOString();
const record = (editedAt: number, name = 'old'): RecordState =>
  recordOf('Badge', { name, color: null, editedAt: iso(editedAt) });
const blind = (fields: object, parts: Partial<Change>) =>
  changeOf('UPDATE', 'Badge', fields as never, { base: null, device: 'phone', ...parts });
const decided = (change: Change, on: RecordState | null, seen = true) =>
  decide({ ...situationOf(change, on), type, seen: () => seen, namedScope: true });

describe('a new record', () => {
  it('has the stamp that its sender has', () => {
    const create = changeOf('CREATE', 'Badge', { name: 'new' }, { base: null, stamp: 5_000, time: 40 });
    expect(putOf(decided(create, null)).fields.editedAt).toBe(iso(5_000));
  });

  it('without one has the time of the edit', () => {
    const create = changeOf('CREATE', 'Badge', { name: 'new' }, { base: null, time: 40 });
    expect(putOf(decided(create, null)).fields.editedAt).toBe(iso(40));
  });
});

describe('an edit', () => {
  it('takes the stamp of its sender, who then has what is stored', () => {
    expect(putOf(decided(blind({ name: 'new' }, { stamp: 9_000 }), record(7_000))).fields).toMatchObject({
      name: 'new',
      editedAt: iso(9_000),
    });
  });

  it('rises above the stored stamp, however old its own is', () => {
    expect(putOf(decided(blind({ name: 'new' }, { stamp: 3_000 }), record(7_000))).fields.editedAt).toBe(
      iso(7_001),
    );
  });

  it('of nothing but the stamp is a change, since its sender takes nothing older', () => {
    const verdict = decided(blind({ name: 'old' }, { stamp: 9_000 }), record(7_000));
    expect(putOf(verdict)).toMatchObject({ operation: 'UPDATE', fields: { editedAt: iso(9_000) } });
    expect(decidedOf(verdict)).toMatchObject({ outcome: 'applied', clash: null, stands: true });
  });

  it('of nothing at all is none', () => {
    expect(decided(blind({ name: 'old' }, { stamp: 7_000 }), record(7_000))).toEqual({ kind: 'unchanged' });
  });

  it('that lost is fed again above what its sender has', () => {
    const late = blind({ name: 'lost' }, { stamp: 90_000, time: 0 });
    const verdict = decided(late, record(7_000), false);
    expect(decidedOf(verdict)).toMatchObject({ outcome: 'conflict', stands: false });
    expect(decidedOf(verdict).act).toMatchObject({
      kind: 'refeed',
      fields: { name: 'old', editedAt: iso(90_001) },
    });
  });

  it('that lost against a newer stamp is fed again as it is', () => {
    const act = decidedOf(
      decided(blind({ name: 'lost' }, { stamp: 3_000, time: 0 }), record(7_000), false),
    ).act;
    expect(act).toEqual({ kind: 'refeed', descendants: false });
  });
});

it('rises when a deleted record comes back', () => {
  const grave = buried(record(7_000), 15);
  const verdict = decided(blind({ name: 'again' }, { stamp: 6_000, time: 99 }), grave);
  expect(putOf(verdict)).toMatchObject({
    operation: 'REVIVE',
    fields: { name: 'again', editedAt: iso(7_001) },
  });
});

test('whatever is decided, the stamp never falls, and rises above the sender’s where that lost', () => {
  const time = fc.integer({ min: 0, max: 50 });
  fc.assert(
    fc.property(
      time,
      time,
      time,
      fc.boolean(),
      fc.constantFrom('old', 'new'),
      (stored, sent, at, seen, name) => {
        const verdict = decided(blind({ name }, { stamp: sent, time: at }), record(stored), seen);
        if (verdict.kind !== 'decided') return;
        const { act, stands } = verdict;
        const fields = act.kind === 'put' || act.kind === 'refeed' ? act.fields : undefined;
        const after = fields ? stampIn(type, fields) : stored;
        expect(after).toBeGreaterThanOrEqual(stored);
        if (act.kind === 'put') expect(after).toBeGreaterThan(stored);
        if (!stands) expect(after).toBeGreaterThan(sent);
      },
    ),
  );
});

describe('edits of one device', () => {
  const clock = { '*': { version: 1, time: 9_000, device: 'phone', change: 'c1', madeAt: 500 } };
  const on: RecordState = { ...record(9_000, 'newer'), clock };

  it('are ordered by its own clock, though the older one counts as made later among devices', () => {
    const late = decided(blind({ name: 'older' }, { time: 9_900, madeAt: 400, stamp: 400 }), on, false);
    expect(late.kind === 'decided' && late.act.kind).toBe('refeed');
  });

  it('are ordered by its own clock, though the newer one counts as made earlier among devices', () => {
    const next = decided(blind({ name: 'newest' }, { time: 600, madeAt: 600, stamp: 600 }), on, false);
    expect(putOf(next).fields.name).toBe('newest');
    expect(putOf(next).clock.name).toMatchObject({ time: 600, madeAt: 600 });
  });
});
