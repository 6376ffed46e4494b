/**
 * From keys to places: which rows of the record table to look at for records that are asked for by type and id.
 *
 * The table is keyed by scope first. With few scopes every key is tried in each of them, which needs nothing else.
 * With many that would be a probe per key and scope, so the locations tell where each record is filed.
 */
import type { Location, RecordKey } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { type LocationRow, locationOf } from './rows.ts';
import { textArray } from './sql-arrays.ts';
import { readLocations } from './statements/location/read-locations.ts';

/** Up to this many scopes, trying each is cheaper than another round trip. */
const SCOPES_TRIED_MAX = 4;

export interface Probe extends RecordKey {
  readonly scope: string;
}

export const tryEachScope = (scopes: readonly string[]): boolean => scopes.length <= SCOPES_TRIED_MAX;

export const probesInEach = (keys: readonly RecordKey[], scopes: readonly string[]): Probe[] =>
  scopes.flatMap((scope) => keys.map(({ type, id }) => ({ scope, type, id })));

/** Only where the records are filed, if that is one of the scopes. */
export function probesByLocation(locations: readonly Location[], scopes: readonly string[]): Probe[] {
  const wanted = new Set(scopes);
  return locations.filter(({ scope }) => wanted.has(scope));
}

export async function locationsOf(connection: Connection, keys: readonly RecordKey[]): Promise<Location[]> {
  if (keys.length === 0) return [];
  const distinct = distinctBy(keys, ({ type, id }) => `${type}\0${id}`);
  const rows = await connection.rows<LocationRow>(readLocations, [
    textArray(distinct.map(({ type }) => type)),
    textArray(distinct.map(({ id }) => id)),
  ]);
  return rows.map(locationOf);
}

export function distinctBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

export const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
