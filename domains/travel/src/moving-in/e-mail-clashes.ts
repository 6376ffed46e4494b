/**
 * Users of the older server whose e-mails differ in case or blanks alone: there they were several, here an e-mail is
 * one user's. Who comes first gets it: the one who owns trips, else the older account.
 */
import { isUuid } from '@ackord/core';
import { quoted, type Source, type Table } from './source.ts';
import { idOf, stampOf, textOf } from './values.ts';

/** As e-mails are compared here. */
export const emailKeyOf = (email: string): string => email.trim().toLowerCase();

/** Position of each such user among those of the same e-mail, by id; 0 comes first. */
export type Ranks = ReadonlyMap<string, number>;

interface Twin {
  readonly id: string;
  readonly key: string;
  readonly createdAt: number;
}

export async function ranksOfTwins(source: Source, users: Table): Promise<Ranks> {
  const twins = await twinsIn(source, users);
  const owners = await ownersAmong(
    source,
    twins.map(({ id }) => id),
  );
  const isFirst = (id: string): number => (owners.has(id) ? 0 : 1);
  const order = [...twins].sort(
    (a, b) => isFirst(a.id) - isFirst(b.id) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  );
  const counts = new Map<string, number>();
  const ranks = new Map<string, number>();
  for (const { id, key } of order) {
    const rank = counts.get(key) ?? 0;
    counts.set(key, rank + 1);
    ranks.set(id, rank);
  }
  return ranks;
}

async function twinsIn(source: Source, users: Table): Promise<readonly Twin[]> {
  const [id, email, made] = ['id', 'email', 'createdAt'].map((name) => users.columns.get(name));
  if (!id || !email) return [];
  const key = (table: string) => `lower(btrim(${table}.${email.name}::text, E' \\t\\r\\n'))`;
  const rows = await source.rows(
    `SELECT ${id.value} AS id, ${email.value} AS email, ${made?.value ?? 'NULL'} AS made
     FROM ${quoted(users.name)} AS t
     WHERE ${key('t')} IN (SELECT ${key('u')} FROM ${quoted(users.name)} AS u GROUP BY 1 HAVING count(*) > 1)`,
  );
  return rows.flatMap((row) => {
    const [one, address] = [idOf(row.id), textOf(row.email)];
    if (one === null || !isUuid(one) || address === null) return [];
    return [{ id: one, key: emailKeyOf(address), createdAt: stampOf(row.made) ?? Number.MAX_SAFE_INTEGER }];
  });
}

/** Who of them owns trips. */
async function ownersAmong(source: Source, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const owners = new Set<string>();
  if (ids.length === 0) return owners;
  const trip = source.table('trip', ['ownerId']);
  const member = source.table('trip_membership', ['userId', 'role']);
  const [owner, user, role] = [
    trip?.columns.get('ownerId'),
    member?.columns.get('userId'),
    member?.columns.get('role'),
  ];
  const add = (rows: readonly { readonly [name: string]: unknown }[]): void => {
    for (const row of rows) owners.add(idOf(row.id) ?? '');
  };
  if (trip && owner)
    add(
      await source.rows(
        `SELECT DISTINCT ${owner.value} AS id FROM ${quoted(trip.name)} AS t WHERE ${owner.isListed}`,
        [ids],
      ),
    );
  if (member && user && role)
    add(
      await source.rows(
        `SELECT DISTINCT ${user.value} AS id FROM ${quoted(member.name)} AS t
       WHERE ${user.isListed} AND lower(${role.value}) = 'owner'`,
        [ids],
      ),
    );
  return owners;
}
