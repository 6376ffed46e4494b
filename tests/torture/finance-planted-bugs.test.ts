/** The proof of the finance app on three devices can fail: bugs that somebody could write, each planted alone, are found. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Loose } from '../finance/ground.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const SOCKET = '../../domains/finance/src/socket';
const EDITS = 150;
const SEEDS = [1, 2, 3, 4, 5, 6];

type Module = Record<string, Loose>;

/** What the module gives then. */
const BUGS: readonly {
  readonly name: string;
  readonly path: string;
  readonly plant: (module: Module) => Module;
}[] = [
  {
    name: 'a sender that lost is not told of the record',
    path: `${SOCKET}/decide-entries.ts`,
    plant: ({ decideEntries }) => ({
      decideEntries: async (...asked: unknown[]) =>
        (await decideEntries(...asked)).map((one: Loose) => ({ ...one, mustHear: false })),
    }),
  },
  {
    name: 'stamps do not rise',
    path: '../../packages/core/src/rules/stamp.ts',
    plant: ({ withNextStamp }) => ({
      withNextStamp: (type: Loose, fields: Loose, _before: Loose, change: Loose) =>
        withNextStamp(type, fields, null, change, true),
    }),
  },
  {
    name: 'a record whose deletion was lost is not told again',
    path: `${SOCKET}/batch.ts`,
    plant: ({ batchOf }) => ({
      batchOf: (tenantId: string, news: Loose): Loose =>
        batchOf(tenantId, {
          ...news,
          moved: news.moved.filter(({ lines }: Loose) => lines.at(-1)?.operation !== 'REFEED'),
        }),
    }),
  },
  {
    name: 'nobody is told of what became of its own changes',
    path: `${SOCKET}/echo.ts`,
    plant: ({ createEcho }) => ({
      createEcho: () => ({ ...createEcho(), passes: () => false, end: () => null, isIdle: true }),
    }),
  },
  {
    name: 'everything counts as seen',
    path: `${SOCKET}/given-log.ts`,
    plant: ({ createGivenLog }) => ({
      createGivenLog: (parts: Loose) =>
        Object.assign(createGivenLog(parts), { seenAt: () => Number.MAX_SAFE_INTEGER }),
    }),
  },
  {
    name: 'deletions are not told behind a load',
    path: `${SOCKET}/first-load.ts`,
    plant: ({ createFirstLoads }) => ({
      createFirstLoads: (...parts: unknown[]) => {
        const loads = createFirstLoads(...parts);
        return {
          async of(...asked: unknown[]) {
            const result = await loads.of(...asked);
            return result.ok
              ? { ok: true, load: { ...result.load, frames: result.load.frames.slice(0, 1) } }
              : result;
          },
        };
      },
    }),
  },
];

afterEach(() => vi.resetModules());

async function faultsWith(path: string, plant: (module: Module) => Module): Promise<readonly string[]> {
  vi.doMock(path, async (original: () => Promise<Module>) => {
    const module = await original();
    return { ...module, ...plant(module) };
  });
  try {
    const { startFinance } = await import('../finance/ground.ts');
    const { APPS_OPTIONS, run } = await import('../finance/apps/run.ts');
    const ground = await startFinance({}, APPS_OPTIONS);
    try {
      for (const seed of SEEDS) {
        const { faults } = await run(ground, seed, EDITS, 2_000);
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
  test.each(BUGS.slice(0, size(3, BUGS.length)).map((bug) => [bug.name, bug] as const))(
    '%s',
    async (name, { path, plant }) => {
      const faults = await faultsWith(path, plant);
      tell(`planted: ${name}`, { found: faults[0]?.slice(0, 160) });
      expect(faults).not.toEqual([]);
    },
    TEST_MS_MAX,
  );
});
