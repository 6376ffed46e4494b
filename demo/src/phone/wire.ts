/**
 * The journal's types as a phone knows them: fields under their stored names, which digests are made of, and the way
 * to and from the names that GraphQL has for them. All of it follows from the domain's own definitions.
 */
import { createRegistry, type EntityType, type Fields, type JsonValue } from '@ackord/core';
import { travelDomain, travelGraphQL } from '@ackord/travel';

/** The seven types, by the names that the wire has for them. */
export type EntityName =
  | 'TagCategory'
  | 'Tag'
  | 'BucketListItem'
  | 'Trip'
  | 'Memory'
  | 'MediaItem'
  | 'GPXTrack';

export const registry = createRegistry([travelDomain]);

/** Parents before children. */
export const entityTypes: readonly EntityType[] = registry.domain(travelDomain.name).synced;

export function entityTypeOf(name: EntityName): EntityType {
  const type = registry.domain(travelDomain.name).entityByName.get(name);
  if (!type) throw new Error(`The journal has no type ${name}`);
  return type;
}

/** For names that come from the server. */
export function isEntityName(name: string): name is EntityName {
  return registry.domain(travelDomain.name).entityByName.has(name);
}

const wireNamesOf = (type: EntityType): { readonly [stored: string]: string } =>
  travelGraphQL.types?.[type.name]?.inputNames ?? {};

export const wireName = (type: EntityType, stored: string): string => wireNamesOf(type)[stored] ?? stored;

/** Fields under their stored names → as a bulk row or a JSON text carries them. */
export function toWire(type: EntityType, fields: Fields): { readonly [name: string]: JsonValue } {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [wireName(type, field), value]));
}

/** The other way round. What is no field of the type (its version, its stamps) is left out. */
export function toStored(type: EntityType, data: { readonly [name: string]: JsonValue }): Fields {
  const fields: Record<string, JsonValue> = {};
  for (const field of type.fields.keys()) {
    const value = data[wireName(type, field)];
    if (value !== undefined) fields[field] = value;
  }
  return fields;
}
