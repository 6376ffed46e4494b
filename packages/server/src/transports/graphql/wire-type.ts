/**
 * An entity type as GraphQL shows it: its outputs, its inputs and its relations, from the registry and from what the
 * domain adds. Compiled once at start; a mistake in a mapping throws then, with the name.
 */
import type { Domain, EntityType, Field, RecordState, Registry } from '@ackord/core';
import type { GraphQLDomain, GraphQLType, OutputMapping } from './domain.ts';
import { isGraphQLName, lowerFirst, relationName, relationsName, upperFirst } from './names.ts';
import { type RequiredMembers, requiredMembers } from './required-members.ts';

export type Relation =
  /** The record, or the records, that a field names. */
  | { readonly by: 'reference'; readonly field: Field; readonly to: string }
  /** The records whose owner this one is. */
  | { readonly by: 'children'; readonly to: string };

export type Output = { readonly name: string; readonly type: string; readonly description?: string } & (
  | { readonly kind: 'value'; readonly read: (record: RecordState) => unknown }
  /** Ids of links, without those that lead nowhere. */
  | { readonly kind: 'ids'; readonly field: Field }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'file'; readonly field: Field; readonly seconds: number }
);

export type Input = { readonly name: string; readonly type: string } & (
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'group'; readonly members: readonly GroupMember[] }
);

export type GroupInput = Extract<Input, { kind: 'group' }>;

export interface GroupMember {
  readonly name: string;
  readonly field: Field;
  /** The group's type says that it is always there. */
  readonly required: boolean;
}

export interface WireType {
  readonly entity: EntityType;
  readonly description: string | null;
  readonly outputs: readonly Output[];
  readonly inputs: readonly Input[];
  readonly inputByName: ReadonlyMap<string, Input>;
  readonly inputGroups: readonly GroupInput[];
  /** Stored field → its name on the wire. */
  readonly wireNames: ReadonlyMap<string, string>;
  readonly shownToOthers: ReadonlySet<string>;
  readonly filePending: ((record: RecordState) => boolean) | null;
}

export interface WireDomain {
  readonly name: string;
  readonly domain: Domain;
  readonly mapping: GraphQLDomain;
  readonly roleType: string;
  /** In dependency order: the order of bulkSync and of answers. */
  readonly types: readonly WireType[];
  readonly byKey: ReadonlyMap<string, WireType>;
  readonly byName: ReadonlyMap<string, WireType>;
}

export function compileWireDomain(registry: Registry, mapping: GraphQLDomain): WireDomain {
  const domain = registry.domain(mapping.name);
  for (const name of Object.keys(mapping.types ?? {})) {
    if (!domain.entityByName.has(name))
      throw new Error(`GraphQL of ${mapping.name}: there is no type ${name}`);
  }
  const required = requiredMembers(mapping.sdl ?? '');
  const types = domain.synced.map((entity) =>
    compileType(entity, mapping.types?.[entity.name] ?? {}, registry, required),
  );
  return {
    name: mapping.name,
    domain,
    mapping,
    roleType: mapping.roleType ?? 'Role',
    types,
    byKey: new Map(types.map((type) => [type.entity.key, type])),
    byName: new Map(types.map((type) => [type.entity.name, type])),
  };
}

function compileType(
  entity: EntityType,
  mapping: GraphQLType,
  registry: Registry,
  required: RequiredMembers,
): WireType {
  const inputs = inputsOf(entity, mapping, required);
  return {
    entity,
    description: mapping.description ?? null,
    outputs: outputsOf(entity, mapping, registry),
    inputs,
    inputByName: new Map(inputs.map((input) => [input.name, input])),
    inputGroups: inputs.filter((input) => input.kind === 'group'),
    wireNames: new Map(
      [...entity.fields.keys()].map((field) => [field, mapping.inputNames?.[field] ?? field]),
    ),
    shownToOthers: new Set(mapping.shownToOthers ?? []),
    filePending: mapping.filePending ?? null,
  };
}

/** The type of a field of this kind as GraphQL writes it, without nullability. */
export function typeOfField(entity: EntityType, field: Field): string {
  switch (field.kind) {
    case 'text':
    case 'decimal':
      return 'String';
    case 'id':
      return 'ID';
    case 'ids':
      return '[ID!]';
    case 'instant':
      return 'DateTime';
    case 'integer':
      return 'Int';
    case 'number':
      return 'Float';
    case 'flag':
      return 'Boolean';
    case 'json':
      return 'JSON';
    case 'choice':
      return field.choices.every(isGraphQLName) ? entity.name + upperFirst(field.name) : 'String';
  }
}

function inputsOf(entity: EntityType, mapping: GraphQLType, required: RequiredMembers): Input[] {
  const inputs: Input[] = [];
  for (const field of entity.fields.values()) {
    if (field.serverOwned) continue;
    const name = mapping.inputNames?.[field.name] ?? field.name;
    inputs.push({ kind: 'field', name, type: typeOfField(entity, field), field });
  }
  for (const [name, group] of Object.entries(mapping.inputGroups ?? {})) {
    const members = Object.entries(group.members).map(([member, field]) => ({
      name: member,
      field: fieldOf(entity, field),
      required: required.get(group.type)?.has(member) ?? false,
    }));
    inputs.push({ kind: 'group', name, type: group.type, members });
  }
  return inputs;
}

function outputsOf(entity: EntityType, mapping: GraphQLType, registry: Registry): Output[] {
  const outputs = new Map<string, Output>();
  for (const field of entity.fields.values())
    outputs.set(field.name, storedOutput(entity, field, field.name));
  for (const output of relationsOf(entity, registry)) outputs.set(output.name, output);
  for (const [name, output] of Object.entries(mapping.outputs ?? {})) {
    if (output === null) outputs.delete(name);
    else outputs.set(name, { ...mappedOutput(entity, name, output), ...described(output) });
  }
  return [...outputs.values()];
}

function mappedOutput(entity: EntityType, name: string, output: OutputMapping): Output {
  if ('value' in output) return { kind: 'value', name, type: output.type, read: output.value };
  if ('file' in output) {
    const field = fieldOf(entity, output.file);
    return { kind: 'file', name, type: 'String', field, seconds: output.seconds };
  }
  if ('field' in output) return storedOutput(entity, fieldOf(entity, output.field), name, output.type);
  const field = fieldOf(entity, output.reference);
  if (!field.reference) throw new Error(`GraphQL of ${entity.name}: ${field.name} refers to nothing`);
  const relation = { by: 'reference', field, to: field.reference.type } as const;
  return { kind: 'relation', name, type: output.type, relation };
}

const described = ({ description }: { description?: string }) =>
  description === undefined ? {} : { description };

function storedOutput(entity: EntityType, field: Field, name: string, type?: string): Output {
  const written = type ?? `${typeOfField(entity, field)}${field.nullable ? '' : '!'}`;
  if (field.reference?.onDelete === 'dangle') return { kind: 'ids', name, type: written, field };
  return { kind: 'value', name, type: written, read: (record) => record.fields[field.name] };
}

function relationsOf(entity: EntityType, registry: Registry): Output[] {
  const relations: Output[] = [];
  for (const field of entity.fields.values()) {
    if (!field.reference) continue;
    const to = registry.type(field.reference.type);
    const name = field.reference.many ? relationsName(field.name, to) : relationName(field.name);
    if (name === null || entity.fields.has(name)) continue;
    const type = field.reference.many
      ? `[${to.name}!]!`
      : field.name === entity.owner?.field
        ? `${to.name}!`
        : to.name;
    relations.push({ kind: 'relation', name, type, relation: { by: 'reference', field, to: to.key } });
  }
  for (const key of entity.children) {
    const child = registry.type(key);
    if (child.internal) continue;
    relations.push({
      kind: 'relation',
      name: child.plural,
      type: `[${child.name}!]!`,
      relation: { by: 'children', to: key },
    });
  }
  return relations;
}

function fieldOf(entity: EntityType, name: string): Field {
  const field = entity.fields.get(name);
  if (!field) throw new Error(`GraphQL of ${entity.name}: there is no field ${name}`);
  return field;
}

/** The argument that names a record of the type: `tripId`. */
export const idArgument = (entity: EntityType): string => `${lowerFirst(entity.name)}Id`;
