import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { findRedisServer, REDIS_TESTS } from './tests/support/redis-server.ts';

/** Unit tests, and tests of one server on a database of their own: they leave a process as they found it. */
const TOGETHER = [
  'packages/*/src/**/*.test.ts',
  'domains/*/src/**/*.test.ts',
  'demo/src/**/*.test.ts',
  'bench/**/*.test.ts',
  'packages/server/tests/{auth,files,http,postgres,rest}/**/*.test.ts',
  // But for those that plant faults into modules, or start processes that end with their file.
  'tests/{engine,finance,gaps,graphql,legacy,properties,sync}/**/!(planted-bugs*|files-crash).test.ts',
];
const EVERYTHING = ['{packages,domains}/*/{src,tests}/**/*.test.ts', '{tests,demo,bench}/**/*.test.ts'];
// Said, and in CI refused, by the set-up.
const LEFT_OUT = [...configDefaults.exclude, ...(findRedisServer() === null ? [REDIS_TESTS] : [])];

const project = (
  name: string,
  isolate: boolean,
  include: readonly string[],
  exclude: readonly string[],
): TestProjectInlineConfiguration => ({
  test: {
    name,
    isolate,
    include: [...include],
    exclude: [...LEFT_OUT, ...exclude],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      // To load the modules anew for each file would take as long as the tests themselves.
      project('together', false, TOGETHER, []),
      project('alone', true, EVERYTHING, TOGETHER),
    ],
    globalSetup: ['tests/support/global-setup.ts'],
    maxWorkers: 2,
  },
});
