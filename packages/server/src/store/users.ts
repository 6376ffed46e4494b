/** The port `UserStore` on PostgreSQL. Who has an e-mail, a user name or an identity is settled by unique indexes. */
import { randomUUID } from 'node:crypto';
import { isUuid } from '@ackord/core';
import type {
  ExternalIdentity,
  FoundUser,
  NewUser,
  UpdatedUser,
  User,
  UserChanges,
  UserStore,
} from '../auth/ports.ts';
import type { SqlValue } from './connection.ts';
import type { Database } from './database.ts';
import { DatabaseFailure } from './failure.ts';
import { importAll } from './import-users.ts';
import { textArray } from './sql-arrays.ts';
import type { Statement } from './statement.ts';
import { insertUser } from './statements/user/insert-user.ts';
import {
  listUsers,
  readUserByEmail,
  readUserByIdentity,
  readUserByUsername,
  readUsersById,
} from './statements/user/read-users.ts';
import { recordLogin, setPasswordHash, updateUser } from './statements/user/update-user.ts';

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly password_hash: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly profile_image_url: string | null;
  readonly is_active: boolean;
  readonly is_email_verified: boolean;
  readonly last_login_at: number | null;
  readonly roles: readonly string[];
  readonly created_at: number;
  readonly updated_at: number;
}

/** All calls reject with a DatabaseFailure when the database can't be reached. */
export function createUserStore(database: Database): UserStore {
  const rows = (statement: Statement, values: readonly SqlValue[]): Promise<UserRow[]> =>
    database.use((connection) => connection.rows<UserRow>(statement, values));

  async function insert(
    user: NewUser,
    identity: ExternalIdentity | null,
  ): Promise<FoundUser | 'identity-taken' | 'username-taken'> {
    const id = randomUUID();
    const values = (username: string): SqlValue[] => [
      id,
      user.email,
      username,
      user.passwordHash,
      identity?.emailVerified ?? false,
      identity?.issuer ?? null,
      identity?.subject ?? null,
    ];
    let made = await unlessTaken(() => rows(insertUser, values(user.username)));
    // Only the user's own words may be refused: a name that the server thought of gives way.
    if (made === 'username' && user.usernameIsChosen) return 'username-taken';
    if (made === 'username')
      made = await unlessTaken(() => rows(insertUser, values(`${user.username}-${id.slice(0, 8)}`)));
    if (made === 'identity') return 'identity-taken';
    if (typeof made === 'string') return { outcome: 'email-taken' };
    return { outcome: 'user', user: userOf(onlyRow(made)) };
  }

  return {
    async usersById(ids) {
      const found = await rows(readUsersById, [textArray(ids.filter(isUuid))]);
      return found.map(userOf);
    },

    async credentialsByEmail(email) {
      const [row] = await rows(readUserByEmail, [email]);
      return row ? { user: userOf(row), passwordHash: row.password_hash } : null;
    },

    async credentialsByUsername(username) {
      const [row] = await rows(readUserByUsername, [username]);
      return row ? { user: userOf(row), passwordHash: row.password_hash } : null;
    },

    async listUsers({ skip, limit }) {
      return (await rows(listUsers, [skip, limit])).map(userOf);
    },

    async createUser(user) {
      const made = await insert(user, null);
      if (made === 'username-taken') return { outcome: 'username-taken' };
      return made !== 'identity-taken' && made.outcome === 'user'
        ? { outcome: 'created', user: made.user }
        : { outcome: 'email-taken' };
    },

    async externalUser(identity) {
      const find = async (): Promise<FoundUser | null> => {
        const [row] = await rows(readUserByIdentity, [identity.issuer, identity.subject]);
        return row ? { outcome: 'user', user: userOf(row) } : null;
      };
      const known = await find();
      if (known) return known;
      const { email } = identity;
      const made = await insert({ email, username: email, passwordHash: null }, identity);
      // Somebody else made it meanwhile, and perhaps the e-mail is that one's.
      if (typeof made === 'string' || made.outcome === 'email-taken')
        return (await find()) ?? { outcome: 'email-taken' };
      return made;
    },

    updateUser: (id, changes) => update(rows, id, changes),

    async setPasswordHash(id, passwordHash) {
      if (isUuid(id)) await rows(setPasswordHash, [id, passwordHash]);
    },

    async recordLogin(id) {
      if (isUuid(id)) await rows(recordLogin, [id]);
    },

    importUsers: (users) =>
      database.use((connection) =>
        importAll((statement, values) => connection.rows(statement, values), users),
      ),
  };
}

async function update(
  rows: (statement: Statement, values: readonly SqlValue[]) => Promise<UserRow[]>,
  id: string,
  { email, username, firstName, lastName }: UserChanges,
): Promise<UpdatedUser> {
  if (!isUuid(id)) return { outcome: 'missing' };
  const values = [
    id,
    email ?? null,
    username ?? null,
    firstName !== undefined,
    firstName ?? null,
    lastName !== undefined,
    lastName ?? null,
  ];
  const updated = await unlessTaken(() => rows(updateUser, values));
  if (updated === 'username') return { outcome: 'username-taken' };
  if (typeof updated === 'string') return { outcome: 'email-taken' };
  const [row] = updated;
  return row ? { outcome: 'updated', user: userOf(row) } : { outcome: 'missing' };
}

const TAKEN_BY_INDEX = {
  app_user_email: 'email',
  app_user_username: 'username',
  app_user_external: 'identity',
} as const;

type Taken = (typeof TAKEN_BY_INDEX)[keyof typeof TAKEN_BY_INDEX];

/** What the statement gives, or what somebody else has already. */
async function unlessTaken<T>(run: () => Promise<T>): Promise<T | Taken> {
  try {
    return await run();
  } catch (error) {
    const index = error instanceof DatabaseFailure ? error.constraint : null;
    if (index !== null && index in TAKEN_BY_INDEX)
      return TAKEN_BY_INDEX[index as keyof typeof TAKEN_BY_INDEX];
    throw error;
  }
}

function onlyRow(rows: readonly UserRow[]): UserRow {
  const [row] = rows;
  if (!row) throw new Error('An INSERT with RETURNING gave no row.');
  return row;
}

const userOf = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  username: row.username,
  firstName: row.first_name,
  lastName: row.last_name,
  profileImageUrl: row.profile_image_url,
  isActive: row.is_active,
  isEmailVerified: row.is_email_verified,
  lastLoginAt: row.last_login_at,
  roles: row.roles,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
