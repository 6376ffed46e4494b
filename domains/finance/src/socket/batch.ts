/**
 * What happened in a tenant as it goes to its sockets: news of the engine → updates, encoded once for all of them, in
 * the order of the commits.
 */
import { type MovedRecord, type News, type TextFrames, textFrames } from '@ackord/server';
import { dataUpdateOf, dataUpdateText } from '../messages/data-update.ts';
import { typeKeyOf } from '../wire/type-names.ts';

/** A moved record as it goes to every socket. */
export interface Update {
  /** `finance.Account <qualified id>` */
  readonly key: string;
  readonly seq: number;
  /** The session that made the last change, and that change; null where nobody knows. */
  readonly device: string | null;
  readonly changeId: string | null;
  readonly frame: Uint8Array;
}

/** Updates that go out together. */
export interface Batch {
  /** In order of seq. */
  readonly updates: readonly Update[];
  /** The position that they reach. */
  readonly to: number;
  /** Sessions that made some of the changes: they are told otherwise. */
  readonly writers: ReadonlySet<string | null>;
  /** All of them, for whoever gets all. */
  readonly frames: TextFrames;
}

const encoder = new TextEncoder();

export const batchOf = (tenantId: string, news: Pick<News, 'moved' | 'to'>): Batch =>
  batchWith(updatesOf(tenantId, news), news.to);

/** Without those that are passed over. */
export const batchOfSome = (batch: Batch, isWanted: (update: Update) => boolean): Batch => {
  const some = batch.updates.filter(isWanted);
  return some.length === batch.updates.length ? batch : batchWith(some, batch.to);
};

const batchWith = (updates: readonly Update[], to: number): Batch => ({
  updates,
  to,
  writers: new Set(updates.map(({ device }) => device)),
  frames: textFrames(updates.map(({ frame }) => frame)),
});

const updatesOf = (tenantId: string, { moved }: Pick<News, 'moved'>): Update[] =>
  groupsLast(moved).map((one) => {
    const { record, lines } = one;
    const last = lines.at(-1);
    return {
      key: `${record.type} ${record.id}`,
      seq: record.seq,
      device: last?.device ?? null,
      changeId: last?.changeId ?? null,
      frame: encoder.encode(dataUpdateText(tenantId, dataUpdateOf(one))),
    };
  });

/** An app deletes no group that it still has accounts in: what became of those it has to hear first. */
function groupsLast(moved: readonly MovedRecord[]): readonly MovedRecord[] {
  const isGone = ({ record }: MovedRecord): boolean =>
    record.tombstone !== null && record.type === typeKeyOf('AccountGroup');
  return moved.some(isGone) ? [...moved.filter((one) => !isGone(one)), ...moved.filter(isGone)] : moved;
}
