/**
 * Describes REST routes as an OpenAPI 3.1 document, from the same rows that serve them. Schemas with an id
 * (`.meta({ id })`) become components; the same table gives the same document, byte for byte.
 */
import { createComponents } from './components.ts';
import { operationOf } from './open-api-operation.ts';
import type { ApiInfo, OpenApiDocument, OpenApiOperation } from './open-api-types.ts';
import type { RestRoute } from './route.ts';

/** Throws when two different schemas go by one id, and when two routes have one path and method. */
export function openApiDocument(routes: readonly RestRoute[], info: ApiInfo): OpenApiDocument {
  const components = createComponents();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    const method = route.method.toLowerCase();
    const operations = paths[route.path] ?? {};
    paths[route.path] = operations;
    if (operations[method]) throw new Error(`${route.method} ${route.path} stands twice in the table`);
    operations[method] = operationOf(route, components);
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version, description: info.description },
    tags: tagsOf(routes, info),
    paths,
    components: { schemas: components.schemas(), securitySchemes: { bearer: BEARER } },
  };
}

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The accessToken that signing in answers with.',
} as const;

function tagsOf(routes: readonly RestRoute[], { tags = [] }: ApiInfo): OpenApiDocument['tags'] {
  const used = new Set(routes.map(({ tag }) => tag));
  const listed = tags.filter(({ name }) => used.delete(name));
  return [...listed, ...[...used].map((name) => ({ name }))];
}
