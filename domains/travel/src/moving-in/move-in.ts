/**
 * Moves a travel journal in from the older server, whose tables it reads and never writes. May be run again and again,
 * while both servers are at work: what is here already is left alone, what changed there is changed here. Reads from
 * start to end: users, then what belongs to them, then trips with all that is in them, then what was deleted.
 */
import type { Engine, MovedRows, Store, UserStore } from '@ackord/server';
import { type Carrying, carry, type Item } from './carry.ts';
import { type GoneParts, removeGone } from './gone.ts';
import { moveMembers } from './members.ts';
import { type MovingReport, Report } from './report.ts';
import { moveRoutes } from './routes.ts';
import { pagesOf, quoted, type Row, type Source, type Table } from './source.ts';
import { type MovedTable, type MovedType, TABLES } from './tables.ts';
import { byUse, countUses, recall, shareOut, TagOwners, type Uses } from './tag-owners.ts';
import { buryOld } from './tombstones.ts';
import { membersOf, oldOwnerOf, ownerHere, rolesHere } from './trip-owners.ts';
import { type MovedUsers, moveUsers } from './users.ts';
import { changedAt, idOf, instantOf, stampOf } from './values.ts';

export interface MovingIn {
  readonly source: Source;
  readonly engine: Engine;
  readonly store: Store;
  readonly users: UserStore;
  readonly moved: MovedRows;
  /** Reads and counts, and writes nothing. */
  readonly isDryRun: boolean;
  /** Told the name of each table before it is read. */
  readonly onStep?: (table: string) => void;
}

export type MovingResult =
  | { readonly ok: true; readonly report: MovingReport }
  /** It is no database of the older server; nothing was written. */
  | { readonly ok: false; readonly message: string };

/** Throws a MovingStopped when it can't go on, and what reading the source throws. */
export async function moveIn(options: MovingIn): Promise<MovingResult> {
  const { source, moved, isDryRun } = options;
  const report = new Report(isDryRun);
  const userTable = source.table('user', ['id']);
  const tripTable = source.table('trip', ['id', 'ownerId']);
  if (!userTable || !tripTable)
    return {
      ok: false,
      message: `The database ${quoted(source.name)} has no tables "user" and "trip" that can be read: is it the one of the older server, and may the login read it?`,
    };
  options.onStep?.('user');
  const users = await moveUsers(source, userTable, options.users, report);
  await new Journal({ ...options, report, moved, isDryRun }, users).move();
  return { ok: true, report };
}

type Parts = Omit<MovingIn, 'users'> & Carrying;

/** What is in a trip, and what is somebody's: everything but the users. */
class Journal {
  readonly #parts: Parts;
  readonly #users: MovedUsers;
  /** Who speaks for a trip. */
  readonly #owners = new Map<string, string>();
  readonly #tags = new TagOwners();
  readonly #categories = new TagOwners();

  constructor(parts: Parts, users: MovedUsers) {
    this.#parts = parts;
    this.#users = users;
  }

  async move(): Promise<void> {
    await this.#findOwners();
    await this.#shareTags();
    await this.#shared('TagCategory', this.#categories, (row) => row);
    await this.#shared('Tag', this.#tags, (row, user) => this.#tagFields(row, user));
    await this.#bucketList();
    await this.#trips();
    const members = this.#parts.source.table('trip_membership', ['id', 'userId', 'tripId', 'role']);
    if (members) {
      this.#parts.onStep?.(members.name);
      await moveMembers({ ...this.#parts, users: this.#users.ids }, members);
    }
    await this.#memories();
    await this.#mediaItems();
    await this.#gpxTracks();
    await moveRoutes(this.#parts, this.#owners);
    for (const type of ['MediaItem', 'GPXTrack', 'Memory', 'Trip'] as const) await this.#removeGone(type);
    await this.#tombstones();
  }

  /** null: there is no such table, or nothing in it that could be taken over; that is told. */
  #table(type: MovedType, more: readonly string[] = []): Table | null {
    const { source, report } = this.#parts;
    const { name, fields, needed, creator }: MovedTable = TABLES[type];
    const table = source.table(name, ['id', 'createdAt', 'updatedAt', creator, ...fields, ...more]);
    const missing = ['id', ...needed].filter((column) => !table?.columns.has(column));
    if (table && missing.length === 0) return table;
    const what = table ? `has no column ${missing.join(', ')}` : 'is not there, or may not be read';
    report.problem({ table: name, id: '', reason: `The table ${what}: nothing of it was taken over.` });
    return null;
  }

  async #findOwners(): Promise<void> {
    const { source, store, moved } = this.#parts;
    const trips = source.table('trip', ['id', 'ownerId']);
    const members = source.table('trip_membership', ['id', 'userId', 'tripId', 'role']);
    if (!trips) return;
    for await (const rows of pagesOf(source, trips)) {
      const ids = rows.flatMap((row) => idOf(row.id) ?? []);
      const [roles, known] = [await rolesHere(store, ids), await moved.read('Trip', ids)];
      const before = new Map(known.map(({ id, actor }) => [id, actor]));
      const theirs = new Map<string, Awaited<ReturnType<typeof membersOf>>[number][]>();
      for (const member of await membersOf(source, members, ids))
        theirs.set(member.tripId, [...(theirs.get(member.tripId) ?? []), member]);
      for (const row of rows) {
        const id = idOf(row.id) ?? '';
        const here = ownerHere(roles.get(id), before.get(id) ?? null);
        const owner = here ?? oldOwnerOf(idOf(row.ownerId), theirs.get(id) ?? [], this.#users.ids);
        if (owner !== null) this.#owners.set(id, owner);
      }
    }
  }

  /** On whose account a memory goes: its creator's, else the owner's of its trip. */
  #userOf(creator: string | null, trip: string | null): string | null {
    if (creator !== null && this.#users.ids.has(creator)) return creator;
    return this.#owners.get(trip ?? '') ?? null;
  }

  async #shareTags(): Promise<void> {
    const { source, moved, report } = this.#parts;
    const [tags, categories] = [this.#table('Tag'), this.#table('TagCategory')];
    await recall(moved, 'Tag', this.#tags);
    await recall(moved, 'TagCategory', this.#categories);
    const tables = {
      memory: source.table('memory', ['id', 'tripId', 'creatorId']),
      tagsOfMemories: source.table('memory_tags_tag', ['memoryId', 'tagId']),
    };
    const uses = await countUses(source, tables, (creator, trip) => this.#userOf(creator, trip));
    const sharing = { source, users: this.#users, note: (text: string) => report.note(text) };
    if (tags) await shareOut({ ...sharing, owners: this.#tags }, 'Tag', tags, (id) => byUse(uses.get(id)));
    if (!categories) return;
    const ofCategories = tags ? await this.#usesOfCategories(tags) : new Map();
    await shareOut({ ...sharing, owners: this.#categories }, 'TagCategory', categories, (id) =>
      byUse(ofCategories.get(id)),
    );
  }

  /** How many tags of each user are in a category. */
  async #usesOfCategories(tags: Table): Promise<Uses> {
    const uses = new Map<string, Map<string, number>>();
    for await (const rows of pagesOf(this.#parts.source, tags)) {
      for (const row of rows) {
        const category = idOf(row.categoryId);
        if (category === null) continue;
        const mine = uses.get(category) ?? new Map<string, number>();
        uses.set(category, mine);
        for (const user of this.#tags.holdersOf(idOf(row.id) ?? '').keys())
          mine.set(user, (mine.get(user) ?? 0) + 1);
      }
    }
    return uses;
  }

  /** Tags and categories: a record for each user who has one. */
  async #shared(
    type: 'Tag' | 'TagCategory',
    owners: TagOwners,
    adapted: (row: Row, user: string) => Row,
  ): Promise<void> {
    const table = this.#table(type);
    if (!table) return;
    await this.#removeGone(type);
    const related = type === 'Tag' ? await this.#relatedTags() : null;
    await this.#eachPage(type, table, {}, (row) => {
      const origin = idOf(row.id) ?? '';
      const holders = [...owners.holdersOf(origin)];
      if (holders.length === 0) return 'There is no user whom it could belong to.';
      return holders.map(([user, id]) => ({
        ...this.#item(type, table, adapted(row, user), user, null),
        id,
        originId: origin,
        ...(related && {
          fields: {
            ...this.#fieldsOf(type, table, adapted(row, user)),
            relatedTagIds: (related.get(origin) ?? []).flatMap((tag) => this.#tags.idFor(tag, user) ?? []),
          },
        }),
      }));
    });
  }

  #tagFields(row: Row, user: string): Row {
    const category = idOf(row.categoryId);
    return { ...row, categoryId: category === null ? null : this.#categories.idFor(category, user) };
  }

  async #relatedTags(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { source } = this.#parts;
    const name = source.table('tag_related_tags', []) ? 'tag_related_tags' : 'tag_related_tags_tag';
    const [from, to] = source.table(name, [])?.all ?? [];
    const related = new Map<string, string[]>();
    if (from === undefined || to === undefined) return related;
    const rows = await source.rows(
      `SELECT t.${quoted(from)}::text AS tag, t.${quoted(to)}::text AS other FROM ${quoted(name)} AS t ORDER BY 1, 2`,
    );
    for (const row of rows) {
      const tag = String(row.tag);
      related.set(tag, [...(related.get(tag) ?? []), String(row.other)]);
    }
    return related;
  }

  async #bucketList(): Promise<void> {
    const table = this.#table('BucketListItem');
    if (!table) return;
    await this.#removeGone('BucketListItem');
    await this.#eachPage('BucketListItem', table, {}, (row) => {
      const creator = idOf(row.creatorId);
      if (creator === null || !this.#users.ids.has(creator))
        return 'It has no creator among the users that were taken over, so nobody could see it.';
      return [this.#item('BucketListItem', table, row, creator, null)];
    });
  }

  async #trips(): Promise<void> {
    const table = this.#table('Trip');
    if (!table) return;
    await this.#eachPage('Trip', table, {}, (row) => {
      const owner = this.#owners.get(idOf(row.id) ?? '');
      return owner === undefined
        ? 'It has no owner and no editor among the users that were taken over.'
        : [this.#item('Trip', table, row, owner, null)];
    });
  }

  async #memories(): Promise<void> {
    const table = this.#table('Memory');
    if (!table) return;
    const { source } = this.#parts;
    const links = source.table('memory_tags_tag', ['memoryId', 'tagId']);
    await this.#eachPage(
      'Memory',
      table,
      {},
      (row) => {
        const [trip, creator] = [idOf(row.tripId), idOf(row.creatorId)];
        const owner = this.#owners.get(trip ?? '');
        if (owner === undefined) return TRIP_MISSING;
        return [this.#item('Memory', table, row, owner, creator)];
      },
      async (rows) => this.#withTags(rows, links),
    );
  }

  /** Memories name the tags of the user on whose account they go. */
  async #withTags(rows: readonly Row[], links: Table | null): Promise<readonly Row[]> {
    const [memoryId, tagId] = [links?.columns.get('memoryId'), links?.columns.get('tagId')];
    if (!links || !memoryId || !tagId) return rows;
    const found = await this.#parts.source.rows(
      `SELECT t.${memoryId.name}::text AS memory, t.${tagId.name}::text AS tag FROM ${quoted(links.name)} AS t
       WHERE ${memoryId.isListed} ORDER BY 1, 2`,
      [rows.map((row) => row.id)],
    );
    const tags = new Map<string, string[]>();
    for (const row of found) {
      const memory = String(row.memory);
      tags.set(memory, [...(tags.get(memory) ?? []), String(row.tag)]);
    }
    return rows.map((row) => {
      const user = this.#userOf(idOf(row.creatorId), idOf(row.tripId)) ?? '';
      const mine = (tags.get(String(row.id)) ?? []).map((tag) => this.#tags.linkFor(tag, user));
      return { ...row, tagIds: [...new Set(mine)] };
    });
  }

  async #mediaItems(): Promise<void> {
    const table = this.#table('MediaItem');
    const memory = this.#parts.source.table('memory', ['id', 'tripId']);
    const [memoryId, id, trip] = [
      table?.columns.get('memoryId'),
      memory?.columns.get('id'),
      memory?.columns.get('tripId'),
    ];
    if (!table || !memory || !memoryId || !id || !trip) return;
    const tripOf = `(SELECT m.${trip.name}::text FROM ${quoted(memory.name)} AS m WHERE m.${id.name} = t.${memoryId.name})`;
    await this.#eachPage('MediaItem', table, { tripId: tripOf }, (row) => {
      const owner = this.#owners.get(idOf(row.tripId) ?? '');
      if (owner === undefined) return 'Its memory is not there, or the trip of that was not taken over.';
      return [this.#item('MediaItem', table, row, owner, idOf(row.uploaderId))];
    });
  }

  async #gpxTracks(): Promise<void> {
    const table = this.#table('GPXTrack');
    const memory = this.#parts.source.table('memory', ['id', 'gpxTrackId']);
    const [id, track] = [memory?.columns.get('id'), memory?.columns.get('gpxTrackId')];
    if (!table) return;
    // The link stands on the memory over there.
    const memoryId =
      memory && id && track
        ? `(SELECT m.${id.name}::text FROM ${quoted(memory.name)} AS m WHERE m.${track.name} = t.${table.columns.get('id')?.name} ORDER BY 1 LIMIT 1)`
        : 'NULL';
    await this.#eachPage('GPXTrack', table, { memoryId }, (row) => {
      const owner = this.#owners.get(idOf(row.tripId) ?? '');
      return owner === undefined ? TRIP_MISSING : [this.#item('GPXTrack', table, row, owner, null)];
    });
  }

  async #tombstones(): Promise<void> {
    const { source, report } = this.#parts;
    const log = source.table('deletion_log', ['entityId', 'entityType', 'deletedAt', 'tripId', 'ownerId']);
    if (!log) {
      report.note('There is no table "deletion_log": apps are not told what was deleted before.');
      return;
    }
    this.#parts.onStep?.(log.name);
    const memory = source.table('memory', ['id', 'tripId']);
    for (const type of Object.keys(TABLES) as MovedType[]) {
      const table = source.table(TABLES[type].name, ['id']);
      if (table) await buryOld({ ...this.#parts, log, memory, users: this.#users.ids }, type, table);
    }
  }

  async #removeGone(type: MovedType): Promise<void> {
    const { source } = this.#parts;
    const table = source.table(TABLES[type].name, ['id']);
    if (!table) return;
    const log = source.table('deletion_log', ['entityId', 'deletedAt']);
    const parts: GoneParts = { ...this.#parts, log };
    await removeGone(parts, type, table);
  }

  /** `items`: what a row becomes, or why it is left out. */
  async #eachPage(
    type: MovedType,
    table: Table,
    more: { readonly [name: string]: string },
    items: (row: Row) => readonly Item[] | string,
    prepare: (rows: readonly Row[]) => Promise<readonly Row[]> = async (rows) => rows,
  ): Promise<void> {
    const { source, report } = this.#parts;
    this.#parts.onStep?.(table.name);
    for await (const page of pagesOf(source, table, more)) {
      report.of(type).read += page.length;
      const all: Item[] = [];
      for (const row of await prepare(page)) {
        const made = items(row);
        if (typeof made === 'string')
          report.leftOut(type, { table: table.name, id: String(row.id), reason: made });
        else all.push(...made);
      }
      await carry(this.#parts, all);
    }
  }

  #item(type: MovedType, table: Table, row: Row, actor: string, creator: string | null): Item {
    const id = idOf(row.id) ?? '';
    const at = stampOf(row.createdAt);
    const by = creator !== null && this.#users.ids.has(creator) ? creator : actor;
    return {
      type,
      table: table.name,
      id,
      originId: id,
      actor,
      fields: this.#fieldsOf(type, table, row),
      created: at === null ? null : { by, at },
      time: changedAt(row),
    };
  }

  /** Nothing stands for "left as it is by default", where the column may not be empty here. */
  #fieldsOf(type: MovedType, table: Table, row: Row): Item['fields'] {
    const fields: { [field: string]: unknown } = {};
    const definition = this.#parts.engine.registry.type(`travel.${type}`).fields;
    for (const name of [...TABLES[type].fields, 'tagIds', 'memoryId']) {
      const field = definition.get(name);
      if (!field || row[name] === undefined) continue;
      const value = table.columns.get(name)?.isTime ? instantOf(row[name]) : row[name];
      if (value !== null || field.nullable) fields[name] = value;
    }
    return fields;
  }
}

const TRIP_MISSING = 'Its trip is not there or was not taken over.';
