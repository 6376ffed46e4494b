/** Sync models on PostgreSQL: what is recorded is listed, page by page, and nobody sees another tenant's. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import type { PostgresStore } from '../../src/store/postgres-store.ts';
import type { LogRow, RefusedEntry, SyncModels } from '../../src/sync-models/ports.ts';
import { freshDatabase, openOn, withSession } from './support.ts';

let database: TestDatabase;
let opened: PostgresStore;
let models: SyncModels;
beforeAll(async () => {
  database = await freshDatabase();
  opened = await openOn(database);
  models = opened.models;
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const refusal = (tenantId: string, more: Partial<RefusedEntry> = {}): RefusedEntry => ({
  tenantId,
  entryId: randomUUID(),
  actor: 'somebody',
  entityType: 'Account',
  entityId: 'a1',
  operation: 'update',
  code: 'INVALID',
  message: 'A field has a value that its type does not allow.',
  retryCount: 0,
  at: Date.now(),
  ...more,
});

const logs = { cursor: null, limit: 500, since: null, status: null, entityType: null };

describe('refused entries', () => {
  test('are rows of the log, newest first, by pages', async () => {
    const [tenantId, other] = [randomUUID(), randomUUID()];
    const sent = Array.from({ length: 7 }, (_, index) => refusal(tenantId, { at: 1_000 * (index + 1) }));
    models.recordRefusals([...sent, refusal(other)]);
    const all = await models.listLogs({ ...logs, tenantId });
    const ids = (rows: readonly LogRow[] = []) => rows.map(({ sync_metadata }) => sync_metadata?.entry_id);
    expect(ids(all?.rows)).toEqual(sent.map(({ entryId }) => entryId).toReversed());
    expect(all?.rows[0]).toMatchObject({
      status: 'failed',
      tenant_id: tenantId,
      sync_direction: 'client_to_server',
      error_message: expect.stringMatching(/^INVALID: /),
    });
    const paged: LogRow[] = [];
    for (let cursor: string | null = null; ; ) {
      const page = await models.listLogs({ ...logs, tenantId, cursor, limit: 3 });
      paged.push(...(page?.rows ?? []));
      cursor = page?.cursor ?? null;
      if (cursor === null) break;
    }
    expect(paged).toEqual(all?.rows);
  });

  test('of one entry are one row, with the count of tries', async () => {
    const tenantId = randomUUID();
    const first = refusal(tenantId, { code: 'UNAVAILABLE', at: 5_000 });
    models.recordRefusals([first]);
    await models.flush();
    models.recordRefusals([{ ...first, retryCount: 2, at: 9_000 }]);
    const page = await models.listLogs({ ...logs, tenantId });
    expect(page?.rows).toHaveLength(1);
    expect(page?.rows[0]).toMatchObject({ retry_count: 2, created_at: 9_000, processed_at: null });
    expect(page?.rows[0]?.sync_metadata).toMatchObject({ first_at: 5_000 });
  });

  test('of any text spoil nothing', async () => {
    const tenantId = randomUUID();
    models.recordRefusals([refusal(tenantId, { entityId: 'a\0b\ud800', entryId: '\0' }), refusal(tenantId)]);
    expect((await models.listLogs({ ...logs, tenantId }))?.rows).toHaveLength(2);
  });

  test('are settled once', async () => {
    const tenantId = randomUUID();
    const one = refusal(tenantId);
    models.recordRefusals([one]);
    expect(await models.settleRefusal(tenantId, one.entryId, 'acknowledged', 'admin')).toBe(true);
    expect(await models.settleRefusal(tenantId, one.entryId, 'acknowledged', 'admin')).toBe(false);
    expect(await models.settleRefusal(randomUUID(), one.entryId, 'acknowledged', 'admin')).toBe(false);
    const [row] = (await models.listLogs({ ...logs, tenantId }))?.rows ?? [];
    expect(row?.sync_metadata).toMatchObject({ settled: 'acknowledged', settled_by: 'admin' });
    expect((await models.totals(tenantId, null)).refused).toBe(0);
  });

  test('are settled when they are taken after all, unless they were refused once more', async () => {
    const tenantId = randomUUID();
    const [one, two] = [refusal(tenantId), refusal(tenantId)];
    models.recordRefusals([one, two]);
    models.recordProcessed(tenantId, [one.entryId, two.entryId]);
    models.recordRefusals([{ ...two, retryCount: 1 }]);
    const rows = (await models.listLogs({ ...logs, tenantId }))?.rows;
    const settled = new Map(rows?.map(({ sync_metadata: it }) => [it?.entry_id, it?.settled]));
    expect(settled).toEqual(
      new Map([
        [one.entryId, 'processed'],
        [two.entryId, null],
      ]),
    );
  });

  test('are filtered by status, type and time', async () => {
    const tenantId = randomUUID();
    models.recordRefusals([
      refusal(tenantId, { entityType: 'Tag', at: 1_000 }),
      refusal(tenantId, { at: 2_000 }),
    ]);
    const count = async (filter: object) =>
      (await models.listLogs({ ...logs, tenantId, ...filter }))?.rows.length;
    expect(await count({ status: 'success' })).toBe(0);
    expect(await count({ status: 'failed' })).toBe(2);
    expect(await count({ entityType: 'Tag' })).toBe(1);
    expect(await count({ since: 1_500 })).toBe(1);
  });
});

describe('sessions', () => {
  test('are a row each, from their beginning on', async () => {
    const tenantId = randomUUID();
    const session = models.startSession({ tenantId, syncType: 'automatic', trigger: 'websocket' });
    const list = async () =>
      (await models.listMetrics({ tenantId, cursor: null, limit: 10, since: null }))?.rows;
    expect(await list()).toMatchObject([
      { id: session.id, end_time: null, duration_ms: null, success: false },
    ]);
    const counts = { processed: 5, successful: 4, failed: 1, conflicts: 2, success: true };
    models.endSession(session, { ...counts, performance: { p99: 3 } });
    expect(await list()).toMatchObject([
      {
        id: session.id,
        entities_processed: 5,
        entities_successful: 4,
        entities_failed: 1,
        conflicts_detected: 2,
        success: true,
        performance_data: { p99: 3 },
        duration_ms: expect.any(Number),
      },
    ]);
    expect(await models.totals(tenantId, null)).toMatchObject({ sessions: 1, sessionsSuccessful: 1 });
  });

  test('a first load is one, and a row of the log from server to client', async () => {
    const tenantId = randomUUID();
    models.noteLoad({ tenantId, records: 12, milliseconds: 30 });
    const page = await models.listLogs({ ...logs, tenantId });
    expect(page?.rows).toMatchObject([
      { sync_direction: 'server_to_client', operation_type: 'initial_load', sync_metadata: { records: 12 } },
    ]);
    const sessions = await models.listMetrics({ tenantId, cursor: null, limit: 10, since: null });
    expect(sessions?.rows).toMatchObject([{ sync_type: 'initial_load', duration_ms: 30, success: true }]);
  });
});

test.each([
  '',
  'x',
  'e30x',
  Buffer.from('[1]').toString('base64url'),
  Buffer.from('{"row":["x","y"]}').toString('base64url'),
])('what is no cursor is said to be none: %s', async (cursor) => {
  expect(await models.listMetrics({ tenantId: 't', cursor, limit: 10, since: null })).toBeNull();
});

const TABLES = ['sync_refusal', 'sync_metrics', 'sync_act', 'checkpoint'];
const VIEWS = ['sync_logs', 'sync_conflicts', 'sync_checkpoints', 'sync_metrics'];

test.each(TABLES)('%s shows a session only rows of the scopes that it has named', async (table) => {
  const [mine, foreign] = [randomUUID(), randomUUID()];
  for (const tenantId of [mine, foreign]) {
    models.recordRefusals([refusal(tenantId)]);
    models.noteLoad({ tenantId, records: 1, milliseconds: 1 });
    await models.recordAct({ tenantId, actor: 'a', act: 'acknowledge', subject: 'e', detail: null });
  }
  await models.flush();
  await withSession(database.ownerUrl, ({ rows }) =>
    rows(
      `INSERT INTO ackord.checkpoint (scope_id, id, domain, checkpoint_type, seq, epoch, created_at, created_by,
        last_sync_time, entity_counts, data_checksums)
      SELECT 'tenant:' || tenant, 'c', 'finance', 'full_sync', 1, 1, now(), 'a', now(), '{}', '{}'
      FROM unnest($1::text[]) AS tenant`,
      [[mine, foreign]],
    ),
  );
  const seen = (named: readonly string[]) =>
    withSession(database.appUrl, async ({ rows }) => {
      await rows('BEGIN');
      await rows(`SELECT set_config('ackord.scopes', $1, true)`, [
        JSON.stringify(Object.fromEntries(named.map((tenant) => [`tenant:${tenant}`, 0]))),
      ]);
      const found = await rows<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM ackord.${table} AS t`,
      );
      return found.map(({ row }) => [row.includes(mine), row.includes(foreign)]);
    });
  expect(await seen([])).toEqual([]);
  expect(await seen([mine])).toEqual([[true, false]]);
  expect(await seen([mine, foreign])).toHaveLength(2);
});

test.each(VIEWS)('%s has the columns of the contract', async (view) => {
  const columns = await withSession(database.appUrl, ({ rows }) =>
    rows<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'ackord' AND table_name = $1`,
      [view],
    ),
  );
  expect(columns.map(({ column_name }) => column_name).sort()).toEqual([...(COLUMNS[view] ?? [])].sort());
});

const COLUMNS: Record<string, readonly string[]> = {
  sync_logs:
    'id tenant_id entity_type entity_id operation_type sync_direction status error_message payload_checksum created_at processed_at retry_count sync_metadata'.split(
      ' ',
    ),
  sync_conflicts:
    'id tenant_id entity_type entity_id local_checksum server_checksum local_last_modified server_last_modified conflict_type resolution_status resolution_strategy created_at resolved_at resolved_by conflict_data'.split(
      ' ',
    ),
  sync_metrics:
    'id tenant_id sync_session_id start_time end_time duration_ms entities_processed entities_successful entities_failed conflicts_detected sync_type trigger_source success error_summary performance_data'.split(
      ' ',
    ),
  sync_checkpoints:
    'id tenant_id checkpoint_type last_sync_time entity_counts data_checksums sync_version created_at is_valid validation_errors'.split(
      ' ',
    ),
};

test('what is old is trimmed', async () => {
  const tenantId = randomUUID();
  const day = 86_400_000;
  models.recordRefusals([refusal(tenantId, { at: Date.now() - 3 * day }), refusal(tenantId)]);
  models.noteLoad({ tenantId, records: 1, milliseconds: 3 * day });
  models.noteLoad({ tenantId, records: 2, milliseconds: 1 });
  await models.flush();
  await opened.store.trim(Date.now() - 2 * day, 1_000);
  expect((await models.listLogs({ ...logs, tenantId }))?.rows).toHaveLength(2);
  const sessions = await models.listMetrics({ tenantId, cursor: null, limit: 10, since: null });
  expect(sessions?.rows).toMatchObject([{ entities_processed: 2 }]);
});
