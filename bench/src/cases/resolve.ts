/** resolveConflict over HTTP: undoing conflicts that were decided by themselves. */
import { type Result, resultOf } from '../result.ts';
import { startServer } from '../server.ts';
import { mixed, update } from '../workload.ts';
import { push } from './bulk-sync.ts';

const RESOLVE = `mutation Resolve($id: ID!) {
  resolveConflict(conflictId: $id, strategy: FIRST_WRITE_WINS) { conflictId resolvedAt syncVersion }
}`;

export async function resolve(): Promise<Result[]> {
  const server = await startServer();
  try {
    const ask = await server.user();
    const lists = mixed(1_000);
    await push(ask, lists);
    const rows = lists.memories.slice(0, 300);
    await push(
      ask,
      { memories: rows.map(({ id }) => update(id, 1, { title: 'Theirs' }, '2026-05-02T08:00:00.000Z')) },
      'other',
    );
    const { conflictIds } = await push(ask, {
      memories: rows.map(({ id }) => update(id, 1, { title: 'Mine' }, '2026-05-02T09:00:00.000Z')),
    });
    const times: number[] = [];
    for (const id of conflictIds) {
      const started = performance.now();
      await ask(RESOLVE, { id });
      times.push(performance.now() - started);
    }
    return [resultOf('resolveConflict', times, times.length, await server.memory(), { goal: 'p95 ≤ 50 ms' })];
  } finally {
    await server.stop();
  }
}
