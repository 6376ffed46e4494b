/**
 * 10,000 bulkSync calls of 10 rows, all open at once, and then 10,000 enhancedSync calls: all have to be answered, and all
 * rows have to be there. CALLS sets another number.
 */
import { type Call, OpenCalls } from '../at-once.ts';
import { startIdentityProvider } from '../identity.ts';
import { type Result, resultOf } from '../result.ts';
import { askAs, type BenchServer, startServer } from '../server.ts';
import { mixed } from '../workload.ts';

const CALLS = Number(process.env.CALLS ?? 10_000);
const PEOPLE = Math.min(200, CALLS);
const ROWS = 10;
const GOAL = 'all answered; memory < 500 MB';

const BULK_SYNC = `mutation Push($input: BulkSyncInput!) {
  bulkSync(input: $input) {
    successful { entityType entityId operation syncVersion } failed { entityId error code } processedCount
  }
}`;
const PAGE = `query Page($size: Int) {
  enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z", batchSize: $size) {
    trips { id name updatedAt } memories { id title content date updatedAt } mediaItems { id s3Key updatedAt }
    gpxTracks { id name updatedAt } tags { id name updatedAt } tagCategories { id name updatedAt }
    bucketListItems { id name updatedAt } hasMore nextCursor totalCount
  }
}`;

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: unknown;
}
interface Pushed {
  readonly bulkSync: {
    readonly failed: readonly { readonly entityId: string; readonly code: string }[];
    readonly processedCount: number;
  };
}
interface Page {
  readonly enhancedSync: { readonly totalCount: number };
}

export async function manyCalls(): Promise<Result[]> {
  const provider = await startIdentityProvider();
  const server = await startServer(provider.environment);
  const calls = new OpenCalls(server.url);
  try {
    const tokens = Array.from({ length: PEOPLE }, (_, at) => provider.person(`person-${at}`).token);
    for (const token of tokens) await askAs(server.url, token)('{ hello }');
    const results = [await pushAll(server, calls, tokens), await readAll(server, calls, tokens)];
    await checkAll(server, tokens);
    return results;
  } finally {
    calls.close();
    await server.stop();
    await provider.stop();
  }
}

const tokenAt = (tokens: readonly string[], at: number): string => tokens[at % tokens.length] as string;

/** Passing faults: the row is to be sent again. */
const AGAIN = ['UNAVAILABLE', 'BUSY', 'INTERNAL'];
const AGAIN_MS = 2_000;
const ROUNDS_MAX = 10;

/** What came back as a passing fault is sent again, as a device does, and counted. */
async function pushAll(server: BenchServer, calls: OpenCalls, tokens: readonly string[]): Promise<Result> {
  const all = Array.from({ length: CALLS }, (_, at) => ({
    token: tokenAt(tokens, at),
    body: { query: BULK_SYNC, variables: { input: { ...mixed(ROWS), deviceId: `device-${at}` } } },
  }));
  const { times, elapsedMs, answers } = await calls.send(all);
  const name = `${CALLS.toLocaleString('en')} bulkSync calls of ${ROWS}, open at once`;
  const peakMb = await server.peakMemory();
  let again = unfinished(all, answers);
  const refused = again.length;
  for (let round = 0; again.length > 0; round++) {
    if (round === ROUNDS_MAX) throw notDone('rows are still refused after many attempts');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    // The changes of a call have the same ids each time, made of their content: what was done is not done twice.
    again = unfinished(again, (await calls.send(again)).answers);
  }
  const note = refused === 0 ? {} : { note: `${refused.toLocaleString('en')} calls were told to come again` };
  return resultOf(name, times, CALLS * ROWS, peakMb, { elapsedMs, goal: GOAL, ...note });
}

/** Throws where a row was refused for good. */
function unfinished(calls: readonly Call[], answers: readonly unknown[]): Call[] {
  return calls.filter((_, at) => {
    const answer = answers[at] as Answer<Pushed>;
    const pushed = answer.data?.bulkSync;
    if (pushed?.processedCount !== ROWS) throw notDone(answer);
    if (pushed.failed.some(({ code }) => !AGAIN.includes(code))) throw notDone(answer);
    return pushed.failed.length > 0;
  });
}

async function readAll(server: BenchServer, calls: OpenCalls, tokens: readonly string[]): Promise<Result> {
  const { times, elapsedMs, answers } = await calls.send(
    Array.from({ length: CALLS }, (_, at) => ({
      token: tokenAt(tokens, at),
      body: { query: PAGE, variables: { size: 100 } },
    })),
  );
  for (const answer of answers as readonly Answer<Page>[]) if (!answer.data) throw notDone(answer);
  const name = `${CALLS.toLocaleString('en')} enhancedSync calls, open at once`;
  return resultOf(name, times, CALLS, await server.peakMemory(), { elapsedMs, goal: GOAL });
}

/** Each person has all rows that were acknowledged. */
async function checkAll(server: BenchServer, tokens: readonly string[]): Promise<void> {
  let count = 0;
  for (const token of tokens) {
    const { enhancedSync } = await askAs(server.url, token)<Page>(PAGE, { size: 1 });
    count += enhancedSync.totalCount;
  }
  if (count < CALLS * ROWS)
    throw new Error(`${CALLS * ROWS} rows were acknowledged, and ${count} records are there`);
}

const notDone = (answer: unknown): Error =>
  new Error(`Not every call was done: ${JSON.stringify(answer).slice(0, 500)}`);
