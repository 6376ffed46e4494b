/** What the hot statements cost when the database holds 1,000,000 records (RECORDS sets another number). */
import { randomUUID } from 'node:crypto';
import { type BenchEngine, memoryOf, rssMb, startEngine, tripOf } from '../in-process.ts';
import { type Result, resultOf } from '../result.ts';

const RECORDS = Number(process.env.RECORDS ?? 1_000_000);
const RECORDS_PER_TRIP = 1_000;
const SAMPLES = 300;

export async function hotStatements(): Promise<Result[]> {
  const bench = await startEngine();
  try {
    const load = await fill(bench);
    const { userId, tripId, memoryId } = load.last;
    const actor = { userId };
    const scope = `trip:${tripId}`;
    const key = { type: 'travel.Memory', id: memoryId };
    const pull = { actor, domain: 'travel', device: null, since: 0, types: null, priority: null };
    const at = `at ${RECORDS.toLocaleString('en')} records`;
    const measure = (name: string, work: () => Promise<unknown>): Promise<Result> =>
      sample(`${name}, ${at}`, work);
    const writing = [
      await measure('place', () => bench.store.place([{ userId, keys: [key], scopes: [] }])),
      await measure('one change, committed', () => bench.send(userId, [memoryOf(tripId)])),
    ];
    // Behind all of those changes.
    const caughtUp = await bench.engine.pull({ ...pull, cursor: null, limit: 5_000 });
    if (!caughtUp.ok) throw new Error(caughtUp.message);
    const { cursor } = caughtUp.page;
    return [
      load.result,
      ...writing,
      await measure('page of 100', () => bench.engine.pull({ ...pull, cursor: null, limit: 100 })),
      await measure('page with nothing new', () => bench.engine.pull({ ...pull, cursor, limit: 100 })),
      await measure('records by key', () => bench.engine.records(actor, [key])),
      await measure('children of a trip', () => bench.engine.children(actor, 'travel.GPXTrack', [tripId])),
      await measure('conflicts of a user', () =>
        bench.engine.conflicts({ actor, domain: 'travel', type: null, limit: 20 }),
      ),
      await measure('is my replica equal? (digests)', () =>
        bench.store.snapshot((snapshot) => snapshot.digests([scope])),
      ),
    ];
  } finally {
    await bench.stop();
  }
}

async function sample(name: string, work: () => Promise<unknown>): Promise<Result> {
  for (let round = 0; round < 20; round++) await work();
  const times: number[] = [];
  for (let round = 0; round < SAMPLES; round++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return resultOf(name, times, times.length, rssMb(), {
    goal: name.startsWith('is my') ? 'p95 ≤ 2 ms' : 'p95 ≤ 10 ms',
  });
}

async function fill(bench: BenchEngine) {
  const trips = Array.from({ length: Math.ceil(RECORDS / RECORDS_PER_TRIP) }, () => ({
    userId: randomUUID(),
    tripId: randomUUID(),
    memoryId: randomUUID(),
  }));
  const [last] = trips;
  if (!last) throw new RangeError('RECORDS must be at least 1');
  const times: number[] = [];
  const started = performance.now();
  const queue = [...trips];
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      for (let trip = queue.pop(); trip; trip = queue.pop()) {
        const { userId, tripId, memoryId } = trip;
        const memories = Array.from({ length: RECORDS_PER_TRIP - 1 }, (_, at) =>
          memoryOf(tripId, at === 0 ? memoryId : randomUUID()),
        );
        const began = performance.now();
        await bench.send(userId, [tripOf(tripId), ...memories]);
        times.push(performance.now() - began);
      }
    }),
  );
  const count = trips.length * RECORDS_PER_TRIP;
  const result = resultOf(
    `engine push of ${count.toLocaleString('en')}, 4 × 1,000 at a time`,
    times,
    count,
    rssMb(),
    { elapsedMs: performance.now() - started, goal: '≥ 25,000/s' },
  );
  return { last, result };
}
