/** The order of lists: as the records were made; those of one moment by their ids, so that pages have an edge. */
import type { RecordState } from '@ackord/core';

export type Made = Pick<RecordState, 'createdAt' | 'id'>;

/** Negative: `a` stands before `b`. */
export const inOrderOfMaking = (a: Made, b: Made): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const firstMade = (records: readonly RecordState[], limit: number): RecordState[] =>
  [...records].sort(inOrderOfMaking).slice(0, limit);
