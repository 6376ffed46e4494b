/** The rows that most batches write, as parameters of their statements; null where there is nothing to write. */
import type { Location, RecordKey, RecordWrite, WriteSet } from '../engine/ports.ts';
import type { SqlValue } from './connection.ts';
import {
  bigintArray,
  booleanArray,
  bytesArray,
  integerArray,
  jsonArray,
  jsonTextArray,
  textArray,
  timeArray,
  unsignedArray,
} from './sql-arrays.ts';
import type { Statement } from './statement.ts';
import { upsertDigests } from './statements/digest/upsert-digests.ts';
import { insertLocations, upsertLocations } from './statements/location/upsert-locations.ts';
import { insertLog } from './statements/log/insert-log.ts';
import { insertReceipts } from './statements/receipt/insert-receipts.ts';
import { insertRecords, upsertRecords } from './statements/record/upsert-records.ts';
import { upsertHeads } from './statements/scope/upsert-heads.ts';

export interface Write {
  readonly statement: Statement;
  /** Encodes the rows: called when they are about to be sent. */
  readonly values: () => readonly SqlValue[];
}

/** What the transaction knows of the rows. */
export interface WriteContext {
  readonly held: ReadonlySet<string>;
  /** Neither record nor location is there: true only if it was looked for. */
  readonly isNew: (key: RecordKey) => boolean;
}

export const newRecordsToRows = ({ records }: WriteSet, { isNew }: WriteContext): Write | null =>
  recordsTo(
    insertRecords,
    records.filter(({ record }) => isNew(record)),
  );

export const recordsToRows = ({ records }: WriteSet, { isNew }: WriteContext): Write | null =>
  recordsTo(
    upsertRecords,
    records.filter(({ record }) => !isNew(record)),
  );

function recordsTo(statement: Statement, rows: readonly RecordWrite[]): Write | null {
  if (rows.length === 0) return null;
  const records = rows.map(({ record }) => record);
  return {
    statement,
    values: () => [
      textArray(records.map(({ scope }) => scope)),
      textArray(records.map(({ type }) => type)),
      textArray(records.map(({ id }) => id)),
      integerArray(records.map(({ version }) => version)),
      bigintArray(records.map(({ seq }) => seq)),
      timeArray(records.map(({ createdAt }) => createdAt)),
      timeArray(records.map(({ updatedAt }) => updatedAt)),
      timeArray(records.map(({ deletedAt }) => deletedAt)),
      textArray(records.map(({ createdBy }) => createdBy)),
      textArray(records.map(({ updatedBy }) => updatedBy)),
      integerArray(records.map(({ priority }) => priority)),
      jsonArray(records.map(({ clock }) => clock)),
      bytesArray(rows.map(({ checksum }) => checksum)),
      jsonTextArray(rows.map(({ fieldsText }) => fieldsText)),
      textArray(rows.map(({ owner }) => owner)),
      textArray(rows.map(({ record, uniqueKey }) => (record.tombstone ? null : uniqueKey))),
      jsonArray(records.map(({ tombstone }) => tombstone)),
      textArray(records.map(({ formerScopes }) => arrayLiteral(formerScopes))),
    ],
  };
}

export function logToRows({ log, now }: WriteSet): Write | null {
  if (log.length === 0) return null;
  return {
    statement: insertLog,
    values: () => [
      textArray(log.map(({ scope }) => scope)),
      bigintArray(log.map(({ seq }) => seq)),
      textArray(log.map(({ type }) => type)),
      textArray(log.map(({ id }) => id)),
      integerArray(log.map(({ version }) => version)),
      textArray(log.map(({ operation }) => operation)),
      textArray(log.map(({ actor }) => actor)),
      textArray(log.map(({ device }) => device)),
      textArray(log.map(({ changeId }) => changeId)),
      textArray(log.map(({ outcome }) => outcome)),
      jsonArray(log.map(({ before }) => before)),
      now,
    ],
  };
}

export function receiptsToRows({ receipts, now }: WriteSet): Write | null {
  if (receipts.length === 0) return null;
  return {
    statement: insertReceipts,
    values: () => [
      textArray(receipts.map(({ actor }) => actor)),
      textArray(receipts.map(({ changeId }) => changeId)),
      textArray(receipts.map(({ fingerprint }) => fingerprint)),
      textArray(receipts.map(({ scope }) => scope)),
      jsonArray(receipts.map(({ body }) => body)),
      now,
    ],
  };
}

export const newLocationsToRows = ({ locations }: WriteSet, { isNew }: WriteContext): Write | null =>
  locationsTo(insertLocations, locations.filter(isNew), []);

export const locationsToRows = ({ locations }: WriteSet, { isNew, held }: WriteContext): Write | null =>
  locationsTo(
    upsertLocations,
    locations.filter((location) => !isNew(location)),
    [textArray([...held])],
  );

function locationsTo(
  statement: Statement,
  locations: readonly Location[],
  more: readonly SqlValue[],
): Write | null {
  if (locations.length === 0) return null;
  return {
    statement,
    values: () => [
      textArray(locations.map(({ type }) => type)),
      textArray(locations.map(({ id }) => id)),
      textArray(locations.map(({ scope }) => scope)),
      textArray(locations.map(({ aliasOf }) => aliasOf)),
      ...more,
    ],
  };
}

export function digestsToRows({ digests }: WriteSet): Write | null {
  if (digests.length === 0) return null;
  return {
    statement: upsertDigests,
    values: () => [
      textArray(digests.map(({ scope }) => scope)),
      textArray(digests.map(({ type }) => type)),
      bigintArray(digests.map(({ digest }) => digest.count)),
      unsignedArray(digests.map(({ digest }) => digest.high)),
      unsignedArray(digests.map(({ digest }) => digest.low)),
    ],
  };
}

export function headsToRows({ heads, now }: WriteSet): Write | null {
  if (heads.length === 0) return null;
  return {
    statement: upsertHeads,
    values: () => [
      textArray(heads.map(({ scope }) => scope)),
      bigintArray(heads.map(({ head }) => head)),
      booleanArray(heads.map(({ closed }) => closed)),
      now,
    ],
  };
}

/** An array within an array, as PostgreSQL writes it; null for none, which most records have. */
function arrayLiteral(texts: readonly string[]): string | null {
  if (texts.length === 0) return null;
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
