/**
 * Two roles: the owner makes and changes the tables, the application only works with rows, and row-level security
 * holds for it. Where the owner may not make roles (as on some managed databases) and no second login is given, the
 * server runs as the owner; it works, with one guard less.
 */
import type { Connection } from './connection.ts';
import { DatabaseFailure } from './failure.ts';

export const APP_ROLE = 'ackord_app';

/** What the application may not write: these belong to starts and migrations. */
const READ_ONLY_TABLES = ['migration', 'setting'];

/** Makes the role if it is missing. False where the owner may not. */
export async function ensureAppRole(owner: Connection): Promise<boolean> {
  if (await exists(owner)) return true;
  try {
    await owner.command(`CREATE ROLE ${APP_ROLE} NOLOGIN`);
    return true;
  } catch (error) {
    // A server of another database may have been faster: roles belong to the whole cluster.
    if (await exists(owner)) return true;
    if (error instanceof DatabaseFailure && error.code === '42501') return false;
    throw error;
  }
}

/** May this login act as the application's role? Takes the membership if it can have it. */
export async function canActAsApp(owner: Connection): Promise<boolean> {
  if (await isMember(owner)) return true;
  await owner.command(`GRANT ${APP_ROLE} TO CURRENT_USER`).catch(() => {});
  return isMember(owner);
}

/** Gives rows, not tables. `grantees` are names of roles. */
export async function grantRows(owner: Connection, grantees: readonly string[]): Promise<void> {
  for (const grantee of grantees) {
    if (await hasAll(owner, grantee)) continue;
    const role = quoteName(grantee);
    await owner.command(`GRANT USAGE ON SCHEMA ackord TO ${role}`);
    await owner.command(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ackord TO ${role}`);
    for (const table of READ_ONLY_TABLES) {
      await owner.command(`REVOKE INSERT, UPDATE, DELETE ON ackord.${table} FROM ${role}`);
    }
  }
}

export async function currentUser(connection: Connection): Promise<string> {
  const [row] = await connection.rows<{ name: string }>({
    name: 'read-current-user',
    text: 'SELECT current_user::text AS name',
  });
  return row?.name ?? '';
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function exists(owner: Connection): Promise<boolean> {
  const rows = await owner.rows(
    {
      name: 'find-role',
      text: 'SELECT 1 AS found FROM pg_roles WHERE rolname = $1',
    },
    [APP_ROLE],
  );
  return rows.length > 0;
}

async function isMember(owner: Connection): Promise<boolean> {
  // From PostgreSQL 16 on, a member may be barred from SET ROLE.
  const [row] = await owner
    .rows<{ is_member: boolean }>(
      {
        name: 'is-role-member',
        text: `SELECT CASE WHEN current_setting('server_version_num')::int >= 160000
      THEN pg_has_role(current_user, $1, 'SET') ELSE pg_has_role(current_user, $1, 'MEMBER') END AS is_member`,
      },
      [APP_ROLE],
    )
    .catch(() => []);
  return row?.is_member ?? false;
}

async function hasAll(owner: Connection, grantee: string): Promise<boolean> {
  const [row] = await owner.rows<{ has_all: boolean }>(
    {
      name: 'has-all-rows',
      text: `
      SELECT has_schema_privilege($1, 'ackord', 'USAGE')
        AND bool_and(has_table_privilege($1, oid, 'SELECT'))
        AND bool_and(relname = ANY ($2::text[]) OR has_table_privilege($1, oid, 'INSERT')) AS has_all
      FROM pg_class WHERE relnamespace = 'ackord'::regnamespace AND relkind IN ('r', 'p')`,
    },
    [grantee, `{${READ_ONLY_TABLES.join(',')}}`],
  );
  return row?.has_all ?? false;
}
