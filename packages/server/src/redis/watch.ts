/**
 * Whether Redis is there, as people want to know it: a line in the log when some part of it goes and one when all of it is
 * back, however often it is tried in between; and a number for the metrics. Serving never depends on it.
 */
import type { Logger } from '../observe/logger.ts';

/** What uses Redis; one of them in trouble is trouble. */
export type RedisUse = 'bus' | 'cache';

export interface RedisWatch {
  up(use: RedisUse): void;
  /** `cause`: what the client says, without values. */
  down(use: RedisUse, cause: string): void;
}

export interface RedisWatchOptions {
  readonly uses: readonly RedisUse[];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly connected: (isConnected: boolean) => void;
}

export function createRedisWatch({ uses, logger, connected }: RedisWatchOptions): RedisWatch {
  const isUp = new Map<RedisUse, boolean>(uses.map((use) => [use, false]));
  /** null: not known yet, at the start. */
  let state: 'there' | 'away' | null = null;
  connected(false);
  return {
    up(use) {
      isUp.set(use, true);
      if (state === 'there' || [...isUp.values()].includes(false)) return;
      logger.info({}, state === null ? 'Redis is there' : 'Redis is back');
      state = 'there';
      connected(true);
    },
    down(use, cause) {
      isUp.set(use, false);
      if (state === 'away') return;
      state = 'away';
      connected(false);
      logger.warn({ use, cause }, 'Redis is away: everything goes on without it, only slower');
    },
  };
}
