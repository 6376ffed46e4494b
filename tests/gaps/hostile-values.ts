/** Calls made of hostile values: what people, broken apps and attackers send. For fast-check; nothing here is random. */
import fc from 'fast-check';
import { TYPES } from './ground.ts';

export interface Pools {
  /** Ids of records, of all types, of whomever. */
  readonly ids: readonly string[];
  /** Ids of conflicts; grows while calls are made. */
  readonly conflicts: readonly string[];
  readonly cursors: readonly string[];
}

export type Call =
  | { readonly kind: 'push'; readonly input: Record<string, unknown> }
  | { readonly kind: 'pull'; readonly args: Record<string, unknown> }
  | {
      readonly kind: 'resolve';
      readonly at: number;
      readonly id: string | null;
      readonly strategy: unknown;
      readonly data: unknown;
    };

const TEXTS = [
  '',
  ' ',
  'plain',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\ufeff\u202e\u200b',
  "'; DROP TABLE record; --",
  '" OR 1=1 --',
  '$1 %s $x {{x}} \\',
  '\\u0000',
  '{}',
  '[]',
  'null',
  '{"name":',
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e400',
  'true',
  '2024-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '2024-05-01T12:00:00.000Z',
  '99999-01-01T00:00:00Z',
  'Ａ\u0301ﬀİıß',
  '🗼'.repeat(300),
  'x'.repeat(1_001),
  'y'.repeat(100_001),
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  90,
  181,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  1e21,
  1e308,
  -1e308,
  5e-324,
];

const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
);
const idOf = (pools: Pools): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...pools.ids) },
    { weight: 1, arbitrary: fc.constantFrom(...pools.ids).map((id) => id.toUpperCase()) },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom(null, 7, {}, [], true) },
  );

const anything = (pools: Pools): fc.Arbitrary<unknown> =>
  fc.oneof(
    text,
    fc.constantFrom(...NUMBERS),
    fc.constantFrom(null, true, false),
    idOf(pools),
    fc.array(idOf(pools), { maxLength: 4 }),
    fc.jsonValue({ maxDepth: 2 }),
    fc.constant(deep(40)),
    fc.dictionary(text, fc.constantFrom(...NUMBERS), { maxKeys: 3 }),
  );

/** Lists in lists. */
const deep = (levels: number): unknown => (levels === 0 ? [] : [deep(levels - 1)]);

const FIELDS = [
  ...new Set([
    ...Object.values(TYPES).flatMap(({ fields }) => fields.split(' ')),
    'objectName',
    'mediaType',
    'filesize',
    'thumbnailObjectName',
    'location',
    'updatedAt',
    'isDirty',
    '__proto__',
    'toString',
  ]),
];

/** What a record of the list needs, good far more often than not, so that rows get as far as they can. */
function tameFields(pools: Pools, list: string): fc.Arbitrary<Record<string, unknown>> {
  const word = fc.constantFrom('One', 'Two', 'three', 'Three ', 'x'.repeat(1_000), '🗼');
  const moment = fc.constantFrom('2024-05-01T12:00:00.000Z', '2025-01-01T00:00:00+02:00');
  const ids = fc.subarray([...pools.ids], { maxLength: 5 });
  switch (list) {
    case 'trips':
      return fc.record(
        { name: word, startDate: moment, endDate: moment },
        { requiredKeys: ['name', 'startDate'] },
      );
    case 'memories':
      return fc.record(
        { title: word, tripId: idOf(pools), content: text, tagIds: ids, gpxTrackId: idOf(pools) },
        { requiredKeys: ['title', 'tripId'] },
      );
    case 'mediaItems':
      return fc.record({ memoryId: idOf(pools), objectName: word, mediaType: word });
    case 'gpxTracks':
      return fc.record(
        { tripId: idOf(pools), name: word, memoryId: idOf(pools) },
        { requiredKeys: ['tripId', 'name'] },
      );
    case 'tags':
      return fc.record(
        { name: word, categoryId: idOf(pools), relatedTagIds: ids },
        { requiredKeys: ['name'] },
      );
    default:
      return fc.record({ name: word });
  }
}

const wildFields = (pools: Pools): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.constantFrom(...FIELDS), anything(pools), { maxKeys: 3 });

/** Any fields of any type. */
const fieldsOf = (pools: Pools): fc.Arbitrary<Record<string, unknown>> =>
  fc.oneof(
    wildFields(pools),
    ...['trips', 'memories', 'mediaItems', 'tags'].map((list) => tameFields(pools, list)),
  );

const rarely = <A, B>(bad: fc.Arbitrary<A>, good: fc.Arbitrary<B>): fc.Arbitrary<A | B> =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: bad });

function rowOf(pools: Pools, list: string): fc.Arbitrary<unknown> {
  const mostly = (good: fc.Arbitrary<unknown>) => rarely(anything(pools), good);
  const frame = fc.record(
    {
      id: idOf(pools),
      operation: mostly(fc.constantFrom('CREATE', 'CREATE', 'UPDATE', 'UPDATE', 'DELETE')),
      syncVersion: mostly(fc.constantFrom(0, 1, 2, 3)),
      clientTimestamp: mostly(
        fc.constantFrom('2024-05-01T12:00:00.000Z', '2099-01-01T00:00:00Z', '0001-01-01T00:00:00Z'),
      ),
      changeId: rarely(fc.oneof(fc.constantFrom('c1', 'c2', 'c3'), text), fc.uuid()),
      transactionId: rarely(fc.oneof(fc.constantFrom('t1', 't2'), text), fc.constant(null)),
      syncPriority: mostly(fc.constantFrom('LOW', 'CRITICAL', null)),
      baseFields: rarely(
        fc.oneof(
          fieldsOf(pools).map((fields) => JSON.stringify(fields)),
          text,
        ),
        fc.constant(null),
      ),
      clientId: anything(pools),
    },
    { requiredKeys: ['id', 'operation', 'syncVersion', 'clientTimestamp'] },
  );
  const plain = fc.tuple(frame, tameFields(pools, list)).map(([head, fields]) => ({ ...fields, ...head }));
  const spoilt = fc.tuple(plain, wildFields(pools)).map(([row, wild]) => ({ ...row, ...wild }));
  return fc.oneof(
    { weight: 12, arbitrary: plain },
    { weight: 4, arbitrary: spoilt },
    { weight: 1, arbitrary: anything(pools) },
  );
}

function pushOf(pools: Pools): fc.Arbitrary<Call> {
  const mostly = (good: fc.Arbitrary<unknown>) => rarely(anything(pools), good);
  const lists = Object.values(TYPES).map(
    ({ list }) => [list, mostly(fc.array(rowOf(pools, list), { maxLength: 3 }))] as const,
  );
  return fc
    .record(
      {
        ...Object.fromEntries(lists),
        deviceId: mostly(fc.constantFrom('phone', 'tablet', '', null)),
        clientBatchId: mostly(fc.constantFrom('b1', null)),
        cursor: mostly(fc.constantFrom(...pools.cursors, null, 'garbage')),
      },
      { requiredKeys: [] },
    )
    .map((input) => ({ kind: 'push', input }));
}

function pullOf(pools: Pools): fc.Arbitrary<Call> {
  const mostly = (good: fc.Arbitrary<unknown>) => rarely(anything(pools), good);
  const moments = fc.constantFrom('0001-01-01T00:00:00.000Z', '2024-05-01T12:00:00Z', '9999-01-01T00:00:00Z');
  return fc
    .record(
      {
        since: mostly(moments),
        cursor: rarely(fc.constantFrom(...pools.cursors), mostly(fc.constant(null))),
        batchSize: mostly(fc.constantFrom(1, 3, 100, 5_000, null)),
        entityTypes: mostly(fc.subarray(Object.keys(TYPES))),
        syncPriority: mostly(fc.constantFrom('LOW', 'NORMAL', 'HIGH', 'CRITICAL', null)),
      },
      { requiredKeys: ['since'] },
    )
    .map((args) => ({ kind: 'pull', args }));
}

function resolveOf(pools: Pools): fc.Arbitrary<Call> {
  const strategies = ['LAST_WRITE_WINS', 'FIRST_WRITE_WINS', 'MANUAL_RESOLUTION', 'KEEP_BOTH'];
  return fc.record({
    kind: fc.constant('resolve' as const),
    at: fc.nat(),
    id: rarely(fc.oneof(text, fc.constantFrom(...pools.ids, ...pools.conflicts)), fc.constant(null)),
    strategy: rarely(anything(pools), fc.constantFrom(...strategies)),
    data: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 3, arbitrary: fieldsOf(pools).map((fields) => JSON.stringify(fields)) },
      {
        weight: 1,
        arbitrary: fc.oneof(
          text,
          anything(pools).map((value) => JSON.stringify(value) ?? 'x'),
        ),
      },
    ),
  });
}

/** Bulk pushes above all, since they write. */
export const callOf = (pools: Pools): fc.Arbitrary<Call> =>
  fc.oneof(
    { weight: 6, arbitrary: pushOf(pools) },
    { weight: 2, arbitrary: pullOf(pools) },
    { weight: 2, arbitrary: resolveOf(pools) },
  );
