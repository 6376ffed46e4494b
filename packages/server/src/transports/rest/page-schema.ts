/** JSON schemas as HTML: a sentence for a type, and a list of members for an object. All text is escaped. */
import type { JsonObject } from './open-api-types.ts';

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign);

/** Paragraphs at empty lines, `code` between backticks. */
export const prose = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('\n');

export const inline = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** Where a named schema stands on the page. */
export const schemaAnchor = (name: string): string => `schema-${name.replace(/\W/g, '-')}`;

/** `list of <a>User</a>, may be null`. */
export function typeText(schema: JsonObject): string {
  const { $ref, type, enum: values, anyOf, items, format } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return `<a href="#${schemaAnchor(name)}">${escaped(name)}</a>`;
  }
  if ('const' in schema) return `<code>${escaped(JSON.stringify(schema.const))}</code>`;
  if (Array.isArray(values))
    return `one of ${values.map((value) => `<code>${escaped(String(value))}</code>`).join(' ')}`;
  if (Array.isArray(anyOf)) return anyOf.map((part) => typeText(part as JsonObject)).join(' or ');
  if (Array.isArray(type))
    return type.map((one) => escaped(TYPE_NAMES[String(one)] ?? String(one))).join(' or ');
  if (type === 'array') return `list of ${items ? typeText(items as JsonObject) : 'anything'}`;
  if (type === 'object' && isJson(schema.additionalProperties) && !schema.properties)
    return `object of ${typeText(schema.additionalProperties)} by name`;
  const name = type === undefined ? 'anything' : (TYPE_NAMES[String(type)] ?? String(type));
  return escaped(`${name}${typeof format === 'string' ? ` (${FORMAT_NAMES[format] ?? format})` : ''}`);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
};
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  'date-time': 'ISO time',
  binary: 'file',
};

const isJson = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The limits of a value, in words; '' where there are none. */
export function limitsText(schema: JsonObject): string {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = schema;
  const limits = [
    range(minLength, maxLength, 'characters'),
    range(minItems, maxItems, 'items'),
    range(minimum, maximum, ''),
    typeof pattern === 'string' && schema.format === undefined
      ? `matches <code>${escaped(pattern)}</code>`
      : '',
    'default' in schema ? `default <code>${escaped(JSON.stringify(schema.default))}</code>` : '',
  ];
  return limits.filter(Boolean).join(', ');
}

function range(least: unknown, most: unknown, unit: string): string {
  if (typeof least === 'number' && typeof most === 'number') return `${least} to ${most} ${unit}`.trim();
  if (typeof most === 'number') return `at most ${most} ${unit}`.trim();
  return typeof least === 'number' ? `at least ${least} ${unit}`.trim() : '';
}

/** Members of an object with those of objects inside; for anything else its type. */
export function schemaHtml(schema: JsonObject): string {
  const inner = innerObject(schema);
  if (!inner) return `<p class="type">${typeText(schema)}</p>`;
  const required = new Set(Array.isArray(inner.required) ? inner.required : []);
  const rows = Object.entries((inner.properties ?? {}) as Record<string, JsonObject>).map(([name, member]) =>
    memberHtml(name, member, required.has(name)),
  );
  const list =
    inner === schema ? '' : `<p class="type">${typeText(schema).replace(/object$/, 'objects')}</p>`;
  return `${list}<dl class="members">${rows.join('\n')}</dl>`;
}

export function memberHtml(name: string, schema: JsonObject, required: boolean): string {
  const limits = limitsText(schema);
  const note = typeof schema.description === 'string' ? inline(schema.description) : '';
  const inside = innerObject(schema) ? schemaHtml(schema) : '';
  const facts = `<span class="type">${typeText(schema)}</span>${limits ? `<span class="limits">${limits}</span>` : ''}`;
  const mark = required ? '<span class="required">required</span>' : '';
  return `<div><dt><code>${escaped(name)}</code>${mark}</dt><dd>${facts}${note ? `<span>${note}</span>` : ''}${inside}</dd></div>`;
}

/** The object that a schema is, or is a list of; null for references and plain values. */
function innerObject(schema: JsonObject): JsonObject | null {
  if (isJson(schema.properties)) return schema;
  return schema.type === 'array' && isJson(schema.items) ? innerObject(schema.items) : null;
}
