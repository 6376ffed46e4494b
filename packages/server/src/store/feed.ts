/** Pages of the feed: what belongs to them, and the owners that must go in front. */
import type { RecordState, Registry } from '@ackord/core';
import type { FeedQuery, FeedRows, FeedScope, RecordKey } from '../engine/ports.ts';
import type { Connection, SqlValue } from './connection.ts';
import type { Owners } from './owners.ts';
import { distinctBy, type Probe } from './probes.ts';
import { type RecordRow, recordOf } from './record-row.ts';
import { bigintArray, textArray, timeArray } from './sql-arrays.ts';
import { countFeed as countFeedRows } from './statements/feed/count-feed.ts';
import { readAncestors } from './statements/feed/read-ancestors.ts';
import { readFeed } from './statements/feed/read-feed.ts';

export async function readFeedPage(
  connection: Connection,
  registry: Registry,
  owners: Owners,
  query: FeedQuery,
): Promise<FeedRows> {
  const parts = query.scopes.filter(isMoving);
  if (parts.length === 0) return { rows: [], ancestors: [] };
  const rows = await connection.rows<RecordRow>(readFeed, [...conditions(query, parts), query.limit]);
  return {
    rows: rows.map(recordOf),
    ancestors: await ancestorsOf(connection, registry, owners, query, rows),
  };
}

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
async function ancestorsOf(
  connection: Connection,
  registry: Registry,
  owners: Owners,
  query: FeedQuery,
  rows: readonly RecordRow[],
): Promise<RecordState[]> {
  const onPage = new Set(rows.map((row) => keyOf(row.scope_id, row)));
  const nearest = rows.flatMap((row) => ownerOf(registry, row));
  const wanted = distinctBy(nearest, (owner) => keyOf(owner.scope, owner)).filter(
    (owner) => !onPage.has(keyOf(owner.scope, owner)),
  );
  if (wanted.length === 0) return [];
  const scopes = wanted.map(({ scope }) => scope);
  const places = new Set(scopes);
  const found = await connection.rows<RecordRow>(readAncestors, [
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
  return found.filter((row) => !onPage.has(keyOf(row.scope_id, row))).map(recordOf);
}

function ownerOf(registry: Registry, row: RecordRow): Probe[] {
  const type = registry.types.get(row.type)?.owner?.type;
  if (type === undefined || row.owner_id === null || row.tombstone !== null) return [];
  return [{ scope: row.scope_id, type, id: row.owner_id }];
}

const keyOf = (scope: string, { type, id }: RecordKey): string => `${scope}\0${type}\0${id}`;
