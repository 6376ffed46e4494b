/** `ackord import finance`: moves households in from the original server's files. Prints what it did as a table. */
import { createRegistry } from '@ackord/core';
import { type DataFolder, ImportStopped, moveFinanceIn, openFolder } from '@ackord/finance';
import { createEngine, DatabaseFailure } from '@ackord/server';
import { readConfiguration } from '../configuration.ts';
import { bundledDomains } from '../domains.ts';
import { financeReport } from '../finance-report.ts';
import { withDatabase } from './with-database.ts';

/** Resolves with the exit code: 0 when all is in, 1 when something was left out or could not be read. */
export async function importFinance(options: {
  readonly from: string;
  readonly isDryRun: boolean;
}): Promise<number> {
  const configured = readConfiguration();
  if (!configured) return 1;
  const folder = await openFolder(options.from);
  if (folder === null)
    return failed(
      '--from: there is no such folder, or it may not be read. Name the data folder of the original server.',
    );
  try {
    return await withDatabase(configured.config, async ({ store, users }) => {
      const registry = createRegistry(bundledDomains.map(({ definition }) => definition));
      const engine = createEngine({ registry, store, ...configured.config.sync });
      try {
        return await run({ folder, engine, users, isDryRun: options.isDryRun });
      } finally {
        await engine.stop();
      }
    });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    return failed(`${reason} What is in stays in; run the same command again, and it goes on.`);
  }
}

async function run(
  parts: Pick<Parameters<typeof moveFinanceIn>[0], 'engine' | 'users' | 'isDryRun'> & {
    readonly folder: DataFolder;
  },
): Promise<number> {
  const onStep = (file: string): void => void process.stderr.write(`reading ${JSON.stringify(file)}\n`);
  const moved = await moveFinanceIn({ ...parts, now: Date.now(), onStep });
  if (!moved.ok) return failed(`--from: ${moved.message}`);
  process.stdout.write(financeReport(moved.report));
  return moved.report.problems.count === 0 ? 0 : 1;
}

/** One sentence, without what a driver says: its texts may hold values of rows. */
function reasonOf(error: unknown): string | null {
  if (error instanceof ImportStopped) return error.message;
  return error instanceof DatabaseFailure ? 'The new database does not answer.' : null;
}

function failed(line: string): 1 {
  process.stderr.write(`${line}\n`);
  return 1;
}
