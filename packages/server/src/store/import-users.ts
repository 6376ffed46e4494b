/** Users that come from another server, with their ids, stamps and password hashes. Nobody who is there is changed. */
import type { ImportedUser, ImportOutcome } from '../moving-in/ports.ts';
import type { SqlValue } from './connection.ts';
import { booleanArray, jsonArray, textArray, timeArray } from './sql-arrays.ts';
import type { Statement } from './statement.ts';
import { importUsers } from './statements/user/import-users.ts';
import { readUserByEmail, readUsersById } from './statements/user/read-users.ts';

type Rows = <Row extends object>(statement: Statement, values: readonly SqlValue[]) => Promise<Row[]>;

/** An outcome per user, in their order. */
export async function importAll(rows: Rows, users: readonly ImportedUser[]): Promise<ImportOutcome[]> {
  const made = await insert(rows, users);
  const others = users.filter(({ id }) => !made.has(id));
  if (others.length === 0) return users.map(() => 'created');
  const found = await rows<{ id: string }>(readUsersById, [textArray(others.map(({ id }) => id))]);
  const known = new Set(found.map(({ id }) => id));
  const outcomes = new Map<string, ImportOutcome>();
  for (const user of others)
    outcomes.set(user.id, known.has(user.id) ? 'known' : await underAnotherName(rows, user));
  return users.map(({ id }) => outcomes.get(id) ?? 'created');
}

/** A user name gives way, an e-mail does not: it is what people sign in with. */
async function underAnotherName(rows: Rows, user: ImportedUser): Promise<ImportOutcome> {
  const holders = await rows<{ id: string }>(readUserByEmail, [user.email]);
  if (holders.length > 0) return 'email-taken';
  const username = `${user.username}-${user.id.slice(0, 8)}`;
  return (await insert(rows, [{ ...user, username }])).size > 0 ? 'created' : 'email-taken';
}

async function insert(rows: Rows, users: readonly ImportedUser[]): Promise<ReadonlySet<string>> {
  const made = await rows<{ id: string }>(importUsers, [
    textArray(users.map(({ id }) => id)),
    textArray(users.map(({ email }) => email)),
    textArray(users.map(({ username }) => username)),
    textArray(users.map(({ passwordHash }) => passwordHash)),
    textArray(users.map(({ firstName }) => firstName)),
    textArray(users.map(({ lastName }) => lastName)),
    textArray(users.map(({ profileImageUrl }) => profileImageUrl)),
    booleanArray(users.map(({ isActive }) => isActive)),
    booleanArray(users.map(({ isEmailVerified }) => isEmailVerified)),
    timeArray(users.map(({ lastLoginAt }) => lastLoginAt)),
    jsonArray(users.map(({ roles }) => roles)),
    timeArray(users.map(({ createdAt }) => createdAt)),
    timeArray(users.map(({ updatedAt }) => updatedAt)),
  ]);
  return new Set(made.map(({ id }) => id));
}
