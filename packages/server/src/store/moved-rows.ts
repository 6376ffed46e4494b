/** The port `MovedRows` on PostgreSQL, over a connection of its own: moving in is a program beside the servers. */
import { LIMITS } from '@ackord/core';
import type { MovedRow, MovedRows } from '../moving-in/ports.ts';
import { openDatabase } from './database.ts';
import { booleanArray, integerArray, jsonArray, textArray } from './sql-arrays.ts';
import { pageMoved, readMoved } from './statements/moved/read-moved.ts';
import { saveMoved } from './statements/moved/save-moved.ts';

interface Row {
  readonly type: string;
  readonly id: string;
  readonly origin_id: string;
  readonly actor_id: string;
  readonly version: number;
  readonly fields: { readonly [field: string]: string };
  readonly is_gone: boolean;
  readonly moved_at: number;
}

/** `source`: names the other server. All calls reject with a DatabaseFailure when the database can't be reached. */
export function openMovedRows(options: {
  readonly url: string;
  readonly source: string;
  readonly log: (line: string) => void;
}): MovedRows {
  const { source } = options;
  const database = openDatabase({
    ...options,
    poolMax: 1,
    role: null,
    statementMsMax: LIMITS.statementMsMax,
  });
  return {
    async read(type, ids) {
      if (ids.length === 0) return [];
      const rows = await database.use((connection) =>
        connection.rows<Row>(readMoved, [source, type, textArray(ids)]),
      );
      return rows.map(movedOf);
    },
    async page(type, after, limit) {
      const rows = await database.use((connection) =>
        connection.rows<Row>(pageMoved, [source, type, after ?? '', limit]),
      );
      return rows.map((row) => ({ ...movedOf(row), movedAt: row.moved_at }));
    },
    async save(moved) {
      if (moved.length === 0) return;
      await database.use((connection) => connection.count(saveMoved, [source, ...columnsOf(moved)]));
    },
    close: database.close,
  };
}

const columnsOf = (moved: readonly MovedRow[]) => [
  textArray(moved.map(({ type }) => type)),
  textArray(moved.map(({ id }) => id)),
  textArray(moved.map(({ originId }) => originId)),
  textArray(moved.map(({ actor }) => actor)),
  integerArray(moved.map(({ version }) => version)),
  jsonArray(moved.map(({ fields }) => fields)),
  booleanArray(moved.map(({ isGone }) => isGone)),
];

const movedOf = (row: Row): MovedRow => ({
  type: row.type,
  id: row.id,
  originId: row.origin_id,
  actor: row.actor_id,
  version: row.version,
  fields: row.fields,
  isGone: row.is_gone,
});
