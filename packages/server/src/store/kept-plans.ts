/** Reads that planning would be nearly all of: what is asked in `ask` travels with its BEGIN and COMMIT, and keeps its plans. */
import type { Connection } from './connection.ts';
import { KEEP_PLANS } from './statements/session/plans.ts';

/** `ask`: asks for all that it needs at once. */
export async function withKeptPlans<T>(connection: Connection, ask: () => Promise<T>): Promise<T> {
  const asking = Promise.all([
    connection.command('BEGIN READ ONLY'),
    connection.command(KEEP_PLANS),
    ask(),
    connection.command('COMMIT'),
  ]);
  const [, , answer] = await asking.catch(async (cause: unknown) => {
    // A session that is left in its transaction would be closed.
    if (!connection.isLost) await connection.command('ROLLBACK').catch(() => {});
    throw cause;
  });
  return answer;
}
