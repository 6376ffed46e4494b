/**
 * I13: any order and repetition of the same independent changes gives the same state. Devices of two people change
 * different things of a trip that all of them have read; what they send arrives in two random orders, cut into
 * submissions anywhere, in part at the same time, in part again.
 */
import { isDeepStrictEqual } from 'node:util';
import { formatDigest } from '@ackord/core';
import { createEngine, createMemoryStore, type Engine, type RawChange, type Store } from '@ackord/server';
import fc from 'fast-check';
import { test } from 'vitest';
import { change, registry } from '../support/engine.ts';
import { readTruth } from './truth.ts';
import { holds } from './violation.ts';

const { PROPERTY_SEED, PROPERTY_PATH } = process.env;
const RUNS = 300;
const START = Date.parse('2026-06-01T12:00:00.000Z');

interface Sender {
  readonly userId: string;
  readonly device: string;
}

const SENDERS: readonly Sender[] = [
  { userId: 'ann', device: 'phone of ann' },
  { userId: 'ann', device: 'tablet of ann' },
  { userId: 'bea', device: 'phone of bea' },
];

const idOf = (kind: number, number: number): string =>
  `00000000-0000-4000-${8000 + kind}-${String(number).padStart(12, '0')}`;
const TRIP = idOf(0, 0);
const MEMORIES = [idOf(1, 0), idOf(1, 1)] as const;
const MEDIA = [idOf(2, 0), idOf(2, 1)] as const;
const TAG = idOf(3, 0);
const SCOPES = [`trip:${TRIP}`, 'user:ann', 'user:bea'];

/** What there is before: made, and read by all. */
const FURNITURE: readonly RawChange[] = [
  change.trip(TRIP, {}, START),
  ...MEMORIES.map((id) => change.memory(id, TRIP, {}, START)),
  ...MEDIA.map((id) => change.media(id, MEMORIES[0], {}, START)),
  change.tag(TAG, 'Sea', {}, START),
];

/** Changes that have nothing to do with each other: none touches what another one touches. */
const INDEPENDENT: readonly RawChange[] = [
  change.update('Trip', TRIP, 1, { name: 'Normandy' }),
  change.update('Trip', TRIP, 1, { tripDescription: 'Cliffs' }),
  change.update('Trip', TRIP, 1, { isActive: false, totalDistance: 12 }),
  ...MEMORIES.flatMap((id) => [
    change.update('Memory', id, 1, { title: 'Harbour' }),
    change.update('Memory', id, 1, { text: 'It rained.' }),
    change.update('Memory', id, 1, { latitude: 48.5, longitude: -2, locationName: 'Dinard' }),
    change.update('Memory', id, 1, { weatherJSON: '{}' }),
    change.update('Memory', id, 1, { timestamp: '2026-05-03T08:00:00.000Z' }),
  ]),
  change.update('MediaItem', MEDIA[0], 1, { order: 4 }),
  change.remove('MediaItem', MEDIA[1], 1),
  change.memory(idOf(1, 2), TRIP),
  change.memory(idOf(1, 3), TRIP, { title: 'Island' }),
  change.media(idOf(2, 2), MEMORIES[1]),
];
/** The same, for what only ann may write. */
const OF_ANN: readonly RawChange[] = [
  change.update('Tag', TAG, 1, { color: 'blue' }),
  change.update('Tag', TAG, 1, { emoji: '🌊' }),
  change.tag(idOf(3, 1), 'Food'),
];

interface Arrival {
  readonly at: number;
  readonly again: boolean;
  readonly againAt: number;
  readonly beside: boolean;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  at: fc.nat(1_000),
  again: fc.boolean(),
  againAt: fc.nat(1_000),
  beside: fc.boolean(),
});

const count = INDEPENDENT.length + OF_ANN.length;
const perChange = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: count, maxLength: count });

const plans = fc.record({
  made: perChange(fc.boolean()),
  senders: perChange(fc.nat(SENDERS.length - 1)),
  minutes: perChange(fc.nat(50)),
  orders: fc.tuple(perChange(arrival), perChange(arrival)),
});
type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly sender: Sender;
  readonly change: RawChange;
  readonly at: number;
  readonly beside: boolean;
}

/** What is sent, in the order in which it arrives. */
function arrivals({ made, senders, minutes }: Plan, order: readonly Arrival[]): readonly Sent[] {
  const sent = [...INDEPENDENT, ...OF_ANN].flatMap((raw, index) => {
    const one = order[index];
    if (!one || !made[index]) return [];
    const chosen = SENDERS[senders[index] ?? 0];
    const sender = index < INDEPENDENT.length ? chosen : SENDERS[(senders[index] ?? 0) % 2];
    if (!sender) return [];
    const numbered = {
      ...raw,
      changeId: `change ${index}`,
      clientTime: START + (minutes[index] ?? 0) * 60_000,
    };
    const first = { sender, change: numbered, at: one.at, beside: one.beside };
    return one.again ? [first, { ...first, at: one.againAt }] : [first];
  });
  return sent.sort((a, b) => a.at - b.at);
}

/** What one device sends in a row is one submission. */
function submissions(sent: readonly Sent[]): readonly (readonly Sent[])[] {
  const cut: Sent[][] = [];
  for (const one of sent) {
    const last = cut.at(-1);
    const goesOn = last?.[0]?.sender === one.sender && last[0].beside === one.beside;
    if (goesOn) last.push(one);
    else cut.push([one]);
  }
  return cut;
}

const submit = (engine: Engine, { userId, device }: Sender, changes: readonly RawChange[]) =>
  engine.submit({
    domain: 'travel',
    actor: { userId },
    device,
    batchId: 'batch',
    origin: 'client',
    changes: [...changes],
  });

async function run(plan: Plan, order: readonly Arrival[]): Promise<readonly unknown[]> {
  const store = createMemoryStore({ registry });
  const engine = createEngine({ registry, store, now: () => START + 3_600_000 });
  const [phone] = SENDERS;
  if (phone) await submit(engine, phone, FURNITURE);
  const scope = `trip:${TRIP}`;
  await engine.setMember({ actor: { userId: 'ann' }, scope, userId: 'bea', role: 'EDITOR' });
  let beside: Promise<unknown>[] = [];
  for (const [first, ...more] of submissions(arrivals(plan, order))) {
    if (!first) continue;
    beside.push(
      submit(
        engine,
        first.sender,
        [first, ...more].map((one) => one.change),
      ),
    );
    if (first.beside) continue;
    await Promise.all(beside);
    beside = [];
  }
  await Promise.all(beside);
  await engine.stop();
  return stateOf(store);
}

/** All that the changes have made, without what tells when. */
async function stateOf(store: Store): Promise<readonly unknown[]> {
  const logs = new Map(SCOPES.map((scope) => [scope, []]));
  const truth = await store.snapshot(async (snapshot) => ({
    conflicts: await snapshot.conflicts({
      scopes: SCOPES,
      id: null,
      actor: null,
      types: null,
      openOnly: false,
      limit: 100,
    }),
    digests: await snapshot.digests(SCOPES),
  }));
  const { records } = await readTruth(store, async () => logs, SCOPES);
  return [
    records
      .map(({ type, id, version, fields, tombstone }) => ({
        type,
        id,
        version,
        fields,
        tombstone: tombstone?.kind ?? null,
      }))
      .sort((a, b) => (`${a.type} ${a.id}` < `${b.type} ${b.id}` ? -1 : 1)),
    truth.conflicts.map(({ changeId }) => changeId),
    truth.digests.map(({ scope, type, digest }) => `${scope} ${type} ${formatDigest(digest)}`).sort(),
  ];
}

test(`independent changes give the same state in any order, on ${RUNS} plans`, async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const [one, other] = [await run(plan, plan.orders[0]), await run(plan, plan.orders[1])];
      holds('I13', isDeepStrictEqual(one, other), 'the order of independent changes matters', () => ({
        one,
        other,
      }));
      holds('I13', isDeepStrictEqual(one[1], []), 'independent changes are in conflict', () => one);
    }),
    {
      numRuns: RUNS,
      seed: Number(PROPERTY_SEED ?? 1),
      ...(PROPERTY_PATH !== undefined && { path: PROPERTY_PATH }),
    },
  );
});
