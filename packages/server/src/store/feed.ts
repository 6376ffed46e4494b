/** Pages of the feed: what belongs to them, and the owners that must go in front. */
import type { RecordState, Registry } from '@ackord/core';
import type { FeedQuery, FeedRow, FeedRows, FeedScope, RecordKey, RecordText } from '../engine/ports.ts';
import type { Connection, SqlValue } from './connection.ts';
import type { Owners } from './owners.ts';
import type { Probe } from './probes.ts';
import { type RecordRow, recordOf } from './record-row.ts';
import { bigintArray, textArray, timeArray } from './sql-arrays.ts';
import type { Statement } from './statement.ts';
import { countFeed as countFeedRows } from './statements/feed/count-feed.ts';
import { readAncestors, readAncestorTexts } from './statements/feed/read-ancestors.ts';
import { readFeed, readFeedTexts } from './statements/feed/read-feed.ts';

/** In which form records are read. */
interface Form<Row extends OwnedRow, R extends FeedRow> {
  readonly page: Statement;
  readonly ancestors: Statement;
  readonly recordOf: (row: Row) => R;
}

type OwnedRow = Pick<RecordRow, 'scope_id' | 'type' | 'id' | 'owner_id' | 'tombstone'>;

interface TextRow extends OwnedRow {
  readonly seq: number;
  readonly text: string;
}

const AS_RECORDS: Form<RecordRow, RecordState> = { page: readFeed, ancestors: readAncestors, recordOf };

const AS_TEXTS: Form<TextRow, RecordText> = {
  page: readFeedTexts,
  ancestors: readAncestorTexts,
  recordOf: ({ scope_id: scope, type, id, seq, tombstone, text }) => ({
    scope,
    type,
    id,
    seq,
    tombstone,
    text,
  }),
};

export interface Reader {
  readonly connection: Connection;
  readonly registry: Registry;
  readonly owners: Owners;
}

export const readFeedPage = (reader: Reader, query: FeedQuery): Promise<FeedRows> =>
  readPageAs(AS_RECORDS, reader, query);

export const readFeedPageTexts = (reader: Reader, query: FeedQuery): Promise<FeedRows<RecordText>> =>
  readPageAs(AS_TEXTS, reader, query);

async function readPageAs<Row extends OwnedRow, R extends FeedRow>(
  form: Form<Row, R>,
  reader: Reader,
  query: FeedQuery,
): Promise<FeedRows<R>> {
  const parts = query.scopes.filter(isMoving);
  if (parts.length === 0) return { rows: [], ancestors: [] };
  const rows = await reader.connection.rows<Row>(form.page, [...conditions(query, parts), query.limit]);
  return {
    rows: rows.map(form.recordOf),
    ancestors: hasAllThatMoved(query, rows) ? [] : await ancestorsOf(form, reader, query, rows),
  };
}

/** Then all owners that moved are on the page, too. */
const hasAllThatMoved = ({ limit, endsAtHeads = false }: FeedQuery, rows: readonly object[]): boolean =>
  endsAtHeads && rows.length < limit;

export async function countFeed(connection: Connection, query: FeedQuery, countMax: number): Promise<number> {
  const parts = query.scopes.filter(isMoving);
  if (parts.length === 0) return 0;
  const [counted] = await connection.rows<{ count: number }>(countFeedRows, [
    ...conditions(query, parts),
    countMax,
  ]);
  return counted?.count ?? 0;
}

/** Most scopes of most pulls are quiet: they are not worth a probe. */
const isMoving = ({ after, upTo }: FeedScope): boolean => after < upTo;

const conditions = ({ types, priority }: FeedQuery, parts: readonly FeedScope[]): SqlValue[] => [
  textArray(parts.map(({ scope }) => scope)),
  bigintArray(parts.map(({ after }) => after)),
  bigintArray(parts.map(({ upTo }) => upTo)),
  parts.every(({ createdUntil }) => createdUntil === null)
    ? null
    : timeArray(parts.map(({ createdUntil }) => createdUntil)),
  types === null ? null : textArray(types),
  priority,
];

/** Owners that are on the page already are not asked for: their own owners are, with them. */
async function ancestorsOf<Row extends OwnedRow, R extends FeedRow>(
  form: Form<Row, R>,
  { connection, registry, owners }: Reader,
  query: FeedQuery,
  rows: readonly Row[],
): Promise<R[]> {
  const wanted = ownersElsewhere(registry, rows);
  if (wanted.length === 0) return [];
  const scopes = wanted.map(({ scope }) => scope);
  const places = new Set(scopes);
  const found = await connection.rows<Row>(form.ancestors, [
    ...conditions(
      query,
      query.scopes.filter(({ scope }) => places.has(scope)),
    ),
    textArray(scopes),
    textArray(wanted.map(({ type }) => type)),
    textArray(wanted.map(({ id }) => id)),
    owners.types,
    owners.ownerTypes,
  ]);
  const onPage = new Set(rows.map((row) => keyOf(row.scope_id, row)));
  return found.filter((row) => !onPage.has(keyOf(row.scope_id, row))).map(form.recordOf);
}

/** Owners of a page's rows that are not on it. Most rows have the owner of the row before: no key is made for them. */
function ownersElsewhere(registry: Registry, rows: readonly OwnedRow[]): Probe[] {
  const wanted = new Map<string, Probe>();
  const ids = new Set<string>();
  let before: OwnedRow | undefined;
  for (const row of rows) {
    const { scope_id: scope, owner_id: id } = row;
    const isAsBefore =
      before !== undefined && before.owner_id === id && before.type === row.type && before.scope_id === scope;
    if (id === null || row.tombstone !== null || isAsBefore) continue;
    before = row;
    const type = registry.types.get(row.type)?.owner?.type;
    if (type === undefined) continue;
    wanted.set(keyOf(scope, { type, id }), { scope, type, id });
    ids.add(id);
  }
  for (const row of rows) if (ids.has(row.id)) wanted.delete(keyOf(row.scope_id, row));
  return [...wanted.values()];
}

const keyOf = (scope: string, { type, id }: RecordKey): string => `${scope}\0${type}\0${id}`;
