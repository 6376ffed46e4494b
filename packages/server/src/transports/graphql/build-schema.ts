/**
 * The GraphQL schema of a domain: text from the registry and the domain's mapping, with resolvers and scalars attached.
 * Built twice, as `typed` for people, tools and queries, and as `opaque` for mutations (see sdl/document.ts).
 */
import type { Registry } from '@ackord/core';
import { buildSchema, type GraphQLSchema, isObjectType, isScalarType, printSchema } from 'graphql';
import type { GraphQLDomain } from './domain.ts';
import type { Resolvers } from './resolver.ts';
import { resolversOf } from './resolvers/all.ts';
import { anyValue, dateTime } from './scalars.ts';
import { type RowForm, schemaText } from './sdl/document.ts';
import { bulkInputName } from './sdl/entities.ts';
import { subscribers } from './subscriptions/asked.ts';
import { compileWireDomain, type WireDomain } from './wire-type.ts';

export function buildDomainSchema(wire: WireDomain, rows: RowForm): GraphQLSchema {
  const schema = buildSchema(schemaText(wire, rows));
  for (const resolvers of resolversOf(wire)) attach(schema, resolvers);
  for (const [name, field] of Object.entries(schema.getSubscriptionType()?.getFields() ?? {})) {
    const subscribe = subscribers[name];
    if (!subscribe) throw new Error(`Nothing serves the subscription ${name}`);
    field.subscribe = subscribe;
  }
  setScalar(schema, 'DateTime', dateTime);
  setScalar(schema, 'JSON', anyValue);
  if (rows === 'opaque') for (const type of wire.types) setScalar(schema, bulkInputName(type), anyValue);
  return schema;
}

/** The text of a domain's schema, as it is committed and published. */
export const printDomainSchema = (registry: Registry, mapping: GraphQLDomain): string =>
  `${printSchema(buildDomainSchema(compileWireDomain(registry, mapping), 'typed'))}\n`;

function attach(schema: GraphQLSchema, resolvers: Resolvers): void {
  for (const [name, fields] of Object.entries(resolvers)) {
    const type = schema.getType(name);
    for (const [field, resolver] of Object.entries(fields)) {
      const target = isObjectType(type) ? type.getFields()[field] : undefined;
      if (!target) throw new Error(`There is a resolver for ${name}.${field}, but no such field`);
      target.resolve = resolver as NonNullable<typeof target.resolve>;
    }
  }
}

function setScalar(schema: GraphQLSchema, name: string, behaviour: typeof anyValue): void {
  const type = schema.getType(name);
  if (type !== undefined && isScalarType(type)) Object.assign(type, behaviour);
}
