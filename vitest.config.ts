import { configDefaults, defineConfig } from 'vitest/config';
import { findRedisServer, REDIS_TESTS } from './tests/support/redis-server.ts';

export default defineConfig({
  test: {
    include: [
      'packages/*/{src,tests}/**/*.test.ts',
      'domains/*/{src,tests}/**/*.test.ts',
      'tests/**/*.test.ts',
      'demo/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    // Said, and in CI refused, by the set-up.
    exclude: [...configDefaults.exclude, ...(findRedisServer() === null ? [REDIS_TESTS] : [])],
    globalSetup: ['tests/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
