/** Tags and their categories: who gets which (tag-owners.ts), then a record for each user who has one. */
import { deleteGone, itemOf, type Move, moveTable, tableOf, userOf } from './move.ts';
import { pagesOf, quoted, type Row, type Table } from './source.ts';
import { byUse, countUses, recall, shareOut, TagOwners, type Uses } from './tag-owners.ts';
import { idOf } from './values.ts';

/** Whose tags are whose, for the memories that name them. */
export async function moveTags(move: Move): Promise<TagOwners> {
  const [tags, categories] = [new TagOwners(), new TagOwners()];
  const tagTable = tableOf(move, 'Tag');
  const categoryTable = tableOf(move, 'TagCategory');
  await recall(move.moved, 'Tag', tags);
  await recall(move.moved, 'TagCategory', categories);
  const sharing = { source: move.source, users: move.users, note: (text: string) => move.report.note(text) };
  if (tagTable) {
    const uses = await usesOfTags(move);
    await shareOut({ ...sharing, owners: tags }, 'Tag', tagTable, (id) => byUse(uses.get(id)));
  }
  if (categoryTable) {
    const uses = tagTable ? await usesOfCategories(move, tagTable, tags) : new Map();
    await shareOut({ ...sharing, owners: categories }, 'TagCategory', categoryTable, (id) =>
      byUse(uses.get(id)),
    );
    await moveShared(move, 'TagCategory', categoryTable, categories, (row) => row);
  }
  if (tagTable) {
    const related = await relatedTags(move);
    await moveShared(move, 'Tag', tagTable, tags, (row, user) => {
      const category = idOf(row.categoryId);
      const others = related.get(idOf(row.id) ?? '') ?? [];
      return {
        ...row,
        categoryId: category === null ? null : categories.idFor(category, user),
        relatedTagIds: others.flatMap((tag) => tags.idFor(tag, user) ?? []),
      };
    });
  }
  return tags;
}

/** `adapted`: the row in terms of the user who gets it. */
async function moveShared(
  move: Move,
  type: 'Tag' | 'TagCategory',
  table: Table,
  owners: TagOwners,
  adapted: (row: Row, user: string) => Row,
): Promise<void> {
  // Names are unique: what is gone must not be in the way of what took its place.
  await deleteGone(move, type);
  await moveTable(move, {
    type,
    table,
    items: (row) => {
      const holders = [...owners.holdersOf(idOf(row.id) ?? '')];
      if (holders.length === 0)
        return move.users.leftOut.size > 0 ? null : 'There is no user whom it could belong to.';
      return holders.map(([user, id]) => {
        const item = { ...itemOf(move, { type, table }, adapted(row, user), user), id };
        if (id === item.originId) return item;
        const countAs = `${type} (copies)`;
        move.report.of(countAs).read += 1;
        return { ...item, countAs };
      });
    },
  });
}

function usesOfTags(move: Move): Promise<Uses> {
  const { source } = move;
  const tables = {
    memory: source.table('memory', ['id', 'tripId', 'creatorId']),
    tagsOfMemories: source.table('memory_tags_tag', ['memoryId', 'tagId']),
  };
  return countUses(source, tables, (creator, trip) => userOf(move, creator, trip));
}

/** How many tags of each user are in a category. */
async function usesOfCategories({ source, users }: Move, table: Table, tags: TagOwners): Promise<Uses> {
  // Stands for those whose tags wait: what is in use by them is not nobody's.
  const [waiting] = users.leftOut;
  const uses = new Map<string, Map<string, number>>();
  for await (const rows of pagesOf(source, table)) {
    for (const row of rows) {
      const category = idOf(row.categoryId);
      if (category === null) continue;
      const mine = uses.get(category) ?? new Map<string, number>();
      uses.set(category, mine);
      const holders = [...tags.holdersOf(idOf(row.id) ?? '').keys()];
      if (holders.length === 0 && waiting !== undefined) holders.push(waiting);
      for (const user of holders) mine.set(user, (mine.get(user) ?? 0) + 1);
    }
  }
  return uses;
}

/** By whichever name the table of the relation has; its columns are the tag and the other one. */
async function relatedTags({ source, report }: Move): Promise<ReadonlyMap<string, readonly string[]>> {
  const name = source.table('tag_related_tags', []) ? 'tag_related_tags' : 'tag_related_tags_tag';
  const [from, to] = source.table(name, [])?.all ?? [];
  const related = new Map<string, string[]>();
  if (from === undefined || to === undefined) {
    report.note('There is no table "tag_related_tags": tags come without the related ones.');
    return related;
  }
  const rows = await source.rows(
    `SELECT t.${quoted(from)}::text AS tag, t.${quoted(to)}::text AS other FROM ${quoted(name)} AS t ORDER BY 1, 2`,
  );
  for (const row of rows) {
    const tag = String(row.tag);
    related.set(tag, [...(related.get(tag) ?? []), String(row.other)]);
  }
  return related;
}
