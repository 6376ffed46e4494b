/** Every route under /api/v1/sync, good input and bad, in the open mode. Who may do what: sync-access.pg.test.ts. */
import { randomUUID } from 'node:crypto';
import { entityChecksum, TYPE_NAMES } from '@ackord/finance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSession } from '../../../packages/server/tests/postgres/support.ts';
import { createOf, deleteOf, FIELDS, updateOf } from '../history.ts';
import { type SyncGround, type SyncTenant, startSync } from './sync-ground.ts';

let ground: SyncGround;
beforeAll(async () => {
  ground = await startSync(true);
});
afterAll(() => ground.close());

const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** Two devices change a tag; the later edit wins. Gives the value that stands and the conflict. */
async function clash(tenant: SyncTenant, id = 't1') {
  const at = Date.now() - 10_000;
  await tenant.send([createOf('Tag', id, { fields: { name: 'Old' } })], 'one');
  await tenant.send([updateOf('Tag', id, 'Mine', { base: 1, clientTime: at })], 'one');
  await tenant.send([updateOf('Tag', id, 'Theirs', { base: 1, clientTime: at + 5_000 })], 'two');
  const { body } = await ground.get(`/conflicts/${tenant.id}`);
  return body.conflicts[0];
}

const nameOf = async (tenant: SyncTenant, id = 't1') => {
  const key = { type: 'finance.Tag', id: `${tenant.id}/${id}` };
  return (await ground.engine.records(tenant.actor, [key]))[0]?.fields.name;
};

describe('status', () => {
  test('has the keys of the contract, with the queue as it is and the time of the newest commit', async () => {
    const tenant = ground.tenant();
    expect((await ground.get(`/status/${tenant.id}`)).body).toMatchObject({ last_sync_time: null });
    const before = nowSeconds();
    await tenant.send([createOf('Tag', 't1')]);
    const entry = { entity_type: 'Tag', entity_id: 't', attempts: 1, reason: 'processing_error' };
    ground.queue.set(tenant.id, [
      { ...entry, id: 'a', next_try: 5 },
      { ...entry, id: 'b', next_try: null },
    ]);
    const { status, body } = await ground.get(`/status/${tenant.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      tenant_id: tenant.id,
      queue_length: 2,
      last_sync_time: expect.any(Number),
      sync_in_progress: true,
      failed_entries_count: 1,
      server_time: expect.any(Number),
    });
    expect(body.last_sync_time).toBeGreaterThanOrEqual(before - 1);
    expect(body.server_time).toBeLessThanOrEqual(nowSeconds());
  });
});

describe('data-status', () => {
  test('lists the checksums of all nine types, or of those that are named in any case', async () => {
    const tenant = ground.tenant();
    await tenant.send([createOf('Tag', 't1'), createOf('Account', 'a1')]);
    const all = await ground.get(`/data-status/${tenant.id}`);
    expect(Object.keys(all.body)).toEqual([
      'type',
      'tenant_id',
      'entity_checksums',
      'last_sync_time',
      'server_time',
    ]);
    expect(Object.keys(all.body.entity_checksums)).toEqual([...TYPE_NAMES]);
    const [record] = await ground.engine.records(tenant.actor, [
      { type: 'finance.Tag', id: `${tenant.id}/t1` },
    ]);
    expect(all.body.entity_checksums.Tag).toEqual([
      {
        entity_id: 't1',
        checksum: entityChecksum('Tag', 't1', record?.fields ?? {}),
        last_modified: Math.floor(Date.parse(String(record?.fields.editedAt)) / 1_000),
      },
    ]);
    const some = await ground.get(`/data-status/${tenant.id}?entity_types=tag,%20ACCOUNT,Nonsense`);
    expect(Object.keys(some.body.entity_checksums)).toEqual(['Account', 'Tag']);
    const none = await ground.get(`/data-status/${tenant.id}?entity_types=`);
    expect(none.body.entity_checksums).toEqual({});
  });
});

describe('detect-conflicts', () => {
  test('tells what differs, in the form of the contract', async () => {
    const tenant = ground.tenant();
    await tenant.send([createOf('Tag', 't1'), createOf('Tag', 't2'), createOf('Account', 'a1')]);
    const { status, body } = await ground.post('/detect-conflicts', {
      tenant_id: tenant.id,
      client_checksums: {
        Tag: [
          { entity_id: 't1', checksum: 'x' },
          { entity_id: 't3', checksum: 'y', last_modified: null },
        ],
      },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      conflicts: [
        {
          entity_type: 'Tag',
          entity_id: 't1',
          local_checksum: 'x',
          server_checksum: expect.stringMatching(/^[0-9a-f]{32}$/),
          local_last_modified: null,
          server_last_modified: expect.any(Number),
        },
      ],
      local_only: [{ entity_type: 'Tag', entity_id: 't3' }],
      server_only: [{ entity_type: 'Tag', entity_id: 't2' }],
    });
  });

  test.each([
    ['no JSON', '{'],
    ['a list', []],
    ['no tenant', { client_checksums: {} }],
    ['checksums in another form', { tenant_id: 't', client_checksums: { Tag: { t1: 'x' } } }],
    [
      'a number for a checksum',
      { tenant_id: 't', client_checksums: { Tag: [{ entity_id: 't', checksum: 1 }] } },
    ],
  ])('refuses %s by 422 with the places of the faults', async (_, sent) => {
    const { status, body } = await ground.post('/detect-conflicts', sent);
    expect(status).toBe(422);
    expect(body.detail[0]).toMatchObject({ loc: expect.any(Array), msg: expect.any(String) });
  });
});

describe('acknowledge', () => {
  const entry = (id: string) => ({
    id,
    entity_type: 'Tag',
    entity_id: 't',
    attempts: 2,
    next_try: 5,
    reason: 'processing_error',
  });
  const acts = (tenant: SyncTenant) =>
    withSession(ground.database.ownerUrl, ({ rows }) =>
      rows('SELECT actor_id, act, subject, detail FROM ackord.sync_act WHERE scope_id = $1 ORDER BY at', [
        tenant.scope,
      ]),
    );

  test('takes an entry out of the queue, and notes who did it', async () => {
    const tenant = ground.tenant();
    ground.queue.set(tenant.id, [entry('e1'), entry('e2')]);
    const sent = { entry_id: 'e1', tenant_id: tenant.id };
    const { status, body } = await ground.post('/acknowledge', sent);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: expect.any(String),
      entry_id: 'e1',
      tenant_id: tenant.id,
    });
    expect(ground.queue.get(tenant.id)?.map(({ id }) => id)).toEqual(['e2']);
    expect(await acts(tenant)).toMatchObject([
      { actor_id: tenant.scope, act: 'acknowledge', subject: 'e1', detail: { known: true } },
    ]);
    expect(ground.acts).toContain('acknowledge e1');
    expect((await ground.post('/acknowledge', sent)).status).toBe(404);
  });

  test('settles an entry that was refused, as rejected too', async () => {
    const tenant = ground.tenant();
    ground.models.recordRefusals([
      {
        tenantId: tenant.id,
        entryId: 'e1',
        actor: tenant.scope,
        entityType: 'Tag',
        entityId: 't1',
        operation: 'update',
        code: 'INVALID',
        message: 'A rule.',
        retryCount: 0,
        at: Date.now(),
      },
    ]);
    const sent = { entry_id: 'e1', tenant_id: tenant.id, reject: true };
    expect((await ground.post('/acknowledge', sent)).body.message).toContain('rejected');
    const logs = await ground.get(`/logs/${tenant.id}?status=failed`);
    expect(logs.body.logs).toMatchObject([
      {
        error_message: 'INVALID: A rule.',
        sync_metadata: { settled: 'rejected', settled_by: tenant.scope },
      },
    ]);
  });

  test('refuses an entry that is not known, but with force', async () => {
    const tenant = ground.tenant();
    const sent = { entry_id: 'nothing', tenant_id: tenant.id };
    expect(await ground.post('/acknowledge', sent)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect(await acts(tenant)).toEqual([]);
    expect((await ground.post('/acknowledge', { ...sent, force: true })).body.success).toBe(true);
    expect(await acts(tenant)).toMatchObject([{ subject: 'nothing', detail: { known: false, force: true } }]);
    expect((await ground.post('/acknowledge', { ...sent, force: 'yes' })).status).toBe(422);
  });
});

describe('conflicts', () => {
  test('are none, then listed with both sides and what became of them', async () => {
    const tenant = ground.tenant();
    const none = await ground.get(`/conflicts/${tenant.id}`);
    expect(none.body).toEqual({
      tenant_id: tenant.id,
      conflicts: [],
      last_check: expect.any(Number),
      next_cursor: null,
    });
    const conflict = await clash(tenant);
    expect(conflict).toMatchObject({
      entity_type: 'Tag',
      entity_id: 't1',
      conflict_type: 'data_mismatch',
      resolution_status: 'resolved_local',
      resolution_strategy: 'last_write_wins',
      resolved_by: 'system',
      fields: ['name'],
      local: { id: 't1', name: 'Theirs' },
      server: { id: 't1', name: 'Mine' },
    });
    expect(conflict.local_checksum).not.toBe(conflict.server_checksum);
    expect(conflict.local_last_modified - conflict.server_last_modified).toBe(5);
    // The view tells the same.
    const rows = await withSession(ground.database.ownerUrl, (session) =>
      session.rows(
        `SELECT id, entity_type, entity_id, conflict_type, resolution_status, resolution_strategy, resolved_by,
          local_checksum <> server_checksum AS differ,
          extract(epoch FROM local_last_modified - server_last_modified)::int AS apart
        FROM ackord.sync_conflicts WHERE tenant_id = $1`,
        [tenant.id],
      ),
    );
    const { id, entity_type, entity_id, conflict_type, resolution_status, resolution_strategy, resolved_by } =
      conflict;
    const told = {
      id,
      entity_type,
      entity_id,
      conflict_type,
      resolution_status,
      resolution_strategy,
      resolved_by,
    };
    expect(rows).toEqual([{ ...told, differ: true, apart: 5 }]);
  });

  test('come page by page, filtered by type and status', async () => {
    const tenant = ground.tenant();
    for (const id of ['t1', 't2', 't3']) await clash(tenant, id);
    const ids: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ground.get(`/conflicts/${tenant.id}?limit=2${cursor}`);
      ids.push(...body.conflicts.map((one: { entity_id: string }) => one.entity_id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(ids).toEqual(['t3', 't2', 't1']);
    const count = async (query: string) =>
      (await ground.get(`/conflicts/${tenant.id}?${query}`)).body.conflicts.length;
    expect(await count('status=pending')).toBe(0);
    expect(await count('status=resolved&entity_type=tag')).toBe(3);
    expect(await count('entity_type=Account')).toBe(0);
    expect(await count(`since=${nowSeconds() + 60}`)).toBe(0);
    expect(await count('since=2020-01-01T00:00:00Z')).toBe(3);
  });

  test.each(['limit=0', 'limit=501', 'limit=x', 'since=yesterday', 'status=other'])(
    'refuse %s by 422',
    async (query) => {
      expect((await ground.get(`/conflicts/${ground.tenant().id}?${query}`)).status).toBe(422);
    },
  );

  test('refuse what is no cursor', async () => {
    for (const list of ['conflicts', 'logs', 'metrics'])
      expect(await ground.get(`/${list}/${ground.tenant().id}?cursor=nonsense`)).toMatchObject({
        status: 400,
        body: { code: 'CURSOR_MALFORMED' },
      });
  });

  test('are undone: the loser comes back, by an ordinary change', async () => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    expect(await nameOf(tenant)).toBe('Theirs');
    const undone = await ground.post(`/conflicts/${tenant.id}/${id}/undo`);
    expect(undone).toMatchObject({
      status: 200,
      body: { success: true, conflict: { resolution_status: 'resolved_server', resolved_by: tenant.scope } },
    });
    expect(await nameOf(tenant)).toBe('Mine');
    const again = await ground.post(`/conflicts/${tenant.id}/${id}/undo`);
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT_MOVED', conflict: { id } } });
    expect(again.body.detail).toMatch(/decided before/);
  });

  test('that a person has decided are decided otherwise by nobody, who is told so', async () => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    const path = `/conflicts/${tenant.id}/${id}/resolve`;
    const byHand = { strategy: 'manual', data: { name: 'By hand' } };
    expect((await ground.post(path, byHand)).status).toBe(200);
    expect((await ground.post(path, byHand)).status).toBe(200);
    for (const other of [
      { strategy: 'manual', data: { name: 'Otherwise' } },
      { strategy: 'local' },
      { strategy: 'server' },
    ])
      expect(await ground.post(path, other)).toMatchObject({ status: 409, body: { code: 'CONFLICT_MOVED' } });
    expect(await nameOf(tenant)).toBe('By hand');
  });

  test('are asked for by names that are none of a type: nothing, or what is wrong with the name', async () => {
    const tenant = ground.tenant();
    for (const list of ['conflicts', 'logs']) {
      expect((await ground.get(`/${list}/${tenant.id}?entity_type=constructor`)).status).toBe(200);
      expect((await ground.get(`/${list}/${tenant.id}?entity_type=a%00`)).status).toBe(422);
    }
    for (const name of ['constructor', 'hasOwnProperty', 'toString']) {
      const client_checksums = { [name]: [{ entity_id: 'x', checksum: 'y' }] };
      const found = await ground.post('/detect-conflicts', { tenant_id: tenant.id, client_checksums });
      expect(found).toMatchObject({
        status: 200,
        body: { local_only: [{ entity_type: name, entity_id: 'x' }], server_only: [] },
      });
    }
    const settled = { tenant_id: tenant.id, entry_id: 'a\0', force: true };
    expect((await ground.post('/acknowledge', settled)).status).toBe(422);
  });

  test.each([
    ['local', 'Theirs', 'resolved_local'],
    ['server', 'Mine', 'resolved_server'],
  ])('are resolved for the %s side', async (strategy, name, status) => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    const path = `/conflicts/${tenant.id}/${id}/resolve`;
    expect((await ground.post(path, { strategy })).body.conflict).toMatchObject({
      resolution_status: status,
    });
    expect(await nameOf(tenant)).toBe(name);
    // Asked again, it is as it was.
    expect((await ground.post(path, { strategy })).status).toBe(200);
  });

  test('are resolved by hand, with some of the fields under their wire names', async () => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    const path = `/conflicts/${tenant.id}/${id}/resolve`;
    const data = { name: 'Both', color: 'info', unknown: 1 };
    const manual = await ground.post(path, { strategy: 'manual', data });
    expect(manual.body.conflict).toMatchObject({
      resolution_status: 'resolved_manual',
      resolution_strategy: 'manual_merge',
    });
    const [record] = await ground.engine.records(tenant.actor, [
      { type: 'finance.Tag', id: `${tenant.id}/t1` },
    ]);
    expect(record?.fields).toMatchObject({ name: 'Both', color: 'info' });
  });

  test('of a deletion are undone in both ways', async () => {
    const tenant = ground.tenant();
    const at = Date.now() - 10_000;
    await tenant.send([createOf('Tag', 't1', { fields: { name: 'Old' } })], 'one');
    await tenant.send([updateOf('Tag', 't1', 'Mine', { base: 1, clientTime: at })], 'one');
    await tenant.send([deleteOf('Tag', 't1', { base: 1, clientTime: at + 5_000 })], 'two');
    expect(await nameOf(tenant)).toBeUndefined();
    const [conflict] = (await ground.get(`/conflicts/${tenant.id}`)).body.conflicts;
    expect(conflict).toMatchObject({ conflict_type: 'deletion_conflict', local: null, local_checksum: '' });
    expect((await ground.post(`/conflicts/${tenant.id}/${conflict.id}/undo`)).status).toBe(200);
    expect(await nameOf(tenant)).toBe('Mine');
  });

  test('of which the record has moved on are refused, and shown as they are now', async () => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    await tenant.send([updateOf('Tag', 't1', 'Newer', { base: 3 })], 'one');
    const answer = await ground.post(`/conflicts/${tenant.id}/${id}/undo`);
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT_MOVED', conflict: { id, server: { name: 'Newer' } } },
    });
  });

  test('take no nonsense', async () => {
    const tenant = ground.tenant();
    const { id } = await clash(tenant);
    const path = `/conflicts/${tenant.id}/${id}/resolve`;
    for (const body of [
      {},
      { strategy: 'mine' },
      { strategy: 'manual' },
      { strategy: 'manual', data: {} },
      { strategy: 'manual', data: { name: 7 } },
      { strategy: 'manual', data: [] },
    ])
      expect((await ground.post(path, body)).status).toBe(422);
    for (const other of [randomUUID(), 'x', '%00'])
      expect((await ground.post(`/conflicts/${tenant.id}/${other}/undo`)).status).toBe(404);
    const stranger = ground.tenant();
    expect((await ground.post(`/conflicts/${stranger.id}/${id}/undo`)).status).toBe(404);
  });
});

describe('logs', () => {
  test('have a line per decided change and per refused entry, with the columns of the contract', async () => {
    const tenant = ground.tenant();
    await clash(tenant);
    await tenant.send([deleteOf('Tag', 't1', { base: 3 })]);
    const { body } = await ground.get(`/logs/${tenant.id}`);
    expect(
      body.logs.map(
        (log: { operation_type: string; status: string }) => `${log.operation_type} ${log.status}`,
      ),
    ).toEqual(['delete success', 'update conflict', 'update success', 'create success']);
    expect(Object.keys(body.logs[0])).toEqual(
      'id tenant_id entity_type entity_id operation_type sync_direction status error_message payload_checksum created_at processed_at retry_count sync_metadata'.split(
        ' ',
      ),
    );
    const conflicts = await ground.get(`/logs/${tenant.id}?status=conflict`);
    expect(conflicts.body.logs).toHaveLength(1);
    const first = await ground.get(`/logs/${tenant.id}?limit=3`);
    const second = await ground.get(`/logs/${tenant.id}?limit=3&cursor=${first.body.next_cursor}`);
    expect([...first.body.logs, ...second.body.logs]).toEqual(body.logs);
    // The view tells the same.
    const rows = await withSession(ground.database.ownerUrl, (session) =>
      session.rows<{ id: string; operation_type: string; status: string }>(
        'SELECT id, operation_type, status FROM ackord.sync_logs WHERE tenant_id = $1',
        [tenant.id],
      ),
    );
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(body.logs.map(({ id }: { id: string }) => id)));
  });
});

describe('metrics', () => {
  test('list sessions, and add up what was synced and what leads nowhere', async () => {
    const tenant = ground.tenant();
    await clash(tenant);
    await tenant.send([
      createOf('Account', 'a1', { fields: { ...FIELDS.Account, accountGroupId: 'gone' } }),
      createOf('Transaction', 'x1', {
        fields: { ...FIELDS.Transaction, accountId: 'a1', tagIds: ['t1', 'no', 'none'] },
      }),
      createOf('Transaction', 'x2', { fields: { ...FIELDS.Transaction, accountId: '', tagIds: null } }),
    ]);
    const session = ground.models.startSession({
      tenantId: tenant.id,
      syncType: 'automatic',
      trigger: 'websocket',
    });
    ground.models.endSession(session, {
      processed: 6,
      successful: 6,
      failed: 0,
      conflicts: 1,
      success: true,
    });
    const { status, body } = await ground.get(`/metrics/${tenant.id}`);
    expect(status).toBe(200);
    expect(body.sessions).toMatchObject([{ entities_processed: 6, conflicts_detected: 1, success: true }]);
    expect(body.totals).toMatchObject({
      sessions: 1,
      sessions_successful: 1,
      outcomes: { applied: 5, conflict: 1, refused: 0 },
      success_rate: 1,
      error_rate: 0,
      conflicts: { pending: 0, resolved: 1, resolved_by_person: 0 },
      dangling_references: [
        { entity_type: 'Account', field: 'accountGroupId', count: 1 },
        { entity_type: 'Transaction', field: 'tagIds', count: 2 },
      ],
    });
    expect((await ground.get(`/metrics/${ground.tenant().id}`)).body.totals).toMatchObject({
      success_rate: null,
      dangling_references: [],
    });
  });
});

describe('checkpoints', () => {
  test('are taken, listed, verified and gone back to', async () => {
    const tenant = ground.tenant();
    await tenant.send([createOf('Tag', 't1'), createOf('Tag', 't2')]);
    const made = await ground.post(`/checkpoints/${tenant.id}`, { checkpoint_type: 'full_sync' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        is_valid: true,
        entity_counts: { Tag: 2, Account: 0 },
        sync_version: '1.2',
        validation_errors: [],
      },
    });
    await tenant.send([updateOf('Tag', 't1', 'x'), deleteOf('Tag', 't2'), createOf('Account', 'a1')]);
    const { id } = made.body;
    const list = await ground.get(`/checkpoints/${tenant.id}`);
    expect(list.body.checkpoints).toEqual([made.body]);
    const verified = await ground.get(`/checkpoints/${tenant.id}/${id}/verify`);
    expect(verified.body).toMatchObject({
      differing_types: [],
      changes_needed: 3,
      data_checksums: made.body.data_checksums,
    });
    const restored = await ground.post(`/checkpoints/${tenant.id}/${id}/restore`);
    expect(restored).toMatchObject({
      status: 200,
      body: { deleted: 1, revived: 1, updated: 1, verified: true, differing: [], differing_count: 0 },
    });
    const again = await ground.post(`/checkpoints/${tenant.id}`);
    expect(again.body.data_checksums).toEqual(made.body.data_checksums);
    expect(ground.acts).toContain(`restore ${id}`);
    const sessions = await ground.get(`/metrics/${tenant.id}`);
    expect(sessions.body.sessions).toMatchObject([
      { sync_type: 'manual', trigger_source: 'api', success: true },
    ]);
    // The view has them too.
    const rows = await withSession(ground.database.ownerUrl, (session) =>
      session.rows('SELECT sync_version, is_valid FROM ackord.sync_checkpoints WHERE id = $1', [id]),
    );
    expect(rows).toEqual([{ sync_version: '1.2', is_valid: true }]);
  });

  test('that are useless are refused by 410, unknown ones by 404', async () => {
    const tenant = ground.tenant();
    await tenant.send([createOf('Tag', 't1')]);
    const { id } = (await ground.post(`/checkpoints/${tenant.id}`)).body;
    await withSession(ground.database.ownerUrl, ({ rows }) =>
      rows('UPDATE ackord.scope SET horizon = head + 1 WHERE id = $1', [tenant.scope]),
    );
    expect(await ground.post(`/checkpoints/${tenant.id}/${id}/restore`)).toMatchObject({
      status: 410,
      body: { code: 'CHECKPOINT_INVALID' },
    });
    expect((await ground.get(`/checkpoints/${tenant.id}`)).body.checkpoints).toMatchObject([
      { is_valid: false, validation_errors: [{ code: 'HISTORY_TRIMMED' }] },
    ]);
    for (const other of [randomUUID(), 'x'])
      expect((await ground.post(`/checkpoints/${tenant.id}/${other}/restore`)).status).toBe(404);
    expect((await ground.post(`/checkpoints/${tenant.id}`, { checkpoint_type: 'other' })).status).toBe(422);
  });
});
