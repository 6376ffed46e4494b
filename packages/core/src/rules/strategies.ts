/**
 * What happens when two sides changed the same merge group: the named strategies, and merges of values that never
 * conflict. A merge is a pure function of base, server and client; it answers undefined when it can't merge these.
 */
import { LIMITS } from '../protocol/limits.ts';
import { equalJson, type JsonValue } from '../schema/json.ts';
import { mergeText } from './merge-text.ts';

export const CONFLICT_STRATEGIES = [
  'LAST_WRITE_WINS',
  'FIRST_WRITE_WINS',
  'MANUAL_RESOLUTION',
  'KEEP_BOTH',
] as const;
export type ConflictStrategy = (typeof CONFLICT_STRATEGIES)[number];

export interface ThreeValues {
  /** undefined: nobody knows what the edit started from. */
  readonly base: JsonValue | undefined;
  readonly server: JsonValue;
  readonly client: JsonValue;
}

export type ValueMerge = (values: ThreeValues) => JsonValue | undefined;

/** Both sides counted: their steps add up. Without a base the server's count stands against the client's. */
export const counter: ValueMerge = ({ base, server, client }) =>
  typeof server === 'number' && typeof client === 'number' && (typeof base === 'number' || base === null)
    ? server + client - (base ?? 0)
    : undefined;

export const max: ValueMerge = ({ server, client }) => extreme(server, client, (a, b) => a >= b);

export const min: ValueMerge = ({ server, client }) => extreme(server, client, (a, b) => a <= b);

/**
 * Lists of ids and the like: what the client added and removed against its base, done to the server's list.
 * Without a base nothing counts as removed.
 */
export const setUnion: ValueMerge = ({ base, server, client }) => {
  const mine = asList(client);
  const theirs = asList(server);
  const before = asList(base ?? null) ?? [];
  if (!mine || !theirs) return undefined;
  const removed = (item: JsonValue): boolean => has(before, item) && !has(mine, item);
  const added = mine.filter((item) => !has(before, item) && !has(theirs, item));
  const merged = [...theirs.filter((item) => !removed(item)), ...added];
  return merged.length <= LIMITS.listItemsMax ? merged : undefined;
};

/** Texts that were edited in different places; undefined when both changed the same place. */
export const textThreeWay: ValueMerge = ({ base, server, client }) =>
  typeof base === 'string' && typeof server === 'string' && typeof client === 'string'
    ? mergeText(base, server, client)
    : undefined;

function extreme(a: JsonValue, b: JsonValue, keeps: (a: number | string, b: number | string) => boolean) {
  if (a === null || b === null) return a ?? b;
  const comparable =
    (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  return comparable ? (keeps(a as number, b as number) ? a : b) : undefined;
}

const asList = (value: JsonValue): readonly JsonValue[] | null =>
  value === null ? [] : Array.isArray(value) ? (value as readonly JsonValue[]) : null;

const has = (list: readonly JsonValue[], item: JsonValue): boolean =>
  list.some((other) => equalJson(other, item));
