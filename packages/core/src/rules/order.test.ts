import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf, registry } from '../../tests/situations.ts';
import { orderChanges } from './order.ts';
import type { Change, Operation } from './record.ts';

/** `CREATE Note n1 b1`: operation, type, id and, where it says so, the id of the parent (for tags: the name). */
function changeFrom(words: string): Change {
  const [operation = '', type = '', id = '', parent] = words.split(' ');
  const owner = registry.type(`test.${type}`).owner?.field ?? 'name';
  return changeOf(operation as Operation, type, parent === undefined ? {} : { [owner]: parent }, { id });
}

const ordered = (lines: readonly string[], groups?: readonly (string | null)[]): string[] =>
  orderChanges(lines.map(changeFrom), registry.type, groups).map((at) => lines[at] ?? '');

describe('orderChanges', () => {
  it.each<[string, string[], string[]]>([
    [
      'leaves alone what is independent',
      ['UPDATE Note n2', 'CREATE Tag t1 sea', 'UPDATE Note n1', 'DELETE Photo p9'],
      ['UPDATE Note n2', 'CREATE Tag t1 sea', 'UPDATE Note n1', 'DELETE Photo p9'],
    ],
    [
      'puts a parent’s CREATE before its child, at all depths',
      ['CREATE Photo p1 n1', 'UPDATE Tag t1', 'CREATE Note n1 b1', 'CREATE Box b1'],
      ['CREATE Box b1', 'CREATE Note n1 b1', 'CREATE Photo p1 n1', 'UPDATE Tag t1'],
    ],
    [
      'puts a move behind the CREATE of the new parent',
      ['UPDATE Note n1 b2', 'CREATE Box b2'],
      ['CREATE Box b2', 'UPDATE Note n1 b2'],
    ],
    [
      'keeps the device’s order on one record',
      ['CREATE Note n1 b1', 'UPDATE Note n1', 'DELETE Note n1', 'CREATE Note n1 b1'],
      ['CREATE Note n1 b1', 'UPDATE Note n1', 'DELETE Note n1', 'CREATE Note n1 b1'],
    ],
    [
      'keeps the device’s order on one unique key',
      ['CREATE Tag t1 sea', 'UPDATE Note n1', 'CREATE Tag t2 SEA'],
      ['CREATE Tag t1 sea', 'UPDATE Note n1', 'CREATE Tag t2 SEA'],
    ],
    [
      'puts a child’s changes before its parent’s DELETE',
      ['DELETE Box b1', 'CREATE Note n1 b1', 'UPDATE Note n2 b1'],
      ['CREATE Note n1 b1', 'UPDATE Note n2 b1', 'DELETE Box b1'],
    ],
    [
      'so too a grandchild’s, where the submission tells whose it is',
      ['DELETE Box b1', 'CREATE Photo p1 n1', 'CREATE Note n1 b1'],
      ['CREATE Note n1 b1', 'CREATE Photo p1 n1', 'DELETE Box b1'],
    ],
    [
      'and those that may be anybody’s child',
      ['DELETE Box b1', 'UPDATE Note n1', 'DELETE Photo p1', 'UPDATE Photo p2 n9', 'CREATE Photo p3 n9'],
      ['UPDATE Note n1', 'DELETE Photo p1', 'UPDATE Photo p2 n9', 'CREATE Photo p3 n9', 'DELETE Box b1'],
    ],
    [
      'but not another parent’s',
      ['DELETE Box b1', 'CREATE Note n1 b2', 'UPDATE Note n1', 'UPDATE Photo p1 n1'],
      ['DELETE Box b1', 'CREATE Note n1 b2', 'UPDATE Note n1', 'UPDATE Photo p1 n1'],
    ],
    [
      'leaves children to the parent that is made anew after its deletion',
      ['DELETE Box b1', 'CREATE Box b1', 'CREATE Note n1 b1'],
      ['DELETE Box b1', 'CREATE Box b1', 'CREATE Note n1 b1'],
    ],
  ])('%s', (_name, lines, expected) => expect(ordered(lines)).toEqual(expected));

  it('puts the members of a group next to each other, where the first of them stands', () => {
    const lines = ['CREATE Box b1', 'UPDATE Note n1', 'CREATE Box b2', 'UPDATE Note n2'];
    expect(ordered(lines, ['one', null, 'one', 'two'])).toEqual([
      'CREATE Box b1',
      'CREATE Box b2',
      'UPDATE Note n1',
      'UPDATE Note n2',
    ]);
  });

  it('moves a group as a whole behind what one of its members needs', () => {
    const lines = ['UPDATE Note n1', 'CREATE Photo p1 n2', 'CREATE Tag t1 sea', 'CREATE Note n2 b1'];
    expect(ordered(lines, ['one', 'one', null, null])).toEqual([
      'CREATE Note n2 b1',
      'UPDATE Note n1',
      'CREATE Photo p1 n2',
      'CREATE Tag t1 sea',
    ]);
  });

  it('orders the members of a group among themselves', () => {
    const lines = ['CREATE Note n1 b1', 'UPDATE Tag t1', 'CREATE Box b1'];
    expect(ordered(lines, ['one', null, 'one'])).toEqual([
      'CREATE Box b1',
      'CREATE Note n1 b1',
      'UPDATE Tag t1',
    ]);
  });

  it('comes to an end where groups hang on each other', () => {
    const lines = ['CREATE Note n1 b1', 'CREATE Box b2', 'CREATE Note n2 b2', 'CREATE Box b1'];
    const groups = ['one', 'one', 'two', 'two'];
    expect([...ordered(lines, groups)].sort()).toEqual([...lines].sort());
  });
});

describe('orderChanges, whatever is sent', () => {
  const ids = fc.constantFrom('1', '2', '3');
  const operation = fc.constantFrom<Operation>('CREATE', 'UPDATE', 'DELETE');
  const line = fc
    .tuple(operation, fc.constantFrom('Box', 'Note', 'Photo', 'Tag'), ids, fc.option(ids))
    .map(
      ([verb, type, id, parent]) =>
        `${verb} ${type} ${id}${verb === 'DELETE' || type === 'Box' || parent === null ? '' : ` ${parent}`}`,
    );
  const submission = fc.array(fc.tuple(line, fc.option(fc.constantFrom('g1', 'g2'), { freq: 3 })), {
    maxLength: 14,
  });
  const positions = (changes: readonly Change[], groups: readonly (string | null)[] = []): number[] => {
    const order = orderChanges(changes, registry.type, groups);
    return changes.map((_, index) => order.indexOf(index));
  };
  const parentOf = (change: Change): string | null => {
    const { owner } = registry.type(change.type);
    const id = owner ? change.fields[owner.field] : undefined;
    return owner && typeof id === 'string' ? `${owner.type} ${id}` : null;
  };

  it('is a permutation, with groups next to each other', () => {
    fc.assert(
      fc.property(submission, (lines) => {
        const groups = lines.map(([, group]) => group);
        const order = orderChanges(
          lines.map(([text]) => changeFrom(text)),
          registry.type,
          groups,
        );
        expect([...order].sort((a, b) => a - b)).toEqual(lines.map((_, index) => index));
        for (const group of ['g1', 'g2']) {
          const places = order.flatMap((at, place) => (groups[at] === group ? [place] : []));
          expect((places.at(-1) ?? 0) - (places[0] ?? 0)).toBe(Math.max(0, places.length - 1));
        }
      }),
    );
  });

  it('keeps each record’s own order', () => {
    fc.assert(
      fc.property(submission, (lines) => {
        const changes = lines.map(([text]) => changeFrom(text));
        const places = positions(changes);
        changes.forEach((later, at) => {
          changes.slice(0, at).forEach((earlier, before) => {
            if (earlier.type === later.type && earlier.id === later.id)
              expect(places[before]).toBeLessThan(places[at] ?? 0);
          });
        });
      }),
    );
  });

  it('puts parents’ CREATE first and parents’ DELETE last, where each record is changed once', () => {
    const once = fc.uniqueArray(line, {
      maxLength: 10,
      selector: (text) => text.split(' ').slice(1, 3).join(' '),
    });
    fc.assert(
      fc.property(once, (lines) => {
        const changes = lines.map(changeFrom);
        const places = positions(changes);
        changes.forEach((child, at) => {
          changes.forEach((parent, of) => {
            if (parentOf(child) !== `${parent.type} ${parent.id}`) return;
            if (parent.operation === 'CREATE') expect(places[of]).toBeLessThan(places[at] ?? 0);
            if (parent.operation === 'DELETE') expect(places[at]).toBeLessThan(places[of] ?? 0);
          });
        });
      }),
    );
  });

  it('is done where it is once in order', () => {
    fc.assert(
      fc.property(submission, (lines) => {
        const changes = lines
          .map(([text]) => changeFrom(text))
          .filter(({ operation }) => operation !== 'DELETE');
        const order = orderChanges(changes, registry.type);
        const again = orderChanges(
          order.map((at) => changes[at] as Change),
          registry.type,
        );
        expect(again).toEqual(changes.map((_, index) => index));
      }),
    );
  });

  const MANY = 10_000;
  /** Milliseconds of the quickest of some runs: other work on the machine is not what is measured. */
  const quickest = (changes: readonly Change[], groups?: readonly (string | null)[]): number => {
    let best = Infinity;
    for (let run = 0; run < 20 && best >= 200; run++) {
      const started = performance.now();
      orderChanges(changes, registry.type, groups);
      best = Math.min(best, performance.now() - started);
    }
    return best;
  };

  it.each<[string, (index: number) => string, ((index: number) => string | null) | undefined]>([
    [
      'children before their parents',
      (index) => (index < MANY / 2 ? `CREATE Note n${index} b${index}` : `CREATE Box b${index - MANY / 2}`),
      undefined,
    ],
    ['one record', () => 'UPDATE Note n1 b1', undefined],
    [
      'deletions of parents with strays',
      (index) => (index % 2 ? `DELETE Box b${index}` : `UPDATE Photo p${index}`),
      undefined,
    ],
    ['one great group', (index) => `UPDATE Note n${index}`, () => 'g'],
    ['groups of two', (index) => `CREATE Note n${index} b1`, (index) => `g${index % (MANY / 2)}`],
  ])('takes less than 200 ms for 10,000 changes: %s', (_name, text, group) => {
    const changes = Array.from({ length: MANY }, (_, index) => changeFrom(text(index)));
    const groups = group && changes.map((_, index) => group(index));
    expect(quickest(changes, groups)).toBeLessThan(200);
  });
});
