/** The description of an API: the document, and the page that shows it. */
import { createHash } from 'node:crypto';
import { fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { answerJson } from '../../src/transports/rest/answer.ts';
import { addApiDocs } from '../../src/transports/rest/api-docs.ts';
import { openApiDocument } from '../../src/transports/rest/open-api.ts';
import { openApiPage } from '../../src/transports/rest/open-api-page.ts';
import { type RestRoute, restRoute } from '../../src/transports/rest/route.ts';

const THING = z
  .object({
    id: z.string(),
    weight: z.number().min(0).nullable(),
    parts: z.array(z.object({ name: z.string() })),
  })
  .meta({ id: 'Thing', description: 'A <b>thing</b>.' });

const list = restRoute({
  method: 'GET',
  path: '/things/{owner}',
  tag: 'Things',
  summary: 'Lists `things`',
  description: 'All <script>alert(1)</script> of them.',
  access: { token: 'optional', note: 'everybody.' },
  params: z.object({ owner: z.string().describe('Whose.') }),
  query: z.object({
    limit: z.coerce.number().int().min(1).max(9).default(5),
    sort: z.enum(['a', 'b']).optional(),
  }),
  answers: { 200: { description: 'They.', schema: z.array(THING) }, 404: { description: 'Nobody.' } },
  handle: () => answerJson([]),
});

const upload = restRoute({
  method: 'POST',
  path: '/pictures',
  tag: 'Pictures',
  summary: 'Stores',
  access: { token: 'required', note: 'users.' },
  body: {
    kind: 'multipart',
    fields: z.object({ title: z.string() }),
    file: { name: 'file', description: 'A picture.', bytesMax: 100 },
  },
  answers: { 201: { description: 'Stored.', schema: THING } },
  handle: () => answerJson(null),
});

const image: RestRoute = {
  method: 'GET',
  path: '/pictures',
  tag: 'Pictures',
  summary: 'Shows',
  access: { token: 'none', note: 'everybody.' },
  alwaysOpen: true,
  answers: { 200: { description: 'It.', contentType: 'image/png' } },
  handle: () => answerJson(null),
};

const info = {
  title: 'Things',
  version: '1',
  description: 'About things.',
  tags: [
    { name: 'Pictures', description: 'First.' },
    { name: 'Unused', description: 'Nothing.' },
  ],
};
const routes = [list, upload, image];

describe('the document', () => {
  const document = openApiDocument(routes, info);

  test('has what routes say', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Things', version: '1' },
      tags: [{ name: 'Pictures', description: 'First.' }, { name: 'Things' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    });
    expect(Object.keys(document.paths['/pictures'] ?? {})).toEqual(['post', 'get']);
    expect(document.paths['/things/{owner}']?.get).toMatchObject({
      operationId: 'get_things_owner',
      parameters: [
        { name: 'owner', in: 'path', required: true, description: 'Whose.', schema: { type: 'string' } },
        {
          name: 'limit',
          in: 'query',
          required: false,
          schema: { type: 'integer', minimum: 1, maximum: 9, default: 5 },
        },
        { name: 'sort', in: 'query', required: false, schema: { enum: ['a', 'b'] } },
      ],
      security: [{ bearer: [] }, {}],
    });
  });

  test('keeps named schemas once, and refers to them', () => {
    const { responses } = document.paths['/things/{owner}']?.get ?? {};
    expect(responses?.[200]?.content?.['application/json']?.schema).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/Thing' },
    });
    expect(Object.keys(document.components.schemas)).toEqual(['Faults', 'Refusal', 'Thing']);
    expect(document.components.schemas.Thing?.additionalProperties).toBeUndefined();
    expect(Object.keys(responses ?? {})).toEqual(['200', '401', '404', '422', '429', '503']);
  });

  test('describes forms and bodies that are no JSON', () => {
    const { post, get } = document.paths['/pictures'] ?? {};
    expect(post?.requestBody?.content['multipart/form-data']?.schema).toMatchObject({
      properties: { title: { type: 'string' }, file: { type: 'string', format: 'binary' } },
      required: ['title', 'file'],
    });
    expect(post?.security).toEqual([{ bearer: [] }]);
    expect(get?.responses[200]?.content).toEqual({ 'image/png': {} });
    expect(Object.keys(get?.responses ?? {})).toEqual(['200']);
    expect(get?.security).toEqual([]);
  });

  test('is the same each time, and every reference leads somewhere', () => {
    const text = JSON.stringify(document);
    expect(JSON.stringify(openApiDocument(routes, info))).toBe(text);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty(name);
    expect(text).not.toContain('$defs');
  });

  test('refuses two schemas of one id, and two routes at one place', () => {
    const other = z.object({ other: z.string() }).meta({ id: 'Thing' });
    const clash = { ...image, path: '/other', answers: { 200: { description: 'It.', schema: other } } };
    expect(() => openApiDocument([list, clash], info)).toThrow('Thing');
    expect(() => openApiDocument([image, image], info)).toThrow('twice');
  });
});

describe('the page', () => {
  const page = openApiPage(openApiDocument(routes, info), '/api/openapi.json');

  test('shows all operations and schemas, and escapes what they say', () => {
    for (const text of [
      '/things/{owner}',
      '/pictures',
      'Lists <code>things</code>',
      'id="schema-Thing"',
      'A picture.',
    ])
      expect(page).toContain(text);
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|<b>|<img|<link|style=|onload|https?:/i);
  });

  test('its links lead somewhere', () => {
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(4);
    for (const id of links) expect(page).toContain(`id="${id}"`);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('may do nothing but show its own style', async () => {
    const app = fastify();
    addApiDocs(app, openApiDocument(routes, info));
    const answer = await app.inject('/api/docs');
    const style = /<style>([\s\S]*?)<\/style>/.exec(answer.body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await app.inject('/api/openapi.json')).json().openapi).toBe('3.1.0');
    await app.close();
  });
});
