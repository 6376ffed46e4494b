/**
 * How a domain says what its records are. `defineEntity` takes what a person writes; `compileEntity` turns it into
 * the form that validation, rules, store and transports read. Mistakes in a definition throw at start, with the name.
 */
import type { z } from 'zod';
import type { ConflictStrategy, ValueMerge } from '../rules/strategies.ts';
import { type FieldFacts, factsOfField } from './field.ts';
import type { Fields, JsonValue } from './json.ts';

export type Role = 'OWNER' | 'EDITOR' | 'VIEWER';

/** What becomes of a record when the one that it refers to is deleted: hard ones go along, links stay and dangle. */
export type OnDelete = 'cascade' | 'dangle';

export interface Reference {
  /** Name of the entity type, within the same domain. */
  readonly to: string;
  readonly onDelete: OnDelete;
}

/**
 * Where records of the type live: each in a scope of its own whose root it is (`trip:<id>`), with its owning parent,
 * in the scope of the user who made it, or in the caller's tenant.
 */
export type ScopeRule = { readonly root: string } | 'owner' | 'user' | 'tenant';

export interface EntityRule {
  /** The fields that the rule is about: when it breaks by merging, these are in conflict. */
  readonly fields: readonly string[];
  readonly message: string;
  readonly holds: (fields: Fields) => boolean;
}

/** One value per scope among live records, e.g. a tag's name. A second CREATE of it is merged into the first. */
export interface UniqueKey {
  readonly fields: readonly string[];
  readonly key: (fields: { readonly [field: string]: JsonValue | undefined }) => string | null;
  /** How KEEP_BOTH names the second one; without it KEEP_BOTH is not possible. */
  readonly rename?: (fields: Fields, conflictId: string) => Fields;
}

export interface EntityDefinition {
  readonly name: string;
  /** The name of lists of it on the wire: `memories`. */
  readonly plural: string;
  readonly fields: { readonly [field: string]: z.ZodType };
  readonly references?: { readonly [field: string]: Reference };
  readonly scope: ScopeRule;
  /**
   * Read and written by operations of the domain's own: it goes down the same line as every record, and is in no page of
   * the feed, in no bulk input and in no conflict list.
   */
  readonly internal?: boolean;
  /** The least role in the record's scope for each act. */
  readonly access?: { readonly read?: Role; readonly write?: Role; readonly delete?: Role };
  /** Fields that merge as one, e.g. `place: ['latitude', 'longitude']`. */
  readonly groups?: { readonly [group: string]: readonly string[] };
  readonly strategy?: ConflictStrategy;
  /** Per merge group: a named strategy or a merge of values. */
  readonly merge?: { readonly [group: string]: ConflictStrategy | ValueMerge };
  readonly serverOwned?: readonly string[];
  /**
   * The server-owned field that says when the record was last edited, for receivers that take only what is strictly
   * newer than what they have (rules/stamp.ts).
   */
  readonly stamp?: string;
  readonly unique?: UniqueKey;
  readonly rules?: readonly EntityRule[];
}

export const defineEntity = (definition: EntityDefinition): EntityDefinition => definition;

export interface Field extends FieldFacts {
  readonly name: string;
  readonly group: string;
  readonly serverOwned: boolean;
  readonly reference: (Reference & { readonly type: string; readonly many: boolean }) | null;
}

/** A compiled entity type. `key` is `domain.Type`; every reference and child is named by such a key. */
export interface EntityType extends Omit<EntityDefinition, 'fields' | 'groups' | 'access'> {
  readonly key: string;
  readonly domain: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly access: { readonly read: Role; readonly write: Role; readonly delete: Role };
  /** The one hard reference: the record lives and dies with what it names. */
  readonly owner: { readonly field: string; readonly type: string } | null;
  /** Types whose owner is this type. */
  readonly children: readonly string[];
  /** Position in the dependency order of its domain: parents before children. */
  readonly rank: number;
}

export function compileEntity(
  definition: EntityDefinition,
  domain: string,
): Omit<EntityType, 'children' | 'rank'> {
  const { name, references = {}, groups = {}, serverOwned = [], access = {} } = definition;
  const groupByField = new Map<string, string>();
  for (const [group, members] of Object.entries(groups)) {
    for (const field of members) groupByField.set(field, group);
  }
  const fields = new Map<string, Field>();
  for (const [field, schema] of Object.entries(definition.fields)) {
    const facts = factsOfField(`${name}.${field}`, schema);
    const reference = references[field];
    fields.set(field, {
      ...facts,
      name: field,
      group: groupByField.get(field) ?? field,
      serverOwned: serverOwned.includes(field) || field === definition.stamp,
      reference: reference
        ? { ...reference, type: `${domain}.${reference.to}`, many: facts.kind === 'ids' }
        : null,
    });
  }
  const stamps = definition.stamp === undefined ? [] : [definition.stamp];
  for (const field of [...Object.keys(references), ...groupByField.keys(), ...serverOwned, ...stamps]) {
    if (!fields.has(field)) throw new Error(`${name}: there is no field ${field}`);
  }
  const compiledGroups = new Map<string, string[]>();
  for (const field of fields.values()) {
    compiledGroups.set(field.group, [...(compiledGroups.get(field.group) ?? []), field.name]);
  }
  const owners = [...fields.values()].filter((field) => field.reference?.onDelete === 'cascade');
  if (owners.length > 1)
    throw new Error(`${name}: a record has at most one owner, but ${owners.length} are declared`);
  const [owner] = owners;
  if (definition.scope === 'owner' && !owner)
    throw new Error(`${name}: scope 'owner' needs a cascading reference`);
  for (const field of definition.unique?.fields ?? []) {
    if (typeof definition.merge?.[field] === 'function')
      throw new Error(`${name}.${field}: unique fields can't be merged`);
  }
  return {
    ...definition,
    key: `${domain}.${name}`,
    domain,
    fields,
    groups: compiledGroups,
    access: {
      read: access.read ?? 'VIEWER',
      write: access.write ?? 'EDITOR',
      delete: access.delete ?? 'EDITOR',
    },
    owner: owner?.reference ? { field: owner.name, type: owner.reference.type } : null,
  };
}

const RANK: Record<Role, number> = { VIEWER: 1, EDITOR: 2, OWNER: 3 };

/** Does the role reach the least role that is asked for? No role reaches nothing. */
export const roleReaches = (role: Role | null, least: Role): boolean =>
  role !== null && RANK[role] >= RANK[least];
