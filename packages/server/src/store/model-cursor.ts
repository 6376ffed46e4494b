/**
 * Where pages of sync logs go on: how far each part of the list has come. A cursor means something only together with its
 * tenant, which the caller names again, so nothing of it is secret.
 */
import type { ListedPage } from '../sync-models/ports.ts';

/** Time as the database wrote it, and an id. */
export type Place = readonly [time: string, id: string];

export interface Cursor {
  readonly seq?: number;
  readonly refusal?: Place;
  readonly row?: Place;
}

const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/;
const CURSOR_LENGTH_MAX = 1_000;

const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) &&
  value.length === 2 &&
  TIME.test(String(value[0])) &&
  typeof value[1] === 'string' &&
  value[1].isWellFormed() &&
  !value[1].includes('\0');

export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** null: it is no cursor. */
export function readCursor(text: string | null): Cursor | null {
  if (text === null) return {};
  if (text.length > CURSOR_LENGTH_MAX) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return null;
    const { seq, refusal, row } = read as Record<string, unknown>;
    if (seq !== undefined && !Number.isSafeInteger(seq)) return null;
    if (refusal !== undefined && !isPlace(refusal)) return null;
    if (row !== undefined && !isPlace(row)) return null;
    return {
      ...(seq !== undefined && { seq: seq as number }),
      ...(refusal !== undefined && { refusal }),
      ...(row !== undefined && { row }),
    };
  } catch {
    return null;
  }
}

/** `rows`: one more than the page may have, where there are so many. */
export function pageOf<Read extends { readonly id: string; readonly position: string }, Row>(
  rows: readonly Read[],
  limit: number,
  rowOf: (read: Read) => Row,
): ListedPage<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map(rowOf),
    cursor: last && rows.length > limit ? writeCursor({ row: [last.position, last.id] }) : null,
  };
}
