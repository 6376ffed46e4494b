/** Serves the description of an API: the document for programs, and a page for people. Both are made once. */
import type { FastifyInstance } from 'fastify';
import { COMPRESSION } from './compression.ts';
import { openApiPage, PAGE_POLICY } from './open-api-page.ts';
import type { OpenApiDocument } from './open-api-types.ts';

export const API_DOCUMENT_PATH = '/api/openapi.json';
export const API_PAGE_PATH = '/api/docs';

export function addApiDocs(app: FastifyInstance, document: OpenApiDocument): void {
  const json = JSON.stringify(document, null, 2);
  const page = openApiPage(document, API_DOCUMENT_PATH);
  const options = { config: { refusals: 'detail' }, compress: COMPRESSION } as const;
  app.get(API_DOCUMENT_PATH, options, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(json),
  );
  app.get(API_PAGE_PATH, options, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(page),
  );
}
