/**
 * Tags and categories were everybody's over there; here each is somebody's. One whose creator is known is that one's.
 * Others belong to the users on whose memories they are: the one who uses a tag most keeps its id, each of the others
 * gets a copy with an id of its own, which their memories name instead. What nobody uses goes to the user who
 * registered first. Once decided it stays so in later runs, whatever is counted then.
 */
import { derivedUuid } from '@ackord/core';
import type { MovedRows } from '@ackord/server';
import { pagesOf, quoted, type Source, type Table } from './source.ts';
import type { MovedUsers } from './users.ts';
import { idOf } from './values.ts';

/** Ids by owner: of the record that each has of a tag or category. */
export type Holders = ReadonlyMap<string, string>;

export class TagOwners {
  readonly #holders = new Map<string, Map<string, string>>();
  readonly #keeper = new Map<string, string>();

  /** What a tag is for a user; null: none of it is theirs. */
  idFor(origin: string, user: string): string | null {
    return this.#holders.get(origin)?.get(user) ?? null;
  }

  /** What it is for a memory of a user: their own, else the one that keeps the id. */
  linkFor(origin: string, user: string): string {
    return this.idFor(origin, user) ?? origin;
  }

  holdersOf(origin: string): Holders {
    return this.#holders.get(origin) ?? new Map();
  }

  give(type: string, origin: string, users: readonly string[]): void {
    const holders = this.#holders.get(origin) ?? new Map<string, string>();
    this.#holders.set(origin, holders);
    for (const user of users) {
      if (holders.has(user)) continue;
      const isFirst = !this.#keeper.has(origin);
      if (isFirst) this.#keeper.set(origin, user);
      holders.set(user, isFirst ? origin : derivedUuid('moved', type, origin, user));
    }
  }

  /** As an earlier run decided. */
  know(origin: string, user: string, id: string): void {
    if (id === origin) this.#keeper.set(origin, user);
    this.#holders.set(origin, (this.#holders.get(origin) ?? new Map<string, string>()).set(user, id));
  }
}

const PAGE = 5_000;

/** What earlier runs decided about a type. */
export async function recall(moved: MovedRows, type: string, owners: TagOwners): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const rows: Awaited<ReturnType<MovedRows['page']>> = await moved.page(type, after, PAGE);
    for (const { originId, actor, id } of rows) owners.know(originId, actor, id);
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE) return;
  }
}

/** How often each user has each tag on memories. */
export type Uses = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface UseTables {
  readonly memory: Table | null;
  readonly tagsOfMemories: Table | null;
}

/** `userOf`: on whose account a memory goes, by its creator and its trip; null: on nobody's. */
export async function countUses(
  source: Source,
  { memory, tagsOfMemories }: UseTables,
  userOf: (creator: string | null, trip: string | null) => string | null,
): Promise<Uses> {
  const uses = new Map<string, Map<string, number>>();
  const [memoryId, tagId] = [tagsOfMemories?.columns.get('memoryId'), tagsOfMemories?.columns.get('tagId')];
  const [id, trip, creator] = ['id', 'tripId', 'creatorId'].map((name) => memory?.columns.get(name));
  if (!memory || !tagsOfMemories || !memoryId || !tagId || !id || !trip) return uses;
  const made = creator ? `m.${creator.name}::text` : 'NULL';
  const rows = await source.rows(
    `SELECT t.${tagId.name}::text AS tag, ${made} AS creator, m.${trip.name}::text AS trip, count(*)::float8 AS uses
     FROM ${quoted(tagsOfMemories.name)} AS t JOIN ${quoted(memory.name)} AS m ON m.${id.name} = t.${memoryId.name}
     GROUP BY 1, 2, 3`,
  );
  for (const row of rows) {
    const [tag, user] = [idOf(row.tag), userOf(idOf(row.creator), idOf(row.trip))];
    if (tag === null || user === null) continue;
    const mine = uses.get(tag) ?? new Map<string, number>();
    uses.set(tag, mine.set(user, (mine.get(user) ?? 0) + Number(row.uses)));
  }
  return uses;
}

/** Most uses first; equal ones in order of their ids, so that every run finds the same. */
export const byUse = (uses: ReadonlyMap<string, number> | undefined): string[] =>
  [...(uses ?? [])].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([user]) => user);

export interface Sharing {
  readonly source: Source;
  readonly owners: TagOwners;
  readonly users: MovedUsers;
  readonly note: (text: string) => void;
}

/**
 * Gives every row of a table to its users. `usersOf`: those who use it, the one who does most first. What belongs to
 * users who were left out, and to nobody else, waits for them.
 */
export async function shareOut(
  { source, owners, users, note }: Sharing,
  type: string,
  table: Table,
  usersOf: (id: string) => readonly string[],
): Promise<void> {
  for await (const rows of pagesOf(source, table)) {
    for (const row of rows) {
      const [id, creator] = [idOf(row.id), idOf(row.creatorId)];
      if (id === null) continue;
      const isNew = owners.holdersOf(id).size === 0;
      const isMade = creator !== null && (users.ids.has(creator) || users.leftOut.has(creator));
      const all = isMade ? [creator] : usersOf(id);
      const using = all.filter((user) => users.ids.has(user));
      if (using.length === 0 && (all.length > 0 || !isNew)) continue;
      owners.give(type, id, using.length > 0 || users.first === null ? using : [users.first]);
      if (!isNew || isMade) continue;
      if (using.length === 0)
        note(`${type} ${id}: nobody uses it; it goes to the user who registered first (${users.first}).`);
      else if (using.length > 1)
        note(`${type} ${id}: ${using.length} users use it; ${using[0]} keeps it, the others get copies.`);
    }
  }
}
