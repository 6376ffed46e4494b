/**
 * What a domain's records look like, in one short text: the same on every server of a version, another one when a type,
 * a field or a merge group is added, dropped or changed.
 */
import { contentFingerprint } from '../../rules/identifier.ts';
import type { Domain } from '../../schema/define-domain.ts';
import type { EntityType } from '../../schema/define-entity.ts';
import type { JsonValue } from '../../schema/json.ts';

/** 32 hexadecimal digits. */
export const schemaHash = ({ name, ids, synced }: Domain): string =>
  contentFingerprint([name, ids, synced.map(shapeOf)]);

const shapeOf = ({ name, fields, owner, scope, serverOwned = [], unique }: EntityType): JsonValue => [
  name,
  typeof scope === 'string' ? scope : [scope.root],
  owner?.field ?? null,
  [...(unique?.fields ?? [])],
  [...serverOwned],
  [...fields.values()].map((field) => [
    field.name,
    field.kind,
    field.nullable,
    field.group,
    field.reference ? [field.reference.to, field.reference.onDelete] : null,
  ]),
];
