/** Where Debian's redis-server is on this machine, and which test files need it: `x.redis.test.ts`, `x.redis.pg.test.ts`. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const REDIS_TESTS = '**/*.redis{,.pg}.test.ts';

/** null: it is not installed. */
export function findRedisServer(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, 'redis-server')).find((file) => existsSync(file)) ?? null;
}

/** Below some folders. */
export const redisTestFiles = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.redis(\.pg)?\.test\.ts$/.test(file) && !file.includes('node_modules'),
    ),
  );
