/**
 * The stamp of a record: the field by which the apps of some domains tell which of two copies is newer, and take only
 * what is strictly newer than what they have. So it rises with every change, whatever their clocks say, and where the
 * sender's values don't all stand it rises above what the sender has, or that one would keep its own copy for ever.
 * Types that name no stamp have none, and nothing here touches their records.
 */
import type { EntityType } from '../schema/define-entity.ts';
import { formatInstant, parseInstant } from '../schema/instant.ts';
import type { Fields } from '../schema/json.ts';
import { nextStamp } from './clock.ts';
import type { Change } from './record.ts';

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since 1970; null: the type has no stamp, or the record has none yet. */
export function stampIn(type: EntityType, fields: Fields): number | null {
  const value = type.stamp === undefined ? null : fields[type.stamp];
  return typeof value === 'string' ? parseInstant(value) : null;
}

/** Does the sender hold a copy that it takes for newer than the record? */
export function holdsNewer(type: EntityType, fields: Fields, change: Change): boolean {
  if (type.stamp === undefined || change.stamp == null) return false;
  return Math.min(change.stamp, LATEST) > (stampIn(type, fields) ?? -Infinity);
}

/** The fields with the next stamp. `stands`: the sender's copy is now the record, so it need not be told. */
export function withNextStamp(
  type: EntityType,
  fields: Fields,
  before: Fields | null,
  change: Change,
  stands: boolean,
): Fields {
  if (type.stamp === undefined) return fields;
  const sent = (change.stamp ?? change.time) + (stands ? 0 : 1);
  const next = nextStamp(sent, before === null ? null : stampIn(type, before));
  return { ...fields, [type.stamp]: formatInstant(Math.min(next, LATEST)) };
}

/**
 * A record that is fed again to a sender that lost: with a higher stamp where its own copy would count as newer; null:
 * it goes as it is.
 */
export function withStampAbove(type: EntityType, fields: Fields, change: Change): Fields | null {
  const stamp = stampIn(type, fields);
  if (type.stamp === undefined || change.stamp == null || (stamp !== null && stamp > change.stamp))
    return null;
  return { ...fields, [type.stamp]: formatInstant(Math.min(change.stamp + 1, LATEST)) };
}
