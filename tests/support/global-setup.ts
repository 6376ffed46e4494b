/**
 * One PostgreSQL for a whole test run: started before the first test file, stopped after the last.
 * TEST_DATABASE_URL names a server to use instead (any PostgreSQL >= 15, as a superuser); then the embedded one
 * is not started. Test files get their databases from postgres.ts.
 * Where redis-server is missing, the tests of it are left out, and that is said; in CI it fails.
 */
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../packages/server/src/store/embedded.ts';
import { prepareTestServer } from './postgres.ts';
import { findRedisServer, redisTestFiles } from './redis-server.ts';
import { makeTempFolder } from './temp-folder.ts';

/** Nothing of a test run has to survive the machine; the tests of crashes start a durable database of their own. */
const FAST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

let release: () => Promise<void> = async () => {};

export async function setup(project: TestProject): Promise<void> {
  sayWithoutRedis();
  const given = process.env.TEST_DATABASE_URL;
  project.provide('testPostgres', await prepareTestServer(given ?? (await startOwn())));
}

export async function teardown(): Promise<void> {
  await release();
}

function sayWithoutRedis(): void {
  if (findRedisServer() !== null) return;
  const count = redisTestFiles(['packages', 'domains', 'tests']).length;
  const line = `redis-server is not installed: ${count} test files left out; apt-get install redis-server`;
  if (process.env.CI) throw new Error(line);
  console.log(line);
}

async function startOwn(): Promise<string> {
  const folder = await makeTempFolder('ackord-test-postgres');
  release = folder.remove;
  const postgres = await startEmbeddedPostgres({ dataFolder: folder.path, settings: FAST_SETTINGS });
  release = async () => {
    await postgres.stop();
    await folder.remove();
  };
  return postgres.ownerConnectionString;
}
