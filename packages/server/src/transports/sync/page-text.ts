/** Messages that carry records, as text. */
import { type RecordState, toWireRecord } from '@ackord/core';
import type { Page } from '../../engine/engine.ts';
import type { News } from '../../engine/news.ts';

const recordsText = (records: readonly RecordState[]): string => JSON.stringify(records.map(toWireRecord));

export function pageText(page: Page): string {
  const facts = {
    dropped: page.droppedScopes,
    roles: Object.fromEntries(page.roles),
    cursor: page.cursor,
    seqs: page.positions,
    more: page.hasMore,
    consistent: page.consistent,
    resync: page.fullResync,
    total: page.total,
    time: page.serverTime,
  };
  return `{"type":"page","records":${recordsText(page.records)},${JSON.stringify(facts).slice(1)}`;
}

export const changesText = ({ scope, from, to }: News, records: readonly RecordState[]): string =>
  `{"type":"changes","scope":${JSON.stringify(scope)},"from":${from},"to":${to},"records":${recordsText(records)}}`;
