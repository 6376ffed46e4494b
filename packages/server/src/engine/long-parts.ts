/**
 * The feed as text. A long part of a scope, as new devices read it, is the same for everybody who may see the scope: it
 * is kept under the scope, where the scope stands, and what was asked for. So it is never wrong, only of no more use
 * once something has been committed there. The caller's role is known before.
 */
import { LIMITS } from '@ackord/core';
import { type AskedPart, type FeedPart, partOf, withoutMovedElsewhere } from './feed-part.ts';
import type {
  CachedPages,
  FeedQuery,
  FeedRow,
  FeedRows,
  FeedScope,
  PageName,
  RecordsText,
  RecordText,
} from './ports.ts';

type TextPart = FeedPart<RecordsText>;

/** Begins with long scopes, so that the parts of the first one begin at the same places for everybody. */
export const longFirst = (scopes: readonly FeedScope[], limit: number): readonly FeedScope[] => [
  ...scopes.filter((part) => isLong(part, limit)),
  ...scopes.filter((part) => !isLong(part, limit)),
];

export async function readTexts(pages: CachedPages, asked: AskedPart): Promise<TextPart> {
  const { query } = asked;
  const [first, ...others] = query.scopes;
  if (!first || !isLong(first, query.limit)) return readRows(asked);
  const long = await readLong(pages, asked, first);
  if (others.length === 0 || long.rows >= query.limit) return long;
  // It was shorter than it looked: many of its changes were of the same records.
  const rest = await readRows({
    ...asked,
    query: { ...query, scopes: others, limit: query.limit - long.rows },
  });
  return {
    records: [...long.records, ...rest.records],
    count: long.count + rest.count,
    rows: long.rows + rest.rows,
    last: rest.last ?? long.last,
  };
}

/** How many rows the query would give in total, counted up to LIMITS.countedRowsMax. */
export async function countTexts(pages: CachedPages, { snapshot, query }: AskedPart): Promise<number> {
  const countIn = (scopes: readonly FeedScope[]) =>
    snapshot.count({ ...query, scopes }, LIMITS.countedRowsMax);
  const isLongHere = (part: FeedScope): boolean => isLong(part, query.limit);
  let sum = await countIn(query.scopes.filter((part) => !isLongHere(part)));
  for (const part of query.scopes.filter(isLongHere)) {
    if (sum >= LIMITS.countedRowsMax) break;
    const name = { ...nameOf(query, part), format: 'feed-count-1' };
    const kept = await pages.get(name);
    const count = kept ? Number(new TextDecoder().decode(kept)) : await countIn([part]);
    if (!kept) pages.set(name, new TextEncoder().encode(String(count)));
    sum += count;
  }
  return Math.min(LIMITS.countedRowsMax, sum);
}

/** What fills less than this part of a page is not worth a place. */
const KEPT_MIN = 1 / 4;

/** It may fill a page. */
const isLong = ({ after, upTo }: FeedScope, limit: number): boolean => upTo - after >= limit;

const readRows = async (asked: AskedPart): Promise<TextPart> =>
  rowByRow(asked, await asked.snapshot.feedTexts(asked.query));

async function rowByRow({ snapshot, roles }: AskedPart, found: FeedRows<RecordText>): Promise<TextPart> {
  const part = await partOf(found, (rows) => withoutMovedElsewhere(snapshot, rows, roles));
  return { ...part, records: asText(part.records) };
}

async function readLong(pages: CachedPages, asked: AskedPart, scope: FeedScope): Promise<TextPart> {
  const query = { ...asked.query, scopes: [scope] };
  const name = nameOf(query, scope);
  const kept = await pages.get(name);
  if (kept) return partFrom(kept, scope.scope);
  const found = await asked.snapshot.feedTexts(query);
  const part = await rowByRow(asked, found);
  // Who is told of what has moved away depends on what else they may see.
  const isForAll = !found.rows.some(({ tombstone }) => tombstone?.kind === 'moved');
  if (isForAll && part.rows >= query.limit * KEPT_MIN) pages.set(name, bytesOf(part));
  return part;
}

const asText = (rows: readonly RecordText[]): readonly RecordsText[] =>
  rows.length > 0 ? [{ utf8: Buffer.from(rows.map(({ text }) => text).join()) }] : [];

const nameOf = ({ types, priority, limit }: FeedQuery, { scope, after, upTo }: FeedScope): PageName => ({
  scope,
  head: upTo,
  filter: JSON.stringify([types && [...new Set(types)].sort(), priority, after, limit]),
  format: 'feed-1',
});

interface Facts extends Pick<FeedRow, 'seq'>, Pick<TextPart, 'count' | 'rows'> {}

/** A line of facts, then the records. */
function bytesOf({ records, count, rows, last }: TextPart): Uint8Array {
  const facts: Facts = { count, rows, seq: last?.seq ?? 0 };
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), ...records.map(({ utf8 }) => utf8)]);
}

function partFrom(kept: Uint8Array, scope: string): TextPart {
  const end = kept.indexOf(NEW_LINE);
  const { count, rows, seq }: Facts = JSON.parse(new TextDecoder().decode(kept.subarray(0, end)));
  return { records: [{ utf8: kept.subarray(end + 1) }], count, rows, last: { scope, seq } };
}

const NEW_LINE = 0x0a;
