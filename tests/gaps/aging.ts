/** Lets hours pass in a moment. */
import type { Ground, Person } from './ground.ts';

/** Makes all that was done look hours old, and the user's records, so that no overlap of timestamps can hide a gap. */
export async function age(ground: Ground, person: Person): Promise<void> {
  for (const [table, column] of [
    ['sync_log', 'at'],
    ['member', 'granted_at'],
    ['membership_by_user', 'granted_at'],
    ['scope', 'created_at'],
  ])
    await ground.sql(
      `UPDATE ${table} SET ${column} = ${column} - interval '3 hours' WHERE ${column} > now() - interval '2 hours'`,
    );
  await ground.sql(
    `UPDATE record SET updated_at = updated_at - interval '3 hours', created_at = created_at - interval '3 hours' WHERE created_by = $1`,
    [person.userId],
  );
}
