/** Lists of records as single operations give them: whole, or page by page with `limit` and `after`. */
import { isWellFormedText, LIMITS, normalizeUuid, type RecordState } from '@ackord/core';
import type { ListRequest } from '../../engine/engine.ts';
import { type GraphQLContext, requireActor } from './context.ts';
import { badArgument, orRefuse } from './errors.ts';
import { inRange } from './in-range.ts';
import type { RecordView } from './record-view.ts';

export interface PageArgs {
  /** Left out: all there is. */
  readonly limit?: number | null;
  /** Id of the last record of the page before. */
  readonly after?: string | null;
}

/** The arguments as a schema declares them. */
export const PAGE_ARGUMENTS = `
    "At most so many. Left out: all."
    limit: Int
    "Goes on behind the record with this id."
    after: ID`;

export interface ListWanted extends PageArgs {
  /** Wire name of the entity type. */
  readonly type: string;
  readonly owner?: string | null;
  readonly contains?: ListRequest['contains'];
}

/** Views of the records that the caller may see, in the order in which they were made. */
export async function listViews(context: GraphQLContext, wanted: ListWanted): Promise<RecordView[]> {
  return (await listRecords(context, wanted)).map((record) => context.toView(record));
}

export async function listRecords(
  context: GraphQLContext,
  { type, owner = null, contains = null, limit = null, after = null }: ListWanted,
): Promise<readonly RecordState[]> {
  const actor = requireActor(context);
  const rows = limit === null ? LIMITS.graphqlRecordsMax + 1 : inRange('limit', limit, LIMITS.pageRowsMax);
  const request = {
    actor,
    type: `${context.wire.name}.${type}`,
    owner,
    contains,
    after: after === null ? null : asStored(after),
    limit: rows,
  };
  const listed = await context.engine.list(request);
  if (!listed.ok && listed.code === 'BAD_USER_INPUT')
    throw badArgument('after', 'must be the id of a record of the list');
  const { records } = orRefuse(listed);
  context.reads.counted(records);
  context.reads.remember({ records });
  return records;
}

/** An id as records have it; one that no record can have is still none there. */
const asStored = (id: string): string => normalizeUuid(id) ?? (isWellFormedText(id) ? id : '');
