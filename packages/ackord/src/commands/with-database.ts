/** Opens the configured database for a command, beside a server that runs on the same data folder. */
import { createRegistry } from '@ackord/core';
import {
  type Config,
  createLogger,
  type OpenedDatabase,
  openDatabaseOf,
  readRunningNote,
} from '@ackord/server';
import { bundledDomains } from '../domains.ts';
import { explain } from '../explain.ts';

/** Resolves with the exit code: that of the work, or 1 when the database can't be had. */
export async function withDatabase(
  config: Config,
  work: (database: OpenedDatabase) => Promise<number>,
  poolMax = 2,
): Promise<number> {
  const running = config.database.url === null ? await readRunningNote(config.dataFolder) : null;
  const { ownerUrl: url = config.database.url, appUrl = config.database.appUrl } = running?.database ?? {};
  try {
    const database = await openDatabaseOf({
      config: { ...config, database: { url, appUrl, poolMax } },
      registry: createRegistry(bundledDomains.map(({ definition }) => definition)),
      // Standard output belongs to the answer of the command.
      logger: createLogger({ level: 'warn', destination: process.stderr }),
    });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    const explanation = explain(error, config);
    if (explanation === null) throw error;
    process.stderr.write(`${explanation}\n`);
    return 1;
  }
}
