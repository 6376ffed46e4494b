/** A transaction that has named its scopes: row-level security shows it these and no others. */
import type { Connection } from './connection.ts';
import { nameScopes } from './statements/session/name-scopes.ts';

/** What fails in it is rolled back and thrown on. */
export async function inNamedScopes<T>(
  connection: Connection,
  scopes: readonly string[],
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const names = Object.fromEntries(scopes.map((scope) => [scope, 0]));
  const begun = Promise.all([
    connection.command('BEGIN'),
    connection.rows(nameScopes, [JSON.stringify(names)]),
  ]);
  try {
    const [result] = await Promise.all([work(connection), begun]);
    await connection.command('COMMIT');
    return result;
  } catch (error) {
    if (!connection.isLost) await connection.command('ROLLBACK').catch(() => {});
    throw error;
  }
}
