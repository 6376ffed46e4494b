/**
 * For people who want SQL: a view per entity type, `travel.trip`, with a real column per field. Generated from the
 * registry; views hold live records only and run with the rights of whoever asks (security_invoker), so row-level
 * security holds for them too.
 */
import { createHash } from 'node:crypto';
import type { EntityType, Field, Registry } from '@ackord/core';
import type { Connection } from './connection.ts';
import { DatabaseFailure } from './failure.ts';
import { quoteName } from './roles.ts';

export interface TypedView {
  readonly schema: string;
  readonly name: string;
  /** The SELECT behind it. */
  readonly query: string;
}

const RECORD_COLUMNS = [
  'scope_id',
  'id',
  'version',
  'seq',
  'created_at',
  'updated_at',
  'created_by',
  'sync_priority',
] as const;

/** A tenant's records are named `<tenant>/<id>` inside; people look for the id that their app shows. */
const TENANT_COLUMNS = RECORD_COLUMNS.flatMap((column) =>
  column === 'id'
    ? [
        `substr(r.id, strpos(r.id, '/') + 1) AS id`,
        `substr(r.id, 1, greatest(strpos(r.id, '/') - 1, 0)) AS tenant_id`,
      ]
    : [`r.${column}`],
);

const RESERVED_SCHEMAS = /^(ackord|public|information_schema|pg_.*)$/;

/** `MediaItem` → `media_item`, `GPXTrack` → `gpx_track`, `tripId` → `trip_id`. */
export const snakeCase = (name: string): string =>
  name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

export const typedViews = (registry: Registry): TypedView[] =>
  [...registry.types.values()].map((type) => viewOf(type));

function viewOf(type: EntityType): TypedView {
  const schema = snakeCase(type.domain);
  if (RESERVED_SCHEMAS.test(schema))
    throw new Error(`A domain can't be called ${type.domain}: PostgreSQL has such a schema.`);
  const fields = [...type.fields.values()];
  const columns = [
    ...(type.scope === 'tenant' ? TENANT_COLUMNS : RECORD_COLUMNS.map((column) => `r.${column}`)),
    ...fields.map((field) => `d.${quoteName(field.name)} AS ${quoteName(columnName(field))}`),
  ];
  // Parsed once per row, however many columns there are.
  const parsed = fields.map((field) => `${quoteName(field.name)} ${columnType(field)}`);
  return {
    schema,
    name: snakeCase(type.key.slice(type.domain.length + 1)),
    query: [
      `SELECT ${columns.join(', ')}`,
      `FROM ackord.record AS r`,
      `CROSS JOIN LATERAL json_to_record(r.doc) AS d (${parsed.join(', ')})`,
      `WHERE r.type = ${quoteText(type.key)} AND r.tombstone IS NULL`,
    ].join('\n'),
  };
}

/** A field that is called like a column of every record steps aside. */
function columnName(field: Field): string {
  const name = snakeCase(field.name);
  return name === 'tenant_id' || (RECORD_COLUMNS as readonly string[]).includes(name)
    ? `field_${name}`
    : name;
}

function columnType({ kind }: Field): string {
  switch (kind) {
    case 'text':
    case 'choice':
      return 'text';
    case 'id':
      return 'uuid';
    case 'ids':
      return 'uuid[]';
    case 'instant':
      return 'timestamptz';
    case 'integer':
      return 'integer';
    case 'number':
      return 'double precision';
    case 'decimal':
      return 'numeric';
    case 'flag':
      return 'boolean';
    case 'json':
      return 'jsonb';
  }
}

/**
 * Makes the views as the registry has them, replacing only those that changed: a view can't change its columns in
 * place. Call it under `exclusively`. A view that others were built upon is left as it is, and logged.
 */
export async function renewViews(
  owner: Connection,
  registry: Registry,
  grantees: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  const known = await readHashes(owner);
  const wanted = new Map(typedViews(registry).map((view) => [`${view.schema}.${view.name}`, view]));
  for (const [name, view] of wanted) {
    const hash = hashOf(view, grantees);
    if (known.get(name) !== hash)
      await replace(owner, name, [...creation(view, grantees), remember(name, hash)], log);
  }
  for (const name of known.keys()) {
    if (!wanted.has(name)) await replace(owner, name, [forget(name)], log);
  }
}

const SETTING = 'typed-views';

async function readHashes(owner: Connection): Promise<Map<string, string>> {
  const rows = await owner.rows<{ name: string; hash: string }>(
    {
      name: 'read-view-hashes',
      text: `
      SELECT view.key AS name, view.value AS hash
      FROM setting CROSS JOIN LATERAL jsonb_each_text(setting.value) AS view
      WHERE setting.key = $1 AND to_regclass(view.key) IS NOT NULL`,
    },
    [SETTING],
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

async function replace(
  owner: Connection,
  name: string,
  commands: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  await owner.command('BEGIN');
  try {
    await owner.command(`DROP VIEW IF EXISTS ${name.split('.').map(quoteName).join('.')}`);
    for (const command of commands) await owner.command(command);
    await owner.command('COMMIT');
  } catch (error) {
    await owner.command('ROLLBACK').catch(() => {});
    if (!(error instanceof DatabaseFailure) || error.outcome !== 'refused') throw error;
    log(
      `The view ${name} could not be renewed and stays as it was (${error.message}). Usual cause: other views were ` +
        `built upon it. Drop those, restart, and make them again.`,
    );
  }
}

function creation(view: TypedView, grantees: readonly string[]): string[] {
  const schema = quoteName(view.schema);
  const name = `${schema}.${quoteName(view.name)}`;
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE VIEW ${name} WITH (security_invoker = true) AS\n${view.query}`,
    ...grantees.flatMap((grantee) => [
      `GRANT USAGE ON SCHEMA ${schema} TO ${quoteName(grantee)}`,
      `GRANT SELECT ON ${name} TO ${quoteName(grantee)}`,
    ]),
  ];
}

const hashOf = (view: TypedView, grantees: readonly string[]): string =>
  createHash('sha256').update(creation(view, grantees).join('\n')).digest('hex');

const remember = (name: string, hash: string): string =>
  `INSERT INTO ackord.setting (key, value)
   VALUES (${quoteText(SETTING)}, jsonb_build_object(${quoteText(name)}, ${quoteText(hash)}))
   ON CONFLICT (key) DO UPDATE SET value = setting.value || excluded.value`;

const forget = (name: string): string =>
  `UPDATE ackord.setting SET value = value - ${quoteText(name)} WHERE key = ${quoteText(SETTING)}`;

const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
