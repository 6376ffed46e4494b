/** Users come first: all else is somebody's. They keep their ids and their bcrypt hashes, which open at the next login. */
import { isUuid } from '@ackord/core';
import { groupBy, type ImportedUser, type ImportOutcome, type UserStore } from '@ackord/server';
import { chunksOf } from './carry.ts';
import { emailKeyOf, type Ranks, ranksOfTwins } from './e-mail-clashes.ts';
import { inParallel } from './in-parallel.ts';
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
const LOOKS_AT_ONCE = 3;

export interface MovedUsers {
  /** Those that are here now. */
  readonly ids: ReadonlySet<string>;
  /** Those that are there and are not here: what is theirs waits for them. */
  readonly leftOut: ReadonlySet<string>;
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
  const ranks = await ranksOfTwins(source, readTable);
  const run = new Run(users, report, ranks);
  const twins: { readonly rank: number; readonly user: ImportedUser }[] = [];
  for await (const rows of pagesOf(source, readTable)) {
    report.of('User').read += rows.length;
    const single: ImportedUser[] = [];
    for (const row of rows) {
      const user = run.userOf(row, hashColumn);
      const rank = user && ranks.get(user.id);
      if (user && rank !== null && rank !== undefined) twins.push({ rank, user });
      else if (user) single.push(user);
    }
    await run.bring(single);
  }
  twins.sort((a, b) => a.rank - b.rank);
  for (const list of groupBy(twins, ({ rank }) => String(rank)).values())
    await run.bring(list.map(({ user }) => user));
  return run;
}

class Run implements MovedUsers {
  readonly ids = new Set<string>();
  readonly leftOut = new Set<string>();
  first: string | null = null;
  #firstAt = Number.POSITIVE_INFINITY;
  /** E-mails of this run. */
  readonly #emails = new Map<string, string>();
  readonly #users: UserStore;
  readonly #report: Report;

  readonly #ranks: Ranks;

  constructor(users: UserStore, report: Report, ranks: Ranks) {
    this.#users = users;
    this.#report = report;
    this.#ranks = ranks;
  }

  userOf(row: Row, hashColumn: string | null): ImportedUser | null {
    const user = userOf(row, hashColumn);
    if (typeof user !== 'string') return user;
    const id = idOf(row.id) ?? '';
    if (id !== '') this.leftOut.add(id);
    this.#report.leftOut('User', { table: 'user', id, reason: user });
    return null;
  }

  async bring(users: readonly ImportedUser[]): Promise<void> {
    for (const chunk of chunksOf(users, CHUNK)) {
      const outcomes = this.#report.isDryRun
        ? await this.#wouldBe(chunk)
        : await this.#users.importUsers(chunk);
      for (const [index, user] of chunk.entries()) {
        const outcome = outcomes[index] ?? 'email-taken';
        if (outcome === 'email-taken') await this.#refuse(user);
        else this.#take(user, outcome);
      }
    }
  }

  #take({ id, email, createdAt }: ImportedUser, outcome: 'created' | 'known'): void {
    this.#report.of('User')[outcome === 'created' ? 'created' : 'unchanged'] += 1;
    this.ids.add(id);
    if (outcome === 'created') this.#emails.set(emailKeyOf(email), id);
    if (createdAt >= this.#firstAt) return;
    [this.first, this.#firstAt] = [id, createdAt];
  }

  async #refuse(user: ImportedUser): Promise<void> {
    this.leftOut.add(user.id);
    const reason = `${await this.#holderOf(user)} Change the e-mail of ${user.id}, which was left out, over there and run this again.`;
    this.#report.leftOut('User', { table: 'user', id: user.id, reason });
  }

  /** Who has the e-mail, without the e-mail itself. */
  async #holderOf({ email }: ImportedUser): Promise<string> {
    const twin = this.#emails.get(emailKeyOf(email));
    if (twin !== undefined)
      return `Its e-mail is, but for case or blanks, that of the user ${twin}, who came in by this same run.`;
    const holder = (await this.#users.credentialsByEmail(email))?.user.id;
    return holder !== undefined && (this.ids.has(holder) || this.#ranks.has(holder))
      ? `Its e-mail is, but for case or blanks, that of the user ${holder}, who came in by an earlier run.`
      : 'Its e-mail belongs to a user of the new server already.';
  }

  /** What a run would come to, without writing. */
  async #wouldBe(chunk: readonly ImportedUser[]): Promise<readonly ImportOutcome[]> {
    const known = new Set((await this.#users.usersById(chunk.map(({ id }) => id))).map(({ id }) => id));
    const taken = new Set<string>();
    await inParallel(chunk, LOOKS_AT_ONCE, async ({ id, email }) => {
      if (known.has(id)) return;
      const isTaken = this.#emails.has(emailKeyOf(email)) || (await this.#users.credentialsByEmail(email));
      if (isTaken) taken.add(id);
    });
    return chunk.map(({ id }) => (known.has(id) ? 'known' : taken.has(id) ? 'email-taken' : 'created'));
  }
}

/** Or why there is none. */
function userOf(row: Row, hashColumn: string | null): ImportedUser | string {
  const [id, email] = [idOf(row.id), textOf(row.email)?.trim() ?? null];
  if (id === null || !isUuid(id) || email === null || email === '') return 'It has no UUID or no e-mail.';
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
