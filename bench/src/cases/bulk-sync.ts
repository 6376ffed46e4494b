/** bulkSync over HTTP: 1,000 mixed entities cold, warm and with conflicts, and a long push. */
import { randomUUID } from 'node:crypto';
import { type Result, resultOf } from '../result.ts';
import { type Ask, type BenchServer, startServer } from '../server.ts';
import { type Lists, mixed, type Row, sizeOf, update } from '../workload.ts';

const BULK_SYNC = `mutation Push($input: BulkSyncInput!) {
  bulkSync(input: $input) {
    successful { entityType entityId operation syncVersion outcome conflictId }
    conflicts { id entityType entityId }
    failed { entityType entityId error code }
    serverTimestamp processedCount
  }
}`;

interface Answer {
  readonly bulkSync: {
    readonly successful: { readonly conflictId: string | null }[];
    readonly failed: unknown[];
  };
}

/** Milliseconds from sending to the whole answer. Throws when a row was not acknowledged. */
export async function push(
  ask: Ask,
  lists: Partial<Lists>,
  deviceId = 'bench',
): Promise<{ readonly ms: number; readonly conflictIds: readonly string[] }> {
  const started = performance.now();
  const { bulkSync } = await ask<Answer>(BULK_SYNC, { input: { ...lists, deviceId } });
  const ms = performance.now() - started;
  if (bulkSync.failed.length > 0) throw new Error(JSON.stringify(bulkSync.failed[0]));
  return { ms, conflictIds: bulkSync.successful.flatMap(({ conflictId }) => conflictId ?? []) };
}

export async function bulkSync(): Promise<Result[]> {
  const server = await startServer();
  try {
    const cold = await push(await server.user(), mixed(1_000));
    const coldResult = resultOf(
      'bulkSync, 1,000 mixed, first call of a server',
      [cold.ms],
      1_000,
      await server.memory(),
    );
    return [coldResult, await warm(server), await withConflicts(server), ...(await longPush(server))];
  } finally {
    await server.stop();
  }
}

async function warm(server: BenchServer): Promise<Result> {
  const ask = await server.user();
  for (let round = 0; round < 10; round++) await push(ask, mixed(1_000));
  const times: number[] = [];
  for (let round = 0; round < 30; round++) times.push((await push(ask, mixed(1_000))).ms);
  return resultOf('bulkSync, 1,000 mixed, warm', times, 30_000, await server.memory(), {
    goal: 'p50 ≤ 60 ms',
  });
}

/** 1,000 memories are edited; a tenth of them were edited by another device in the same field since. */
async function withConflicts(server: BenchServer): Promise<Result> {
  const ask = await server.user();
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    const lists = mixed(1_000);
    const memories = {
      trips: lists.trips,
      tags: lists.tags,
      tagCategories: lists.tagCategories,
      memories: [...lists.memories],
    };
    while (memories.memories.length < 1_000)
      memories.memories.push({ ...(lists.memories[0] as Row), id: randomUUID() });
    await push(ask, memories);
    const edit = (row: Row, text: string, time: string): Row => update(row.id, 1, { title: text }, time);
    const taken = memories.memories.slice(0, 1_000);
    await push(
      ask,
      { memories: taken.slice(0, 100).map((row) => edit(row, 'Theirs', '2026-05-02T08:00:00.000Z')) },
      'other',
    );
    const { ms, conflictIds } = await push(ask, {
      memories: taken.map((row) => edit(row, 'Mine', '2026-05-02T09:00:00.000Z')),
    });
    if (conflictIds.length !== 100) throw new Error(`${conflictIds.length} conflicts instead of 100`);
    times.push(ms);
  }
  return resultOf('bulkSync, 1,000 updates, 10 % conflicts', times, 10_000, await server.memory(), {
    goal: 'p50 ≤ 60 ms',
  });
}

/** 100,000 entities in calls of 1,000, four calls at a time. */
async function longPush(server: BenchServer): Promise<Result[]> {
  const batches = Array.from({ length: 100 }, () => mixed(1_000));
  const count = batches.reduce((sum, lists) => sum + sizeOf(lists), 0);
  const times: number[] = [];
  const users = await Promise.all([1, 2, 3, 4].map(() => server.user()));
  const started = performance.now();
  await Promise.all(
    users.map(async (ask) => {
      for (let lists = batches.pop(); lists; lists = batches.pop()) times.push((await push(ask, lists)).ms);
    }),
  );
  const elapsedMs = performance.now() - started;
  return [
    resultOf('bulk push of 100,000, 4 × 1,000 at a time', times, count, await server.memory(), {
      elapsedMs,
      goal: '≥ 25,000/s',
    }),
  ];
}
