/** Messages that carry records, as text. */
import { type RecordState, toWireRecord } from '@ackord/core';
import type { Page } from '../../engine/engine.ts';
import type { News } from '../../engine/news.ts';
import type { RecordsText } from '../../engine/ports.ts';

const OPENING = Buffer.from('{"type":"page","records":[');
const COMMA = Buffer.from(',');

const recordsText = (records: readonly RecordState[]): string => JSON.stringify(records.map(toWireRecord));

/** In UTF-8. */
export function pageText(page: Page<RecordsText>): Uint8Array {
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
  const records = page.records.flatMap(({ utf8 }, at) => (at === 0 ? [utf8] : [COMMA, utf8]));
  return Buffer.concat([OPENING, ...records, Buffer.from(`],${JSON.stringify(facts).slice(1)}`)]);
}

export const changesText = ({ scope, from, to }: News, records: readonly RecordState[]): string =>
  `{"type":"changes","scope":${JSON.stringify(scope)},"from":${from},"to":${to},"records":${recordsText(records)}}`;
