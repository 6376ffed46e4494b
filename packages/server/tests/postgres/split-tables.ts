/**
 * A database whose tables are split by hash, as they would be over several machines, with rows in every part.
 */
import { openDatabase } from '../../src/store/database.ts';
import { migrateUp } from '../../src/store/migrate.ts';
import { BOOK, LIBRARY } from '../store/shelf.ts';
import { freshDatabase, type Session, withSession } from './support.ts';

const PARTS = 8;
/** What each table is split by. */
export const SHARD_KEYS = {
  scope: 'id',
  record: 'scope_id',
  sync_log: 'scope_id',
  sync_conflict: 'scope_id',
  digest: 'scope_id',
  member: 'scope_id',
  receipt: 'actor_id',
  location: 'id',
  membership_by_user: 'user_id',
  waiting_change: 'actor_id',
  bookmark: 'user_id',
  sync_failure: 'actor_id',
  sync_refusal: 'scope_id',
  sync_metrics: 'tenant_id',
  checkpoint: 'scope_id',
  sync_act: 'scope_id',
} as const;

export async function splitDatabase(): Promise<Awaited<ReturnType<typeof freshDatabase>>> {
  const database = await freshDatabase();
  const owner = openDatabase({
    url: database.ownerUrl,
    poolMax: 1,
    role: null,
    statementMsMax: 0,
    log: () => {},
  });
  await owner.use((connection) => migrateUp(connection));
  await owner.close();
  await withSession(database.ownerUrl, async (session) => {
    await session.rows('SET search_path = ackord');
    await session.rows('GRANT USAGE ON SCHEMA ackord TO ackord_app');
    for (const [table, key] of Object.entries(SHARD_KEYS)) await split(session, table, key);
    await fill(session);
  });
  return database;
}

async function split(session: Session, table: string, key: string): Promise<void> {
  const [{ policy } = { policy: '' }] = await session.rows<{ policy: string }>(
    `SELECT qual AS policy FROM pg_policies WHERE schemaname = 'ackord' AND tablename = $1`,
    [table],
  );
  await session.rows(`ALTER TABLE ${table} RENAME TO whole`);
  await session.rows(
    `CREATE TABLE ${table} (LIKE whole INCLUDING DEFAULTS INCLUDING GENERATED) PARTITION BY HASH (${key})`,
  );
  for (let part = 0; part < PARTS; part++) {
    await session.rows(
      `CREATE TABLE ${table}_${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTS}, REMAINDER ${part})`,
    );
  }
  const indexes = await session.rows<{ definition: string }>(
    `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
     WHERE indrelid = 'whole'::regclass AND NOT indisexclusion`,
  );
  for (const { definition } of indexes) {
    const columns = definition.slice(definition.indexOf(' USING '));
    await session.rows(`CREATE ${definition.includes('UNIQUE') ? 'UNIQUE ' : ''}INDEX ON ${table}${columns}`);
  }
  if (table === 'record') {
    // Exclusion constraints on partitioned tables came with PostgreSQL 17; for reading, this does the same.
    await session.rows(`CREATE INDEX ON record (scope_id, type, unique_key) WHERE unique_key IS NOT NULL`);
  }
  // Views for people look at it; no statement of the server does.
  await session.rows('DROP TABLE whole CASCADE');
  await session.rows(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ackord_app`);
  if (policy !== '') {
    await session.rows(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
    await session.rows(`CREATE POLICY named_scopes ON ${table} USING (${policy})`);
  }
}

/** Enough rows in every part that an index pays: 200 scopes and users with 100 rows each. */
async function fill(session: Session): Promise<void> {
  const rows = `FROM generate_series(0, 19999) AS i`;
  const of = { scope: `'library:' || (i % 200)`, user: `'u' || (i % 200)` };
  const book = `'${BOOK}', 'b' || i`;
  const fills: { readonly [table: string]: string } = {
    'scope (id, head)': `SELECT 'library:' || i, 100 ${rows}`,
    'digest (scope_id, type, count, high, low)': `SELECT 'library:' || i, '${BOOK}', 1, 1, 1 ${rows}`,
    [`record (scope_id, type, id, version, seq, created_at, updated_at, created_by, updated_by, sync_priority,
      field_clock, checksum, doc, owner_id, tombstone, unique_key)`]: `SELECT ${of.scope}, ${book}, 1, i, now(), now(),
      'ann', 'ann', 1, '{}', '', '{}', 'l' || (i / 1000),
      CASE WHEN i % 3 = 0 THEN json_build_object('deletion', 'd' || i) END,
      CASE WHEN i % 3 = 1 THEN 'k' || i END ${rows}`,
    'sync_log (scope_id, seq, at, type, id, version, operation, actor_id, outcome)': `SELECT scope_id, seq,
      created_at, type, id, version, 'CREATE', 'ann', 'applied' FROM record`,
    'location (type, id, scope_id)': 'SELECT type, id, scope_id FROM record',
    'receipt (actor_id, change_id, fingerprint, scope_id, body, created_at)': `SELECT ${of.user}, 'c' || i, '',
      'library:1', '{}', now() ${rows}`,
    'member (scope_id, user_id, role, granted_at)': `SELECT ${of.scope}, 'u' || i, 'OWNER', now() ${rows}`,
    'membership_by_user (user_id, scope_id, role, granted_at)': `SELECT ${of.user}, 'library:' || i, 'OWNER',
      now() ${rows}`,
    'sync_conflict (scope_id, id, type, entity_id, actor_id, status, created_at, body)': `SELECT ${of.scope}, 'c' || i,
      ${book}, 'ann', 'pending', now(), '{}' ${rows}`,
    [`waiting_change (actor_id, id, parent_type, parent_id, target_type, target_id, conflict_id, payload,
      created_at)`]: `SELECT ${of.user}, 'w' || i, '${LIBRARY}', 'l' || i, ${book}, 'c' || i, '{}', now() ${rows}`,
    'sync_failure (actor_id, device_id, type, id, at, code, message, version)': `SELECT ${of.user}, 'phone', ${book},
      now(), 'INVALID', '', 1 ${rows}`,
    [`sync_refusal (scope_id, entry_id, at, first_at, actor_id, entity_type, entity_id, operation, code, message,
      retry_count)`]: `SELECT ${of.scope}, 'e' || i, now(), now(), 'ann', 'Book', 'b', 'update', 'INVALID', '', 0 ${rows}`,
    'sync_metrics (id, tenant_id, sync_session_id, start_time, sync_type)': `SELECT 'm' || i, i % 200, 's', now(),
      'manual' ${rows}`,
    [`checkpoint (scope_id, id, domain, checkpoint_type, seq, epoch, created_at, created_by, last_sync_time,
      entity_counts, data_checksums)`]: `SELECT ${of.scope}, 'c' || i, 'library', 'full_sync', 1, 1, now(), 'ann',
      now(), '{}', '{}' ${rows}`,
    'bookmark (user_id, key, state, number, created_at)': `SELECT ${of.user}, 'k' || i, '{}', i, now() ${rows}`,
  };
  for (const [target, select] of Object.entries(fills)) await session.rows(`INSERT INTO ${target} ${select}`);
  await session.rows('ANALYZE');
}
