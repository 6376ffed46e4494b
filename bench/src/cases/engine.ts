/** The engine alone: many callers with one change each, and one scope that takes everything. */
import { randomUUID } from 'node:crypto';
import { type BenchEngine, memoryOf, rssMb, startEngine, tripOf } from '../in-process.ts';
import { type Result, resultOf } from '../result.ts';

const CALLERS = 200;
const ROUNDS = 100;

export async function engine(): Promise<Result[]> {
  const bench = await startEngine();
  try {
    return [await manyCallers(bench), await oneScope(bench)];
  } finally {
    await bench.stop();
  }
}

/** 200 callers, each in a trip of its own, send one change after the other. */
async function manyCallers(bench: BenchEngine): Promise<Result> {
  const callers = Array.from({ length: CALLERS }, () => ({ userId: randomUUID(), tripId: randomUUID() }));
  await Promise.all(callers.map(({ userId, tripId }) => bench.send(userId, [tripOf(tripId)])));
  return sendAll('single changes, 200 callers, a scope each', bench, callers, '≥ 12,000/s');
}

/** 200 callers of one user send one change after the other to one trip. */
async function oneScope(bench: BenchEngine): Promise<Result> {
  const [userId, tripId] = [randomUUID(), randomUUID()];
  await bench.send(userId, [tripOf(tripId)]);
  const callers = Array.from({ length: CALLERS }, () => ({ userId, tripId }));
  return sendAll('single changes, 200 callers, one scope', bench, callers, '≥ 5,000/s');
}

async function sendAll(
  name: string,
  bench: BenchEngine,
  callers: readonly { readonly userId: string; readonly tripId: string }[],
  goal: string,
): Promise<Result> {
  const rounds = async (count: number, times: number[]): Promise<void> => {
    await Promise.all(
      callers.map(async ({ userId, tripId }) => {
        for (let round = 0; round < count; round++) {
          const started = performance.now();
          await bench.send(userId, [memoryOf(tripId)]);
          times.push(performance.now() - started);
        }
      }),
    );
  };
  await rounds(20, []);
  const times: number[] = [];
  const started = performance.now();
  await rounds(ROUNDS, times);
  return resultOf(name, times, times.length, rssMb(), { elapsedMs: performance.now() - started, goal });
}
