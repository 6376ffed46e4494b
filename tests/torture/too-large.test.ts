/**
 * 10,001 rows, a body of 100 MB, and their like over real HTTP: each gets a clear error, the server goes on for everybody
 * else, and its memory comes back.
 */
import { request } from 'node:http';
import { LIMITS } from '@ackord/core';
import { beforeAll, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { until } from './support/conditions.ts';
import { type Answer, type Connection, connect } from './support/connection.ts';
import { faultsOf, storedMemories } from './support/database-checks.ts';
import { atEnd, dataFolder, defectsIn, type ServerProcess, startCommand } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';
import { CallFailed, memoryRow, type Row, send, sendAll, signUp, tripRow } from './support/travel-client.ts';

const MB = 1024 * 1024;

let database: TestDatabase;
let server: ServerProcess;
let token: string;
let connection: Connection;
let trip: Row;
let quiet: number;
beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
  atEnd(database.drop);
  const urls = { DATABASE_URL: database.ownerUrl, DATABASE_APP_URL: database.appUrl };
  server = await startCommand({ ...urls, ACKORD_DATA_DIR: await dataFolder() });
  token = await signUp(server.url);
  connection = connect(server.url, token);
  atEnd(async () => connection.close());
  trip = tripRow();
  await sendAll({ connection: () => connection }, 'trips', [trip]);
  // As large a call as is allowed, so that the code has run and its memory is had.
  await sendAll({ connection: () => connection }, 'memories', memories(LIMITS.changesPerSubmissionMax));
  await server.collect();
  await othersGoOn();
  quiet = await memoryInUse();
}, TEST_MS_MAX);

const memories = (count: number): Row[] => Array.from({ length: count }, () => memoryRow(trip.id));

/** Bytes that live in the server's heap and buffers, by its own metrics. */
async function memoryInUse(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const metric = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return metric('nodejs_heap_size_used_bytes') + metric('nodejs_external_memory_bytes');
}

/** The call of another user goes through meanwhile. */
async function othersGoOn(): Promise<void> {
  const other = connect(server.url, token);
  const { successful } = await send(other, { memories: memories(1) });
  expect(successful).toHaveLength(1);
  other.close();
}

const refusedAs = (answer: Answer) => ({
  status: answer.status,
  data: answer.data,
  code: answer.errors[0]?.extensions.code,
});

test(
  '10,001 rows are refused as a whole, and none of them is applied',
  async () => {
    const before = (await storedMemories(database.ownerUrl)).length;
    const refused = await send(connection, { memories: memories(10_001) }).catch((error) => error);
    expect(refused).toBeInstanceOf(CallFailed);
    const { errors } = (refused as CallFailed).answer;
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_LARGE' } }]);
    expect(errors[0]!.message).toMatch(/10001 rows came in one call, 10000 are allowed/);
    expect(await storedMemories(database.ownerUrl)).toHaveLength(before);
    // Also spread over two lists.
    const rows = { trips: Array.from({ length: 5_001 }, () => tripRow()), memories: memories(5_000) };
    await expect(send(connection, rows)).rejects.toThrow('TOO_LARGE');
    await othersGoOn();
  },
  TEST_MS_MAX,
);

test(
  'a body of 100 MB is refused before it is read',
  async () => {
    const began = performance.now();
    for (let time = 0; time < 10; time++) {
      const answer = await postLarge(100 * MB, { declared: true, token });
      expect(refusedAs(answer)).toEqual({ status: 413, data: null, code: 'TOO_LARGE' });
    }
    tell('100 MB, declared, ten times', { milliseconds: Math.round(performance.now() - began) });
    await othersGoOn();
  },
  TEST_MS_MAX,
);

test(
  'a body that does not say how large it is, is refused as soon as it is too large',
  async () => {
    expect(refusedAs(await postLarge(100 * MB, { declared: false, token }))).toEqual({
      status: 413,
      data: null,
      code: 'TOO_LARGE',
    });
    await othersGoOn();
  },
  TEST_MS_MAX,
);

test(
  'a caller without a token may send much less',
  async () => {
    const answer = await postLarge(LIMITS.anonymousBodyBytesMax + 1, { declared: true, token: '' });
    expect(refusedAs(answer)).toEqual({ status: 413, data: null, code: 'UNAUTHENTICATED' });
  },
  TEST_MS_MAX,
);

test(
  'large bodies at once: what there is no room for is told to come again',
  async () => {
    const row = memoryRow(trip.id, { content: 'x'.repeat(size(30, 45) * MB) });
    const query =
      'mutation ($rows: [BulkMemoryInput!]!) { bulkSync(input: { memories: $rows }) { failed { code field } } }';
    const body = Buffer.from(JSON.stringify({ query, variables: { rows: [row] } }));
    const crowd = Array.from({ length: size(12, 24) }, () => connect(server.url, token));
    const answers = await Promise.all([...crowd.map((one) => one.post(body)), othersGoOn()]);
    const codes = answers.flatMap((answer) =>
      answer ? [answer.errors[0]?.extensions.code ?? answer.data.bulkSync.failed[0].code] : [],
    );
    expect(codes.filter((code) => code !== 'INVALID' && code !== 'BUSY')).toEqual([]);
    expect(codes).toContain('BUSY');
    expect(codes).toContain('INVALID');
    for (const one of crowd) one.close();
    await othersGoOn();
  },
  TEST_MS_MAX,
);

test(
  'afterwards the memory is back, and the server as good as new',
  async () => {
    await until(
      'the memory comes back',
      async () => {
        await server.collect();
        await othersGoOn();
        return (await memoryInUse()) < quiet + 30 * MB;
      },
      20_000,
    );
    tell('memory in use, MB', {
      before: Math.round(quiet / MB),
      after: Math.round((await memoryInUse()) / MB),
    });
    expect(defectsIn(server.log)).toEqual([]);
    expect(await faultsOf(database.ownerUrl)).toEqual([]);
  },
  TEST_MS_MAX,
);

/**
 * Sends bytes until the answer comes. Without a connection to keep, which is the hard case: a server that closed it at once
 * would reset it, and the answer would be lost.
 */
function postLarge(
  bytes: number,
  { declared, token: own }: { declared: boolean; token: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(own !== '' && { authorization: `Bearer ${own}` }),
      ...(declared && { 'content-length': bytes }),
    };
    let answered = false;
    const call = request(`${server.url}/graphql`, { method: 'POST', headers, agent: false }, (response) => {
      answered = true;
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => {
        const { data, errors } = JSON.parse(text);
        resolve({ status: response.statusCode ?? 0, data, errors });
        call.destroy();
      });
    });
    // Who stops reading resets the connection, while we still write.
    call.on('error', (error) => answered || reject(error));
    const chunk = Buffer.alloc(MB, ' ');
    let left = bytes;
    const write = (): void => {
      while (!answered && left > 0) {
        const part = left >= chunk.length ? chunk : chunk.subarray(0, left);
        left -= part.length;
        if (!call.write(part)) {
          call.once('drain', write);
          return;
        }
      }
      if (!answered) call.end();
    };
    write();
  });
}
