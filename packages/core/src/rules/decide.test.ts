/**
 * The decision table, row by row: which verdict, and nothing of how it is reached. CREATE, unknown ids and what all
 * operations share stand here; rows about live records in decide-update.test.ts and decide-delete.test.ts, about
 * deleted ones in decide-tombstone.test.ts. Rows that take records other than the one changed (receipts, scopes,
 * parents) are the engine's.
 */
import { describe, expect, it } from 'vitest';
import {
  buried,
  changeOf,
  decidedOf,
  edited,
  putOf,
  recordOf,
  situationOf,
  stamp,
  typeWith,
} from '../../tests/situations.ts';
import { decide } from './decide.ts';
import type { Situation } from './situation.ts';
import { CONFLICT_STRATEGIES } from './strategies.ts';

const complete = { boxId: 'box-1', title: 'New note' };

describe('CREATE | none', () => {
  it('is applied at version 1, with defaults for what was left out', () => {
    const verdict = decide(situationOf(changeOf('CREATE', 'Note', complete, { base: 0, priority: 3 }), null));
    expect(decidedOf(verdict)).toMatchObject({ outcome: 'applied', clash: null, stands: true, copy: null });
    const put = putOf(verdict);
    expect(put).toMatchObject({ operation: 'CREATE', priority: 3 });
    expect(put.fields).toMatchObject({ ...complete, latitude: 0, tagIds: [], body: null });
    expect(put.clock).toEqual({ '*': stamp(1, 20, { device: 'phone', change: 'mine' }) });
  });

  it('is refused without a field that it needs, and names it', () => {
    const verdict = decide(situationOf(changeOf('CREATE', 'Note', { boxId: 'box-1' }), null));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'INVALID', field: 'title' });
  });

  it('is refused when it breaks a rule of its type, and names the field', () => {
    const verdict = decide(
      situationOf(changeOf('CREATE', 'Note', { ...complete, starts: 9, ends: 3 }), null),
    );
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'INVALID', field: 'ends' });
  });
});

describe('CREATE | live | same content', () => {
  it.each([
    ['based on nothing', 0],
    ['blind', null],
  ])('succeeds with the current version, %s', (_name, base) => {
    const { record } = edited(recordOf('Note', complete), { body: 'added by another device' }, 15);
    expect(decide(situationOf(changeOf('CREATE', 'Note', complete, { base }), record))).toEqual({
      kind: 'unchanged',
    });
  });
});

describe('CREATE | live | other content, writer may see it', () => {
  const { record } = edited(recordOf('Note', { body: 'kept' }), { title: 'Theirs' }, 15);

  it('goes as an UPDATE with base 0: what is the same is no edit, what differs is in conflict', () => {
    const change = changeOf('CREATE', 'Note', { boxId: 'box-1', title: 'Mine', body: 'kept' });
    const verdict = decidedOf(decide(situationOf(change, record)));
    expect(verdict.outcome).toBe('conflict');
    expect(verdict.clash).toMatchObject({
      conflictType: 'VERSION_MISMATCH',
      fields: ['title'],
      base: null,
      winner: 'client',
    });
    expect(putOf(verdict).fields).toMatchObject({ title: 'Mine', body: 'kept' });
  });

  it('does not reset what it left out to the defaults of a new record', () => {
    const seven = { ...record, fields: { ...record.fields, visits: 7 } };
    const put = putOf(decide(situationOf(changeOf('CREATE', 'Note', { title: 'Mine' }), seven)));
    expect(put.fields.visits).toBe(7);
  });

  it('is no conflict when the same device made the record: sent again, it changes its own', () => {
    const own = recordOf('Note', {}, { clock: { '*': stamp(1, 10, { device: 'phone' }) } });
    const verdict = decide(situationOf(changeOf('CREATE', 'Note', { title: 'Mine' }), own));
    expect(decidedOf(verdict)).toMatchObject({ outcome: 'merged', clash: null });
  });
});

describe('CREATE | – | unique key taken in the scope', () => {
  const holder = recordOf('Tag', {}, { id: 'tag-2' });
  const taken: Partial<Situation> = { holderOf: (key) => (key === 'sea' ? holder : null) };

  it('is led to the record that has it', () => {
    const verdict = decide(situationOf(changeOf('CREATE', 'Tag', { name: 'SEA' }), null, taken));
    expect(verdict).toEqual({ kind: 'alias', of: holder });
  });

  it('is applied when the key is free', () => {
    const verdict = decide(situationOf(changeOf('CREATE', 'Tag', { name: 'Hills' }), null, taken));
    expect(decidedOf(verdict).outcome).toBe('applied');
  });
});

describe('UPDATE | none | readable scope that the change itself named', () => {
  it('blind: goes as a CREATE', () => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', complete, { base: null }), null));
    expect(putOf(verdict)).toMatchObject({ operation: 'CREATE', fields: complete });
  });

  it('blind, but not a whole record: INVALID', () => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', { title: 'x' }, { base: null }), null));
    expect(verdict).toMatchObject({ code: 'INVALID', field: 'boxId' });
  });

  it('else NOT_FOUND', () => {
    const verdict = decide(situationOf(changeOf('UPDATE', 'Note', complete), null));
    expect(verdict).toMatchObject({ kind: 'rejected', code: 'NOT_FOUND' });
  });
});

describe('DELETE | none | blind, in the own tenant', () => {
  it('succeeds, and a tombstone is written', () => {
    const verdict = decide(situationOf(changeOf('DELETE', 'Note', {}, { base: null }), null));
    expect(decidedOf(verdict)).toMatchObject({ outcome: 'applied', act: { kind: 'bury' }, clash: null });
  });
});

describe('UPDATE / DELETE | none | otherwise', () => {
  it.each([
    ['UPDATE', 1, false],
    ['UPDATE', null, false],
    ['DELETE', 1, false],
    ['DELETE', 1, true],
    ['DELETE', null, false],
  ] as const)(
    '%s with base %s, scope named: %s → FORBIDDEN, as for a foreign record',
    (operation, base, namedScope) => {
      const change = changeOf(operation, 'Note', operation === 'UPDATE' ? complete : {}, { base });
      expect(decide(situationOf(change, null, { namedScope }))).toMatchObject({
        kind: 'rejected',
        code: 'FORBIDDEN',
        detail: '',
      });
    },
  );
});

describe('UPDATE | live | base > version, or another epoch', () => {
  const record = recordOf('Note');
  const records = { live: record, deleted: buried(record, 15) };

  describe.each(['UPDATE', 'DELETE', 'CREATE'] as const)('%s', (operation) => {
    it.each(['live', 'deleted'] as const)('of a %s record: VERSION_FROM_FUTURE', (which) => {
      const fromFuture = changeOf(operation, 'Note', {}, { base: 9 });
      expect(decide(situationOf(fromFuture, records[which]))).toMatchObject({
        kind: 'rejected',
        code: 'VERSION_FROM_FUTURE',
      });
    });

    it.each(['live', 'deleted'] as const)(
      'of a %s record, in another epoch: VERSION_FROM_FUTURE',
      (which) => {
        const change = changeOf(operation, 'Note');
        expect(decide(situationOf(change, records[which], { otherEpoch: true }))).toMatchObject({
          code: 'VERSION_FROM_FUTURE',
        });
      },
    );
  });

  it('a client without versions is never from the future', () => {
    const change = changeOf('UPDATE', 'Note', { title: 'x' }, { base: null });
    expect(decide(situationOf(change, record)).kind).toBe('decided');
  });
});

describe('strategy: chosen by the merge group, the entity type, the server', () => {
  const { record, line } = edited(recordOf('Note'), { title: 'Theirs' }, 15);
  const strategyFor = (parts: Partial<Situation>) =>
    decidedOf(
      decide(
        situationOf(changeOf('UPDATE', 'Note', { title: 'Mine' }), record, { history: [line], ...parts }),
      ),
    ).clash?.strategy;

  it.each(CONFLICT_STRATEGIES)('the server says %s, nobody else says anything', (strategy) => {
    expect(strategyFor({ strategy })).toBe(strategy);
  });

  it.each(CONFLICT_STRATEGIES)('the type says %s, the server something else', (strategy) => {
    const server = strategy === 'MANUAL_RESOLUTION' ? 'FIRST_WRITE_WINS' : 'MANUAL_RESOLUTION';
    expect(strategyFor({ type: typeWith('Note', { strategy }), strategy: server })).toBe(strategy);
  });

  it.each(CONFLICT_STRATEGIES)('the group says %s, the type something else', (strategy) => {
    const own = strategy === 'MANUAL_RESOLUTION' ? 'FIRST_WRITE_WINS' : 'MANUAL_RESOLUTION';
    const type = typeWith('Note', { strategy: own, merge: { title: strategy } });
    expect(strategyFor({ type })).toBe(strategy);
  });
});
