/** What holds for every change on every record, whatever the strategy. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buried,
  changeOf,
  recordOf,
  registry,
  situationOf,
  stamp,
  typeNamed,
  typeWith,
} from '../../tests/situations.ts';
import { equalJson, type Fields } from '../schema/json.ts';
import { brokenRule } from '../schema/validate.ts';
import { decide } from './decide.ts';
import type { Change, RecordState } from './record.ts';
import type { Situation, VersionLine } from './situation.ts';
import { CONFLICT_STRATEGIES, type ConflictStrategy } from './strategies.ts';

const word = fc.constantFrom('one', 'two', 'one two', 'one two three', '');
const small = fc.integer({ min: 0, max: 4 });
const tags = fc.uniqueArray(
  fc.constantFrom(...[1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`)),
);

/** Any fields of a note; each may be left out. */
const edits: fc.Arbitrary<Fields> = fc
  .record(
    {
      title: word,
      body: fc.option(word),
      latitude: small,
      longitude: small,
      placeName: fc.option(word),
      tagIds: tags,
      visits: small,
      best: fc.option(small),
      starts: fc.option(small),
      ends: fc.option(small),
      color: fc.option(fc.constantFrom('red', 'blue')),
    },
    { requiredKeys: [] },
  )
  .map((fields) => fields as Fields);

const device = fc.option(fc.constantFrom('phone', 'tablet'));
const origin = fc.constantFrom<Change['origin']>('client', 'legacy', 'resolution');

/** A note after some edits of its tablet, with its history; at the end perhaps deleted. */
const story = fc
  .record({
    versions: fc.array(fc.tuple(edits, small), { maxLength: 4 }),
    deletedAt: fc.option(small, { freq: 2 }),
  })
  .map(({ versions, deletedAt }) => {
    let record: RecordState = recordOf('Note');
    const history: VersionLine[] = [];
    for (const [fields, time] of versions) {
      const version = record.version + 1;
      const next = { ...record.fields, ...fields };
      if (brokenRule(registry.type('test.Note'), next)) continue;
      const clock = Object.fromEntries(
        [...registry.type('test.Note').groups]
          .filter(([, names]) => names.some((name) => !equalJson(next[name], record.fields[name])))
          .map(([group]) => [group, stamp(version, time)]),
      );
      const before = Object.fromEntries(
        Object.keys(fields).map((field) => [field, record.fields[field] ?? null]),
      );
      history.push({ version, at: time, before });
      record = { ...record, version, fields: next, clock: { ...record.clock, ...clock } };
    }
    if (deletedAt === null) return { record, history };
    const grave = buried(record, deletedAt);
    return { record: grave, history: [...history, { version: grave.version, at: deletedAt, before: {} }] };
  });

const types = new Map(
  CONFLICT_STRATEGIES.map((strategy) => [
    strategy as ConflictStrategy | null,
    typeWith('Note', { strategy }),
  ]),
);

const situation: fc.Arbitrary<Situation> = fc
  .record({
    story: fc.option(story, { freq: 8 }),
    operation: fc.constantFrom<Change['operation']>('CREATE', 'UPDATE', 'DELETE'),
    edits,
    base: fc.option(fc.integer({ min: 0, max: 6 })),
    time: small,
    device,
    origin,
    priority: fc.option(fc.constantFrom(0, 3)),
    known: fc.boolean(),
    strategy: fc.constantFrom(...CONFLICT_STRATEGIES),
    ownStrategy: fc.option(fc.constantFrom(...CONFLICT_STRATEGIES)),
    seen: fc.boolean(),
    facts: fc.record({ rootDeleted: fc.boolean(), beyondHorizon: fc.boolean(), namedScope: fc.boolean() }),
  })
  .map((any) => {
    const fields =
      any.operation === 'DELETE'
        ? {}
        : any.operation === 'CREATE'
          ? { boxId: 'box-1', title: 'New', ...any.edits }
          : any.edits;
    const { base, time, priority } = any;
    const change = changeOf(any.operation, 'Note', fields, {
      base,
      time,
      device: any.device,
      origin: any.origin,
      priority: priority as Change['priority'],
    });
    const facts = situationOf(change, any.story?.record ?? null, {
      type: types.get(any.ownStrategy) ?? typeNamed('Note'),
      history: any.known
        ? (any.story?.history ?? []).filter(({ version }) => base !== null && version > base)
        : [],
      strategy: any.strategy,
      seen: () => any.seen,
      ...any.facts,
    });
    const { type: _type, ...readable } = facts;
    return { ...facts, [fc.toStringMethod]: () => JSON.stringify(readable) };
  });

describe('decide, whatever comes', () => {
  it('never throws, and says the same every time', () => {
    fc.assert(
      fc.property(situation, (any) => {
        expect(decide(any)).toEqual(decide(any));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never puts a record that breaks a rule of its type, unless it broke it before', () => {
    fc.assert(
      fc.property(situation, (any) => {
        const verdict = decide(any);
        if (verdict.kind !== 'decided') return;
        if (verdict.act.kind === 'put') expect(brokenRule(any.type, verdict.act.fields)).toBeNull();
        if (verdict.copy) expect(brokenRule(any.type, verdict.copy)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('replaces or refuses no value that the writer had not seen without leaving a conflict that has both', () => {
    fc.assert(
      fc.property(situation, (any) => {
        const verdict = decide(any);
        const { record, change } = any;
        if (verdict.kind !== 'decided' || record === null || change.origin === 'resolution') return;
        if (change.device === 'tablet' || any.seen('title')) return; // The only writer before was the tablet.
        const unseen = (name: string): boolean => {
          const group = any.type.fields.get(name)?.group ?? name;
          return change.base === null || (record.clock[group] ?? record.clock['*']).version > change.base;
        };
        const { act, clash } = verdict;
        const merged = (name: string) => typeof any.type.merge?.[name] === 'function' || name === 'tagIds';
        const replaced =
          act.kind === 'put'
            ? Object.keys(act.fields).filter((name) => !equalJson(act.fields[name], record.fields[name]))
            : [];
        for (const name of replaced.filter((one) => unseen(one) && !merged(one))) {
          if (record.tombstone === null) expect(clash?.fields).toContain(name);
          expect(clash?.server).toHaveProperty([name], record.fields[name]);
        }
        if (act.kind === 'refeed' && clash !== null) expect(clash.client).toEqual(change.fields);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a change that stands leaves the record with all that it sent, or with an old value that was no edit', () => {
    fc.assert(
      fc.property(situation, (any) => {
        const verdict = decide(any);
        if (verdict.kind !== 'decided' || !verdict.stands || verdict.act.kind !== 'put') return;
        const { fields } = verdict.act;
        for (const [name, value] of Object.entries(any.change.fields)) {
          const isEdit = !any.history.some(({ before }) => equalJson(before?.[name], value));
          if (isEdit) expect(fields[name]).toEqual(value);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('a change without versions decides nothing by the server’s strategy on a live record', () => {
    fc.assert(
      fc.property(situation, (any) => {
        fc.pre(
          any.record?.tombstone === null && any.change.operation !== 'DELETE' && any.change.base === null,
        );
        const [first, ...others] = CONFLICT_STRATEGIES.map((strategy) => decide({ ...any, strategy }));
        for (const other of others) expect(other).toEqual(first);
      }),
    );
  });
});

/** Lays changes on a record one after the other, as a server would. */
function apply(record: RecordState, changes: readonly Change[]): Fields {
  let now = record;
  const history: VersionLine[] = [];
  for (const change of changes) {
    const after = history.filter(({ version }) => change.base !== null && version > change.base);
    const verdict = decide(situationOf(change, now, { history: after }));
    if (verdict.kind !== 'decided' || verdict.act.kind !== 'put') continue;
    const { fields, clock } = verdict.act;
    const old = Object.entries(now.fields).filter(([name, value]) => !equalJson(value, fields[name]));
    now = { ...now, version: now.version + 1, fields, clock };
    history.push({ version: now.version, at: 0, before: Object.fromEntries(old) });
  }
  return { ...now.fields, tagIds: [...(now.fields.tagIds as string[])].sort() };
}

describe('servers that decide the same changes in other orders', () => {
  const groups = ['title', 'color', 'place', 'tagIds', 'visits', 'best', 'least'];
  /** What the edit with a number writes: whole groups, and values that are nobody else's. */
  const writtenBy = (name: string, by: number): Fields[string] => {
    if (name === 'tagIds') return [`00000000-0000-4000-8000-00000000000${by}`];
    if (name === 'color') return by % 2 === 0 ? 'red' : 'blue';
    return name === 'title' || name === 'placeName' ? `by ${by}` : by * 10;
  };
  const write = (touched: readonly string[], by: number, time: number, base: number | null): Change => {
    const names = touched.flatMap((group) => registry.type('test.Note').groups.get(group) ?? []);
    const fields = Object.fromEntries(names.map((name) => [name, writtenBy(name, by)]));
    return changeOf('UPDATE', 'Note', fields, {
      changeId: `change ${by}`,
      device: `device ${by}`,
      time,
      base,
    });
  };
  const record = recordOf('Note', {}, { clock: { '*': stamp(1, -1, { device: 'x', change: '0' }) } });
  const some = fc.subarray(groups);
  const base = fc.constantFrom(1, null);

  it('end alike where the edits are of different groups', () => {
    fc.assert(
      fc.property(some, small, small, base, (mine, timeA, timeB, on) => {
        const theirs = groups.filter((group) => !mine.includes(group));
        const [a, b] = [write(mine, 1, timeA, on), write(theirs, 2, timeB, on)];
        expect(apply(record, [a, b])).toEqual(apply(record, [b, a]));
      }),
    );
  });

  it('end alike where one edit is later', () => {
    fc.assert(
      fc.property(some, some, small, base, (mine, theirs, time, on) => {
        const [a, b] = [write(mine, 1, time, on), write(theirs, 2, time + 1, on)];
        expect(apply(record, [a, b])).toEqual(apply(record, [b, a]));
      }),
    );
  });

  it('end alike where clients without versions edit at the same moment, however many', () => {
    const single = groups.filter((group) => group !== 'color');
    const many = fc.array(fc.subarray(single), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(many, small, fc.nat(), (edited, time, seed) => {
        const changes = edited.map((touched, at) => write(touched, at + 1, time, null));
        const turned = changes.map((_, at) => changes[(at + seed) % changes.length] as Change);
        expect(apply(record, turned)).toEqual(apply(record, changes));
      }),
    );
  });
});
