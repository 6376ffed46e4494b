/** The proof of the apps beside each other can fail: bugs that somebody could write, each planted alone, are all found. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Loose } from '../gaps/ground.ts';

const ENGINE = '../../packages/server/src/engine';
const STEPS = 400;
const SEEDS = [1, 2, 3, 4, 5, 6];

type Module = Record<string, Loose>;

/** What the module gives then. */
const BUGS: readonly {
  readonly name: string;
  readonly path: string;
  readonly plant: (module: Module) => Module;
}[] = [
  {
    name: 'all counts as read',
    path: `${ENGINE}/last-read.ts`,
    plant: () => ({ seenBy: () => () => true }),
  },
  {
    name: 'nobody is told that the record holds more than was sent',
    path: `${ENGINE}/last-read.ts`,
    plant: () => ({ holdsUnread: () => false }),
  },
  {
    name: 'a conflict is answered, and not kept',
    path: `${ENGINE}/journal.ts`,
    plant: ({ journal }) => ({
      journal: (copy: Loose, ...rest: unknown[]) => journal(withoutKeeping(copy), ...rest),
    }),
  },
  {
    name: 'a sync leaves out a row',
    path: '../../packages/server/src/transports/graphql/sync-at-once.ts',
    plant: ({ syncAtOnce }) => ({
      syncAtOnce: async (...asked: unknown[]) => {
        const answer = await syncAtOnce(...asked);
        return { ...answer, memories: answer.memories.filter((_: unknown, at: number) => at !== 1) };
      },
    }),
  },
  {
    name: 'a sync forgets deletions',
    path: '../../packages/server/src/transports/graphql/sync-at-once.ts',
    plant: ({ syncAtOnce }) => ({
      syncAtOnce: async (...asked: unknown[]) => {
        const answer = await syncAtOnce(...asked);
        return { ...answer, deleted: { ...answer.deleted, mediaItems: [] } };
      },
    }),
  },
];

/** The working copy, but for one thing that it does. */
const withoutKeeping = (copy: Loose): Loose =>
  new Proxy(copy, {
    get(target, name) {
      if (name === 'keepConflict') return () => undefined;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

afterEach(() => vi.resetModules());

async function faultsWith(path: string, plant: (module: Module) => Module): Promise<readonly string[]> {
  vi.doMock(path, async (original: () => Promise<Module>) => {
    const module = await original();
    return { ...module, ...plant(module) };
  });
  try {
    const { startTravel } = await import('../gaps/ground.ts');
    const { run } = await import('./apps/run.ts');
    const ground = await startTravel({ REQUESTS_PER_MINUTE_MAX: '1000000' });
    try {
      for (const seed of SEEDS) {
        const { faults } = await run(ground, seed, STEPS);
        if (faults.length > 0) return faults;
      }
      return [];
    } finally {
      await ground.close();
    }
  } finally {
    vi.doUnmock(path);
  }
}

describe('found:', () => {
  test.each(BUGS.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (_name, { path, plant }) => {
      expect(await faultsWith(path, plant)).not.toEqual([]);
    },
    240_000,
  );
});
