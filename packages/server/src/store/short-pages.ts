/**
 * Pages that many want at the same moment. What a session has missed is mostly little, and sessions of one scope have
 * missed the same: all that are short are read by one statement, each scope of them once. Of long ones that are the same
 * one is read.
 */
import { LIMITS } from '@ackord/core';
import { groupBy } from '../engine/group-by.ts';
import type { FeedQuery, FeedRows, FeedScope, RecordText } from '../engine/ports.ts';

export type ReadTexts = (query: FeedQuery) => Promise<FeedRows<RecordText>>;

/** One answer for each query, in their order. */
export async function readPagesTogether(
  queries: readonly FeedQuery[],
  read: ReadTexts,
): Promise<readonly FeedRows<RecordText>[]> {
  const short = queries.filter(isShort);
  const shared = short.length > 1 ? readShort(short, read) : null;
  const once = new Map<string, Promise<FeedRows<RecordText>>>();
  const readOnce = (query: FeedQuery) => {
    const key = JSON.stringify(query);
    const reading = once.get(key) ?? read(query);
    once.set(key, reading);
    return reading;
  };
  return Promise.all(
    queries.map(async (query) =>
      shared && isShort(query) ? { rows: rowsOf(query, await shared), ancestors: [] } : readOnce(query),
    ),
  );
}

/** By no means more rows than that have moved, so its page is not cut, and needs no owners in front. */
const rowsMax = ({ scopes }: FeedQuery): number =>
  scopes.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);

const isShort = (query: FeedQuery): boolean =>
  query.endsAtHeads === true &&
  query.scopes.every(({ createdUntil }) => createdUntil === null) &&
  rowsMax(query) < Math.min(query.limit, LIMITS.shortPageRowsMax);

type Shared = ReadonlyMap<string, ReadonlyMap<string, readonly RecordText[]>>;

/** By filter, and then by scope in order of seq. */
async function readShort(queries: readonly FeedQuery[], read: ReadTexts): Promise<Shared> {
  const found = await Promise.all(
    [...groupBy(queries, filterOf)].map(
      async ([filter, some]) => [filter, await readAlike(some, read)] as const,
    ),
  );
  return new Map(found);
}

async function readAlike(queries: readonly FeedQuery[], read: ReadTexts) {
  const scopes = new Map<string, FeedScope>();
  for (const part of queries.flatMap((query) => query.scopes)) {
    const known = scopes.get(part.scope);
    if (!known || part.after < known.after) scopes.set(part.scope, part);
  }
  const [first] = queries;
  const whole = { ...(first as FeedQuery), scopes: [...scopes.values()] };
  const { rows } = await read({ ...whole, limit: rowsMax(whole) + 1 });
  return groupBy(rows, ({ scope }) => scope);
}

const rowsOf = (query: FeedQuery, shared: Shared): RecordText[] => {
  const byScope = shared.get(filterOf(query));
  return query.scopes.flatMap(
    ({ scope, after }) => byScope?.get(scope)?.filter(({ seq }) => seq > after) ?? [],
  );
};

const filterOf = ({ types, priority }: FeedQuery): string => JSON.stringify([types, priority]);
