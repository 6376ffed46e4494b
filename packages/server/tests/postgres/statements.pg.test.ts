/**
 * The hot statements on tables that are split by hash, as they would be over several machines: whatever one scope (or
 * one user) asks for touches one part of each table, by an index, as the application's role. Also: every statement has a name of its own.
 */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import type { SqlValue } from '../../src/store/connection.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrateUp } from '../../src/store/migrate.ts';
import { bigintArray, integerArray, textArray, timeArray } from '../../src/store/sql-arrays.ts';
import type { Statement } from '../../src/store/statement.ts';
import { readBookmark } from '../../src/store/statements/bookmark/read-bookmark.ts';
import { readConflicts } from '../../src/store/statements/conflict/read-conflicts.ts';
import { readConflictsById } from '../../src/store/statements/conflict/read-conflicts-by-id.ts';
import { readOpenConflicts } from '../../src/store/statements/conflict/read-open-conflicts.ts';
import { readDigests } from '../../src/store/statements/digest/read-digests.ts';
import { readFailures } from '../../src/store/statements/failure/read-failures.ts';
import { countFeed } from '../../src/store/statements/feed/count-feed.ts';
import { readAncestors } from '../../src/store/statements/feed/read-ancestors.ts';
import { readFeed } from '../../src/store/statements/feed/read-feed.ts';
import { readLocations } from '../../src/store/statements/location/read-locations.ts';
import { readPlaces } from '../../src/store/statements/location/read-places.ts';
import { readHistory } from '../../src/store/statements/log/read-history.ts';
import { readSeqsAt } from '../../src/store/statements/log/read-seqs-at.ts';
import { readMembers } from '../../src/store/statements/member/read-members.ts';
import { readMemberships } from '../../src/store/statements/member/read-memberships.ts';
import { readCheckpoints } from '../../src/store/statements/models/checkpoints.ts';
import {
  listLogLines,
  listRefusals,
  listScopeConflicts,
} from '../../src/store/statements/models/list-models.ts';
import { readReceipts } from '../../src/store/statements/receipt/read-receipts.ts';
import { readChildren } from '../../src/store/statements/record/read-children.ts';
import { readDeletions } from '../../src/store/statements/record/read-deletions.ts';
import { readDescendants } from '../../src/store/statements/record/read-descendants.ts';
import { readRecords } from '../../src/store/statements/record/read-records.ts';
import { readUniqueHolders } from '../../src/store/statements/record/read-unique-holders.ts';
import { lockScopes, tryLockScopes } from '../../src/store/statements/scope/lock-scopes.ts';
import { readHeads } from '../../src/store/statements/scope/read-heads.ts';
import { readScopes } from '../../src/store/statements/scope/read-scopes.ts';
import { writeHeads } from '../../src/store/statements/scope/write-heads.ts';
import { readWaitingByTarget } from '../../src/store/statements/waiting/read-waiting-by-target.ts';
import { BOOK, LIBRARY } from '../store/shelf.ts';
import { freshDatabase, type Session, withSession } from './support.ts';

const PARTS = 8;
/** What each table is split by. */
const SHARD_KEYS = {
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

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
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
});
afterAll(() => database.drop());

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
  await session.rows(`GRANT SELECT, UPDATE ON ${table} TO ackord_app`);
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

const scope = textArray(['library:7']);
const type = textArray([BOOK]);
const id = textArray(['b7']);
const kinds = [textArray([BOOK]), textArray([LIBRARY])];
const parts: SqlValue[] = [scope, bigintArray([0]), bigintArray([1e6]), timeArray([null]), null, 0];

const HOT: [statement: Statement, values: readonly SqlValue[]][] = [
  [lockScopes, [scope]],
  [tryLockScopes, [scope]],
  [readHeads, [scope]],
  [readScopes, [scope]],
  [writeHeads, [scope, bigintArray([101]), '{false}', 0]],
  [readRecords, [scope, type, id]],
  [readChildren, [scope, textArray(['l7']), BOOK]],
  [readDescendants, [scope, textArray([LIBRARY]), textArray(['l7']), ...kinds]],
  [readDeletions, [scope, textArray(['some-deletion'])]],
  [readUniqueHolders, [scope, type, textArray(['k7'])]],
  [readFeed, [...parts, 100]],
  [countFeed, [...parts, 1_000]],
  [readAncestors, [...parts, scope, type, id, ...kinds]],
  [readHistory, [scope, type, id, integerArray([0])]],
  [readSeqsAt, [scope, Date.now()]],
  [readDigests, [scope]],
  [readMembers, [scope, null]],
  [readConflicts, [scope, null, 'ann', null, false, 20]],
  [readConflictsById, [scope, id]],
  [readOpenConflicts, [scope, type, id]],
  [readReceipts, [textArray(['u7']), textArray(['c7'])]],
  [readLocations, [type, id]],
  [readPlaces, [textArray(['u7']), type, id]],
  [readMemberships, ['u7']],
  [readWaitingByTarget, [textArray(['u7']), type, id]],
  [readBookmark, ['u7', 'some-key']],
  [readFailures, ['u7', 'phone']],
  [listLogLines, ['library:7', null, null, null, null, 100]],
  [listRefusals, ['library:7', null, null, null, null, 100]],
  [listScopeConflicts, ['library:7', null, null, null, null, null, 100, null]],
  [readCheckpoints, ['library:7', 100, null]],
];

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** Scans that really ran, by table. */
function scansOf(
  node: PlanNode,
  found: { how: string; part: string }[] = [],
): { how: string; part: string }[] {
  const part = node['Relation Name'];
  if (part !== undefined && node['Node Type'].includes('Scan') && node['Actual Loops'] > 0) {
    found.push({ how: node['Node Type'], part });
  }
  for (const child of node.Plans ?? []) scansOf(child, found);
  return found;
}

const explain = (statement: Statement, values: readonly SqlValue[]): Promise<PlanNode> =>
  explained(
    ['SET plan_cache_mode = force_custom_plan', `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`],
    values,
  );

/** The plan that the last command tells, in a session like the application's. */
async function explained(commands: readonly string[], values: readonly SqlValue[] = []): Promise<PlanNode> {
  return withSession(database.ownerUrl, async (session) => {
    for (const setting of ['search_path = ackord', 'enable_bitmapscan = off', 'random_page_cost = 1.1']) {
      await session.rows(`SET ${setting}`);
    }
    await session.rows('SET ROLE ackord_app');
    await session.rows('BEGIN');
    await session.rows(`SELECT set_config('ackord.scopes', '{"library:7": 0}', true)`);
    for (const command of commands.slice(0, -1)) await session.rows(command);
    const [row] = await session.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(commands.at(-1) ?? '', values);
    await session.rows('ROLLBACK');
    if (!row) throw new Error('EXPLAIN gave no plan.');
    return row['QUERY PLAN'][0].Plan;
  });
}

/** By an index, too, though row-level security lets no operator but the safest look at a row before it does. */
function expectOnePart(scans: readonly { readonly how: string; readonly part: string }[]): void {
  expect(scans.length).toBeGreaterThan(0);
  const parts = new Map<string, Set<string>>();
  for (const { how, part } of scans) {
    expect(how, part).toMatch(/^Index/);
    const table = part.replace(/_\d$/, '');
    parts.set(table, (parts.get(table) ?? new Set()).add(part));
  }
  for (const [table, touched] of parts) {
    expect(Object.keys(SHARD_KEYS), table).toContain(table);
    expect([...touched], table).toHaveLength(1);
  }
}

describe('one part of each table, by an index', () => {
  test.each(HOT.map(([statement, values]) => [statement.name, statement, values] as const))(
    '%s',
    async (_, statement, values) => expectOnePart(scansOf(await explain(statement, values))),
  );
});

describe('one part of each table, by an index, also with a plan that is kept', () => {
  const lists = (...columns: string[]): string => columns.map((column) => `'{${column}}'::text[]`).join(', ');
  test.each([
    [lockScopes, lists('library:7')],
    [tryLockScopes, lists('library:7')],
    [readHeads, lists('library:7')],
    [readLocations, lists(BOOK, 'b7')],
    [readReceipts, lists('u7', 'c7')],
    [readMembers, lists('library:7', 'u7')],
    [readDigests, lists('library:7')],
  ])('$0.name', async (statement, values) => {
    const types = values.split(', ').map(() => 'text[]');
    const plan = await explained([
      'SET plan_cache_mode = force_generic_plan',
      `PREPARE kept (${types.join(', ')}) AS ${statement.text}`,
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE kept (${values})`,
    ]);
    expectOnePart(scansOf(plan));
  });
});

test('every statement has a name of its own', async () => {
  const folder = new URL('../../src/store/statements/', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const names: string[] = [];
  for (const file of files) {
    const exported: Record<string, unknown> = await import(new URL(file, folder).href);
    for (const value of Object.values(exported)) if (isStatement(value)) names.push(value.name);
  }
  expect(names.length).toBeGreaterThan(30);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  for (const name of names) expect(name).toMatch(/^[a-z][a-z-]{2,62}$/);
});

const isStatement = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && 'name' in value && 'text' in value;
