/**
 * The page on which people read an OpenAPI document: plain HTML and one style sheet, made here, so that it needs no
 * script and nothing from elsewhere. All text of the document is escaped.
 */
import { createHash } from 'node:crypto';
import type { OpenApiDocument, OpenApiOperation } from './open-api-types.ts';
import { escaped, inline, memberHtml, prose, schemaAnchor, schemaHtml } from './page-schema.ts';
import { PAGE_STYLE } from './page-style.ts';

/** What the page may do: show its own style. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** `documentPath`: where the document itself is served. */
export function openApiPage(document: OpenApiDocument, documentPath: string): string {
  const { info, tags, components } = document;
  const listed = operationsOf(document);
  const groups = tags.map((tag) => ({
    ...tag,
    rows: listed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const schemas = Object.entries(components.schemas);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the operations</a>
<div class="page">
<header>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
${prose(info.description)}
<p class="soft">For programs: <a href="${escaped(documentPath)}">OpenAPI 3.1 as JSON</a></p>
</header>
<nav aria-label="Contents"><details open><summary>Contents</summary><ul>
${groups.map(({ name, rows }) => `<li><a href="#${anchor(name)}">${escaped(name)} <span class="count">${rows.length}</span></a></li>`).join('\n')}
${schemas.length > 0 ? `<li><a href="#schemas">Schemas <span class="count">${schemas.length}</span></a></li>` : ''}
</ul></details></nav>
<main id="content">
${groups.map(groupHtml).join('\n')}
${schemas.length > 0 ? `<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>${schemas.map(namedSchema).join('\n')}</section>` : ''}
</main>
</div>
</body>
</html>
`;
}

const anchor = (tag: string): string => `tag-${tag.toLowerCase().replace(/\W+/g, '-')}`;

const operationsOf = ({ paths }: OpenApiDocument): Listed[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, path, operation })),
  );

const groupHtml = ({
  name,
  description,
  rows,
}: {
  readonly name: string;
  readonly description?: string;
  readonly rows: readonly Listed[];
}): string => `<section aria-labelledby="${anchor(name)}">
<h2 id="${anchor(name)}">${escaped(name)}</h2>
${description ? `<div class="intro">${prose(description)}</div>` : ''}
${rows.map(operationHtml).join('\n')}
</section>`;

function operationHtml({ method, path, operation }: Listed): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return `<details class="operation" id="${escaped(operationId)}">
<summary><span class="method ${escaped(method)}">${escaped(method.toUpperCase())}</span><span class="path">${escaped(path)}</span><span class="what">${inline(summary)}</span></summary>
<div class="inside">
${prose(description)}
${parameters.length > 0 ? `<h3>Parameters</h3><dl class="members">${parameters.map(parameterHtml).join('\n')}</dl>` : ''}
${requestBody ? bodyHtml(requestBody) : ''}
<h3>Answers</h3>
<dl class="answers">${Object.entries(responses).map(answerHtml).join('\n')}</dl>
</div>
</details>`;
}

const parameterHtml = ({
  name,
  in: place,
  required,
  schema,
  description,
}: NonNullable<OpenApiOperation['parameters']>[number]): string =>
  memberHtml(
    name,
    { ...schema, description: [`In the ${place}.`, description].filter(Boolean).join(' ') },
    required,
  );

function bodyHtml({ content, required }: NonNullable<OpenApiOperation['requestBody']>): string {
  const bodies = Object.entries(content).map(
    ([type, { schema }]) =>
      `<p class="soft">${escaped(type)}${required ? '' : ', may be left out'}</p>${schemaHtml(schema)}`,
  );
  return `<h3>Body</h3>${bodies.join('\n')}`;
}

function answerHtml([status, { description, content = {} }]: [
  string,
  OpenApiOperation['responses'][string],
]): string {
  const bodies = Object.entries(content).map(([type, { schema }]) =>
    schema ? schemaHtml(schema) : `<p class="type">${escaped(type)}</p>`,
  );
  return `<div><dt>${escaped(status)}</dt><dd><p>${inline(description)}</p>${bodies.join('\n')}</dd></div>`;
}

const namedSchema = ([name, schema]: [string, OpenApiDocument['components']['schemas'][string]]): string =>
  `<details class="schema" id="${schemaAnchor(name)}" open>
<summary><span class="path">${escaped(name)}</span></summary>
<div class="inside">${typeof schema.description === 'string' ? prose(schema.description) : ''}${schemaHtml(schema)}</div>
</details>`;
