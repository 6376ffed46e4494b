/**
 * Fetches what has happened since the last time, page by page, until a page reaches the end. The position moves on
 * with each page, so a broken run goes on where it was.
 */
import { type JsonValue, LIMITS } from '@ackord/core';
import { PULL } from './documents.ts';
import type { Phone } from './phone.ts';
import { ServerFault } from './server-fault.ts';
import { type EntityName, entityTypes, isEntityName, toStored } from './wire.ts';

interface Row {
  readonly id: string;
  readonly syncVersion: number;
  readonly syncData: string;
}

interface Page {
  readonly deleted: { readonly [plural: string]: readonly string[] };
  readonly aliases: readonly {
    readonly entityType: string;
    readonly id: string;
    readonly canonicalId: string;
  }[];
  readonly hasMore: boolean;
  readonly nextCursor: string;
  readonly consistent: boolean;
  readonly fullResyncRequired: boolean;
  readonly droppedScopes: readonly string[];
  readonly totalCount: number;
  /** Rows, by the plural names of their types. */
  readonly [plural: string]: unknown;
}

export interface PullReport {
  readonly received: number;
  readonly deleted: number;
  readonly pages: number;
}

const NEVER = '0001-01-01T00:00:00.000Z';
const PAGE_ROWS = 2 * LIMITS.pageRowsDefault;

/** Throws ServerFault when the server does not answer or refuses: the phone is online, or it would not ask. */
export async function pull(
  phone: Phone,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PullReport> {
  // A record may stand on two pages of a run: changed meanwhile, or once more in front of what belongs to it.
  const received = new Set<string>();
  let [deleted, pages] = [0, 0];
  for (;;) {
    const variables = { since: NEVER, cursor: phone.cursor, size: PAGE_ROWS };
    const answer = await phone.connection.ask<{ enhancedSync: Page }>(PULL, variables);
    if (!answer.ok) throw new ServerFault('enhancedSync', answer);
    const page = answer.data.enhancedSync;
    if (page.fullResyncRequired) phone.replica.clear();
    for (const id of takeRows(phone, page)) received.add(id);
    deleted += dropDeleted(phone, page);
    pages++;
    phone.cursor = page.nextCursor;
    onProgress(received.size + deleted, page.totalCount);
    if (!page.hasMore && page.consistent) return { received: received.size, deleted, pages };
  }
}

/** Parents' types first, as the lists are ordered. Gives the ids of the records. */
function takeRows(phone: Phone, page: Page): string[] {
  const ids: string[] = [];
  for (const type of entityTypes) {
    for (const row of page[type.plural] as readonly Row[]) {
      const data = JSON.parse(row.syncData) as { readonly [name: string]: JsonValue };
      phone.replica.put({ type, id: row.id, version: row.syncVersion, fields: toStored(type, data) });
      ids.push(row.id);
    }
  }
  return ids;
}

/** Children's types first: what belongs to a deleted record is listed itself. */
function dropDeleted(phone: Phone, page: Page): number {
  let count = 0;
  for (const { name, plural } of [...entityTypes].reverse()) {
    for (const id of page.deleted[plural] ?? []) {
      phone.replica.drop(name as EntityName, id);
      count++;
    }
  }
  for (const { entityType, id, canonicalId } of page.aliases) {
    if (isEntityName(entityType)) phone.replica.alias(entityType, id, canonicalId);
  }
  for (const scope of page.droppedScopes) phone.replica.dropScope(scope);
  return count;
}
