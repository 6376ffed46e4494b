// What a cursor says, and the short form it is signed in.
// Promise: `cursorStateOf` gives back what `cursorPayload` was given, and null for anything of another shape.

import type { JsonObject, JsonValue } from '../schema/json.ts';

/** `Extra`: what else the server wants to find again, as JSON. */
export type CursorState<Extra extends JsonValue = JsonValue> = {
  readonly user: string;
  readonly epoch: number;
  /** `filterHash` of what the feed was narrowed to. */
  readonly filter: string;
  /** The last seq read, by scope id. */
  readonly positions: Readonly<Record<string, number>>;
  /** Scopes that the client is being told to drop, by scope id. */
  readonly dropping?: Readonly<Record<string, CursorDrop>>;
  /** The number of rows that the whole run will bring, as counted at its start. */
  readonly total?: number;
  readonly extra?: Extra;
};

/** Seqs: what was read before the drop (`upTo`), how far dropping has come (`position`), where it ends (`until`). */
export type CursorDrop = { readonly upTo: number; readonly position: number; readonly until: number };

/** One-letter names: every page carries the cursor there and back. */
export function cursorPayload(state: CursorState): JsonObject {
  return {
    u: state.user,
    e: state.epoch,
    f: state.filter,
    p: state.positions,
    d: state.dropping && mapValues(state.dropping, ({ upTo, position, until }) => [upTo, position, until]),
    t: state.total,
    x: state.extra,
  };
}

export function cursorStateOf(payload: unknown): CursorState | null {
  if (!isObject(payload)) return null;
  const { u: user, e: epoch, f: filter, p: positions, d: drops, t: total, x: extra } = payload;
  if (typeof user !== 'string' || !isCount(epoch) || typeof filter !== 'string') return null;
  if (!isRecordOf(positions, isCount)) return null;
  if (drops !== undefined && !isRecordOf(drops, isDropTriple)) return null;
  if (total !== undefined && !isCount(total)) return null;
  return {
    user,
    epoch,
    filter,
    positions,
    ...(drops && { dropping: mapValues(drops, ([upTo, position, until]) => ({ upTo, position, until })) }),
    ...(total !== undefined && { total }),
    ...(extra !== undefined && { extra: extra as JsonValue }),
  };
}

type DropTriple = readonly [upTo: number, position: number, until: number];

function isDropTriple(value: unknown): value is DropTriple {
  return Array.isArray(value) && value.length === 3 && value.every(isCount);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecordOf<T>(
  value: unknown,
  isMember: (member: unknown) => member is T,
): value is Record<string, T> {
  return isObject(value) && Object.values(value).every(isMember);
}

/** `fromEntries` defines members, so that a scope called `__proto__` stays a member. */
function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
