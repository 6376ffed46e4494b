/**
 * Everything that has changed since a moment, in one answer: for clients that know no pages. It is read page by page all
 * the same, each from one moment, and ends when a page has reached the heads.
 */
import { LIMITS, type RecordState } from '@ackord/core';
import type { Page } from '../../engine/engine.ts';
import type { RecordKey } from '../../engine/ports.ts';
import { recordKey } from '../../engine/unit.ts';
import { type GraphQLContext, requireActor } from './context.ts';
import { orRefuse, refusal } from './errors.ts';
import { deletedIds, rowsByType } from './resolvers/enhanced-sync.ts';

/** `since`: milliseconds since 1970. Lists by the plurals of the types, `deleted` and `serverTimestamp`. */
export async function syncAtOnce(context: GraphQLContext, since: number): Promise<Record<string, unknown>> {
  const found = new Found();
  let page = await nextPage(context, since, null);
  found.add(page);
  while (page.hasMore) {
    page = await nextPage(context, since, page.cursor);
    found.add(page);
  }
  const records = [...found.records.values()];
  const live = records.filter((record) => record.tombstone === null);
  context.reads.counted(records);
  context.reads.remember({ records: live, roles: page.roles, conflicts: page.conflicts });
  return {
    ...rowsByType(context, live),
    deleted: await deletedIds(context, { records, dropped: found.dropped }),
    serverTimestamp: page.serverTime,
  };
}

async function nextPage(context: GraphQLContext, since: number, cursor: string | null): Promise<Page> {
  const { engine, wire, reader } = context;
  const pulled = await engine.pull({
    actor: requireActor(context),
    domain: wire.name,
    device: reader,
    cursor,
    // "Never" is the year 0 or 1 to some clients.
    since: Math.max(0, since),
    sinceOfAnyDevice: true,
    types: null,
    priority: null,
    limit: LIMITS.pageRowsMax,
  });
  return orRefuse(pulled).page;
}

/** The last state of each record, where pages tell of it twice. */
class Found {
  readonly records = new Map<string, RecordState>();
  dropped: RecordKey[] = [];

  add(page: Page): void {
    // Everything comes again from here on.
    if (page.fullResync) {
      this.records.clear();
      this.dropped = [];
    }
    for (const record of page.records)
      this.records.set(`${record.scope} ${recordKey(record.type, record.id)}`, record);
    this.dropped = [...this.dropped, ...page.dropped];
    if (this.records.size + this.dropped.length > LIMITS.graphqlRecordsMax) {
      const detail = `More than ${LIMITS.graphqlRecordsMax} records have changed; read them in pages, by enhancedSync.`;
      throw refusal('QUERY_TOO_COMPLEX', detail);
    }
  }
}
