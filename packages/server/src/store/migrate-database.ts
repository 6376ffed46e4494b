/** Takes tables back to an older state, for the command: as the owner, one server at a time. */
import { openDatabase } from './database.ts';
import { exclusively } from './exclusively.ts';
import { migrateDown } from './migrate.ts';

/** Takes back all migrations above number `to`, newest first. Returns their names. */
export async function takeBackMigrations(options: {
  readonly ownerUrl: string;
  readonly to: number;
  readonly log: (line: string) => void;
}): Promise<readonly string[]> {
  const { ownerUrl, to, log } = options;
  const database = openDatabase({ url: ownerUrl, poolMax: 1, role: null, statementMsMax: 0, log });
  try {
    return await database.use((owner) => exclusively(owner, () => migrateDown(owner, { to })));
  } finally {
    await database.close();
  }
}
