/** What a person decided a record to be, in wire names, as the stored fields that it names. */
import { bareId, type Fields, pick } from '@ackord/core';
import { decodeEntity } from '../wire/decode.ts';
import { encodeEntity } from '../wire/encode.ts';
import { entityTypeOf, wireNameOf } from '../wire/entity-types.ts';
import type { TypeName } from '../wire/type-names.ts';

export type ManualFields =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly field: string | null; readonly message: string };

/** `data` may leave out what stays as it is. `current`: the record that it is laid on. */
export function manualFields(
  typeName: TypeName,
  entityId: string,
  current: Fields,
  data: { readonly [key: string]: unknown },
): ManualFields {
  const id = bareId(entityId);
  const whole = { ...JSON.parse(encodeEntity(typeName, id, current)), ...data, id };
  const decoded = decodeEntity(typeName, whole);
  if (!decoded.ok) return decoded;
  const names = [...entityTypeOf(typeName).fields.values()]
    .filter(({ name, serverOwned }) => !serverOwned && Object.hasOwn(data, wireNameOf(name)))
    .map(({ name }) => name);
  if (names.length === 0)
    return { ok: false, field: null, message: `No key of it is a field of ${typeName}.` };
  return { ok: true, fields: pick(decoded.fields, names) };
}
