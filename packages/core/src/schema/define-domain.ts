/**
 * A domain: a set of entity types that share wire names and an id space. `createRegistry` compiles the domains of a
 * server and puts the types in dependency order (parents first), which is the order of feeds and of submissions.
 */
import type { ConflictStrategy } from '../rules/strategies.ts';
import { compileEntity, type EntityDefinition, type EntityType } from './define-entity.ts';

export interface DomainDefinition {
  readonly name: string;
  readonly entities: readonly EntityDefinition[];
  /** 'uuid': ids are UUIDs, unique in the whole domain. 'text': 1–64 characters, unique within a tenant. */
  readonly ids: 'uuid' | 'text';
  readonly strategy?: ConflictStrategy;
}

export const defineDomain = (definition: DomainDefinition): DomainDefinition => definition;

export interface Domain extends Omit<DomainDefinition, 'entities'> {
  /** In dependency order. */
  readonly entities: readonly EntityType[];
  /** Those that devices sync: all but the internal ones. */
  readonly synced: readonly EntityType[];
  readonly entityByName: ReadonlyMap<string, EntityType>;
}

export interface Registry {
  readonly domains: readonly Domain[];
  readonly types: ReadonlyMap<string, EntityType>;
  /** The type of a key such as `travel.Trip`. Throws for an unknown key: keys come from the registry itself. */
  readonly type: (key: string) => EntityType;
  readonly domain: (name: string) => Domain;
}

export function createRegistry(definitions: readonly DomainDefinition[]): Registry {
  const types = new Map<string, EntityType>();
  const domains = definitions.map((definition) => {
    const entities = compileDomain(definition);
    for (const type of entities) types.set(type.key, type);
    return {
      ...definition,
      entities,
      synced: entities.filter(({ internal }) => !internal),
      entityByName: new Map(entities.map((type) => [type.name, type])),
    };
  });
  const domainByName = new Map(domains.map((domain) => [domain.name, domain]));
  return {
    domains,
    types,
    type: (key) => types.get(key) ?? missing(`entity type ${key}`),
    domain: (name) => domainByName.get(name) ?? missing(`domain ${name}`),
  };
}

function compileDomain(definition: DomainDefinition): EntityType[] {
  const compiled = definition.entities.map((entity) => compileEntity(entity, definition.name));
  const byKey = new Map(compiled.map((type) => [type.key, type]));
  for (const type of compiled) {
    for (const field of type.fields.values()) {
      if (field.reference && !byKey.has(field.reference.type))
        missing(`${type.name}.${field.name} → ${field.reference.to}`);
    }
  }
  // Only hard references order the types; links may form cycles. Declaration order decides between equals.
  const ordered: typeof compiled = [];
  const visiting = new Set<string>();
  const visit = (type: (typeof compiled)[number]): void => {
    if (ordered.includes(type)) return;
    if (visiting.has(type.key)) throw new Error(`${type.name}: owners form a cycle`);
    visiting.add(type.key);
    if (type.owner) visit(byKey.get(type.owner.type) ?? missing(type.owner.type));
    ordered.push(type);
  };
  for (const type of compiled) visit(type);
  return ordered.map((type, rank) => ({
    ...type,
    rank,
    children: compiled.filter((other) => other.owner?.type === type.key).map((other) => other.key),
  }));
}

function missing(what: string): never {
  throw new Error(`Unknown ${what}`);
}
