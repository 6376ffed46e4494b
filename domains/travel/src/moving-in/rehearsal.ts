/**
 * What a dry run can tell of a row without writing it: whether the rules of its type let it in, and whether it would
 * become one with a row of the same name before it. What the database alone knows, it does not see.
 */
import {
  brokenRule,
  completeFields,
  type EntityType,
  errorText,
  isUuid,
  LIMITS,
  missingField,
  validateFields,
} from '@ackord/core';
import type { Item } from './carry.ts';

/** The message that the engine would refuse a row with; null: nothing is wrong with it. */
export function problemOf(type: EntityType, { id, fields }: Item, isNew: boolean): string | null {
  const refusal = (detail: string): string => errorText('INVALID', detail);
  if (!isUuid(id)) return refusal('id must be a UUID.');
  const valid = validateFields(type, fields, true);
  if (!valid.ok) return refusal(`${valid.field ?? 'change'} ${valid.message}.`);
  if (JSON.stringify(valid.fields).length > LIMITS.recordBytesMax)
    return refusal('change is larger than a record may be.');
  const missing = isNew ? missingField(type, valid.fields) : null;
  if (missing !== null) return refusal(`${missing} is needed to create a ${type.name}.`);
  const broken = brokenRule(type, completeFields(type, valid.fields));
  return broken && refusal(`${broken.message}.`);
}

/** Remembers the unique names of the rows that were looked at. */
export class Names {
  readonly #holders = new Map<string, string>();

  /** The row before this one that has its name, among those of the same user; null: there is none. */
  holderOf(type: EntityType, { id, actor, fields }: Item): string | null {
    const valid = type.unique && validateFields(type, fields, true);
    const key = valid?.ok ? type.unique?.key(valid.fields) : null;
    if (key === null || key === undefined) return null;
    const name = `${type.name} ${actor} ${key}`;
    const holder = this.#holders.get(name) ?? null;
    if (holder === null) this.#holders.set(name, id);
    return holder;
  }
}
