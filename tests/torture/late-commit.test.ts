/**
 * No late-commit gap (I5): whoever reads while others commit, sees every record exactly once. A cursor over a moment or
 * over a sequence would skip what commits late; seqs that are drawn under the scope's lock can't be skipped.
 */
import { beforeEach, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { runLateCommit } from './support/late-commit.ts';
import { atEnd } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await (await getTestPostgres()).createDatabase();
  atEnd(database.drop);
});

const CROWD = { writers: 32, readers: 4, scopes: 16 };

test(
  'every reader sees every record exactly once, and the log has every seq exactly once',
  async () => {
    const run = await runLateCommit({
      database,
      commits: size(150, 20_000),
      holdMsMax: size(40, 500),
      ...CROWD,
    });
    tell('late commits', run.figures);
    expect(run).toMatchObject({ unseen: 0, seenAgain: 0, resyncs: 0, faults: [] });
    expect(run.figures.connections).toBeGreaterThanOrEqual(32);
  },
  TEST_MS_MAX,
);

test(
  'the same run finds the gap when seqs are drawn before the lock',
  async () => {
    const environment = { PLANT: 'seq-before-lock' };
    const run = await runLateCommit({ database, commits: 100, holdMsMax: 20, ...CROWD, environment });
    tell('late commits with a planted defect', { unseen: run.unseen, faults: run.faults.length });
    expect(run.unseen).toBeGreaterThan(0);
    expect(run.faults.join('\n')).toContain('not so: the log has every seq');
  },
  TEST_MS_MAX,
);
