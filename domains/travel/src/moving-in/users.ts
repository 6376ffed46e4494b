/** Users come first: all else is somebody's. They keep their ids and their bcrypt hashes, which open at the next login. */
import { isUuid } from '@ackord/core';
import type { ImportedUser, UserStore } from '@ackord/server';
import { chunksOf } from './carry.ts';
import type { Report } from './report.ts';
import { pagesOf, type Row, type Source, type Table } from './source.ts';
import { idOf, stampOf, textOf } from './values.ts';

/** Nobody documented the column of the hash: the first that is there. */
const HASH_COLUMNS = ['passwordHash', 'password', 'password_hash'];
const COLUMNS = [
  'id',
  'email',
  'username',
  'firstName',
  'lastName',
  'profileImageUrl',
  'isActive',
  'isEmailVerified',
  'lastLoginAt',
  'roles',
  'createdAt',
  'updatedAt',
];
/** Users per statement. */
const CHUNK = 1_000;

export interface MovedUsers {
  /** Those that are here now. */
  readonly ids: ReadonlySet<string>;
  /** The one that registered before all others. */
  readonly first: string | null;
}

export async function moveUsers(
  source: Source,
  table: Table,
  users: UserStore,
  report: Report,
): Promise<MovedUsers> {
  const hashColumn = HASH_COLUMNS.find((name) => table.all.includes(name)) ?? null;
  if (hashColumn === null)
    report.note(
      `The table "user" has none of the columns ${HASH_COLUMNS.join(', ')}: users come without passwords.`,
    );
  const readTable = source.table('user', hashColumn === null ? COLUMNS : [...COLUMNS, hashColumn]) ?? table;
  const ids = new Set<string>();
  let first: { id: string; at: number } | null = null;
  for await (const rows of pagesOf(source, readTable)) {
    report.of('User').read += rows.length;
    const good = rows.flatMap((row) => userOf(row, hashColumn, report) ?? []);
    for (const chunk of chunksOf(good, CHUNK)) {
      for (const user of await bring(users, chunk, report)) {
        ids.add(user.id);
        if (first === null || user.createdAt < first.at) first = { id: user.id, at: user.createdAt };
      }
    }
  }
  return { ids, first: first?.id ?? null };
}

async function bring(
  users: UserStore,
  chunk: readonly ImportedUser[],
  report: Report,
): Promise<ImportedUser[]> {
  const counts = report.of('User');
  const outcomes = report.isDryRun ? await wouldBe(users, chunk) : await users.importUsers(chunk);
  return chunk.filter((user, index) => {
    switch (outcomes[index]) {
      case 'created':
        counts.created += 1;
        return true;
      case 'known':
        counts.unchanged += 1;
        return true;
      default:
        report.leftOut('User', {
          table: 'user',
          id: user.id,
          reason:
            'The e-mail belongs to a user of the new server already. Change one of the two, then run this again.',
        });
        return false;
    }
  });
}

/** A dry run writes nothing, so it sees no clash of e-mails. */
async function wouldBe(users: UserStore, chunk: readonly ImportedUser[]): Promise<('created' | 'known')[]> {
  const known = new Set((await users.usersById(chunk.map(({ id }) => id))).map(({ id }) => id));
  return chunk.map(({ id }) => (known.has(id) ? 'known' : 'created'));
}

function userOf(row: Row, hashColumn: string | null, report: Report): ImportedUser | null {
  const [id, email] = [idOf(row.id), textOf(row.email)?.trim() ?? null];
  if (id === null || !isUuid(id) || email === null || email === '') {
    const reason = 'It has no UUID or no e-mail.';
    report.leftOut('User', { table: 'user', id: id ?? '', reason });
    return null;
  }
  const createdAt = stampOf(row.createdAt) ?? Date.now();
  return {
    id,
    email,
    username: textOf(row.username) ?? email,
    passwordHash: hashColumn === null ? null : textOf(row[hashColumn]),
    firstName: textOf(row.firstName),
    lastName: textOf(row.lastName),
    profileImageUrl: textOf(row.profileImageUrl),
    isActive: row.isActive !== false,
    isEmailVerified: row.isEmailVerified === true,
    lastLoginAt: stampOf(row.lastLoginAt),
    roles: rolesOf(row.roles),
    createdAt,
    updatedAt: stampOf(row.updatedAt) ?? createdAt,
  };
}

/** A comma list; a list of PostgreSQL comes in braces. */
const rolesOf = (value: unknown): string[] =>
  (textOf(value) ?? '')
    .replace(/^\{(.*)\}$/s, '$1')
    .split(',')
    .map((role) => role.trim().replace(/^"(.*)"$/s, '$1'))
    .filter((role) => role !== '');
