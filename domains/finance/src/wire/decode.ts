/**
 * An entity as the app sends it, as the fields that are stored. The app sends whole entities and drops keys that are
 * undefined, so a key that is left out means null, or the field's default.
 * Promise: never throws on what was sent; unknown keys are tolerated; a refusal names the key and the rule.
 */
import {
  type Field,
  type Fields,
  isWellFormedText,
  type JsonValue,
  LIMITS,
  validateFields,
} from '@ackord/core';
import { type Converter, converterOf } from './convert.ts';
import { entityTypeOf, wireNameOf } from './entity-types.ts';
import { parseMoment } from './moment.ts';
import { sameOnWire } from './same-on-wire.ts';
import { TYPE_NAMES, type TypeName } from './type-names.ts';

export type DecodedEntity =
  | {
      readonly ok: true;
      readonly id: string;
      /** Every stored field but `editedAt`. */
      readonly fields: Fields;
      /** The latest edit time that the entity names, in milliseconds since 1970. */
      readonly sentAt: number | null;
      /** What its sender keeps as the entity's time, and compares with what it receives. */
      readonly sentStamp: number | null;
      /** Something is stored otherwise than it was sent, so the sender has to be told. */
      readonly normalized: boolean;
    }
  | { readonly ok: false; readonly field: string | null; readonly message: string };

interface Plan {
  readonly field: Field;
  /** Names on the wire; the first one that is there counts. */
  readonly keys: readonly string[];
  readonly convert: Converter;
}

const plans = new Map(TYPE_NAMES.map((name) => [name, planOf(name)]));

function planOf(name: TypeName): Plan[] {
  return [...entityTypeOf(name).fields.values()]
    .filter((field) => !field.serverOwned)
    .map((field) => ({ field, keys: keysOf(field.name), convert: converterOf(name, field) }));
}

/** The original server writes `recipient_id` in some of its messages, and the app keeps the keys that it got. */
function keysOf(field: string): string[] {
  return field === 'recipientId' ? ['recipientId', 'recipient_id'] : [wireNameOf(field)];
}

export function decodeEntity(typeName: TypeName, payload: unknown): DecodedEntity {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return refused(null, `The payload must be an object with the fields of ${typeName}.`);
  const sent = payload as { readonly [key: string]: unknown };
  const { id } = sent;
  if (typeof id !== 'string' || id === '' || id.length > LIMITS.idLengthMax || !isWellFormedText(id))
    return refused('id', `id must be a text of 1 to ${LIMITS.idLengthMax} characters.`);

  const fields: Record<string, JsonValue> = {};
  let normalized = false;
  for (const { field, keys, convert } of plans.get(typeName) ?? []) {
    const key = keys.find((name) => Object.hasOwn(sent, name) && sent[name] !== undefined);
    const value = key === undefined ? undefined : sent[key];
    if (value === undefined || value === null) {
      if (!field.nullable)
        return refused(keys[0]!, `${keys[0]} is missing; ${typeName} can't be stored without it.`);
      fields[field.name] = value === undefined ? ((field.defaultValue ?? null) as JsonValue) : null;
    } else {
      const converted = convert(value);
      if ('refused' in converted) return refused(key!, `${key} ${converted.refused}.`);
      fields[field.name] = converted.value as JsonValue;
    }
    normalized ||= !sameOnWire(field, sent[keys[0]!], fields[field.name]!);
  }
  const valid = validateFields(entityTypeOf(typeName), fields);
  if (!valid.ok) {
    const key = wireNameOf(valid.field ?? '');
    return refused(key, `${key} ${valid.message}.`);
  }
  return { ok: true, id, fields: valid.fields, normalized, ...timesOf(sent) };
}

const refused = (field: string | null, message: string): DecodedEntity => ({ ok: false, field, message });

/** The app keeps `updatedAt`; what it once received may still lie beside it as `updated_at`. */
function timesOf(sent: { readonly [key: string]: unknown }) {
  const own = parseMoment(sent.updatedAt);
  const renamed = parseMoment(sent.updated_at);
  const sentAt = own !== null && renamed !== null ? Math.max(own, renamed) : (own ?? renamed);
  return { sentAt, sentStamp: own ?? renamed };
}
