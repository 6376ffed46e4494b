/** enhancedSync over HTTP: pages of a delta, and a first sync of 100,000 records. */
import { type Result, resultOf } from '../result.ts';
import { type Ask, startServer } from '../server.ts';
import { mixed } from '../workload.ts';
import { push } from './bulk-sync.ts';

const PAGE = `query Page($cursor: String, $size: Int) {
  enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z", cursor: $cursor, batchSize: $size) {
    tagCategories { id name color syncVersion updatedAt }
    tags { id name color emoji categoryId syncVersion updatedAt }
    bucketListItems { id name country region latitude1 longitude1 isDone syncVersion updatedAt }
    trips { id name tripDescription startDate endDate isActive syncVersion updatedAt }
    memories { id tripId title content date latitude longitude address syncVersion updatedAt }
    mediaItems { id mimeType s3Key order fileSize syncVersion updatedAt }
    gpxTracks { id tripId name totalDistance elevationGain syncVersion updatedAt }
    deleted { trips memories mediaItems gpxTracks tags tagCategories bucketListItems }
    hasMore nextCursor totalCount
  }
}`;

interface Page {
  readonly enhancedSync: { readonly hasMore: boolean; readonly nextCursor: string } & Record<string, unknown>;
}

interface Run {
  readonly times: number[];
  readonly records: number;
  readonly cursor: string | null;
}

async function readAll(ask: Ask, size: number, from: string | null = null): Promise<Run> {
  const times: number[] = [];
  let records = 0;
  let cursor = from;
  for (let more = true; more; ) {
    const started = performance.now();
    const { enhancedSync: page } = await ask<Page>(PAGE, { cursor, size });
    times.push(performance.now() - started);
    for (const list of Object.values(page)) if (Array.isArray(list)) records += list.length;
    cursor = page.nextCursor;
    more = page.hasMore;
  }
  return { times, records, cursor };
}

export async function download(): Promise<Result[]> {
  const server = await startServer();
  try {
    const ask = await server.user();
    for (let round = 0; round < 100; round++) await push(ask, mixed(1_000));
    await readAll(ask, 5_000);
    const first = await readAll(ask, 5_000);
    const results = [
      resultOf(
        'enhancedSync, first sync of 100,000, 5,000 a page',
        first.times,
        first.records,
        await server.memory(),
        { goal: '≥ 150,000/s' },
      ),
    ];
    for (const size of [100, 1_000]) {
      const fresh = await server.user();
      for (let round = 0; round < 5; round++) await push(fresh, mixed(1_000));
      const run = await readAll(fresh, size);
      results.push(
        resultOf(
          `enhancedSync, pages of ${size}`,
          run.times,
          run.records,
          await server.memory(),
          size === 100 ? { goal: 'p95 ≤ 10 ms' } : {},
        ),
      );
    }
    const idle: number[] = [];
    for (let round = 0; round < 100; round++) idle.push(...(await readAll(ask, 100, first.cursor)).times);
    results.push(
      resultOf('enhancedSync, nothing new, 100,000 records', idle, 100, await server.memory(), {
        goal: 'p95 ≤ 10 ms',
      }),
    );
    return results;
  } finally {
    await server.stop();
  }
}
