/** What a tenant holds, as checksums over its sockets, and where an app differs from it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, type FinanceGround, startFinance } from './ground.ts';
import { change } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const TYPES = [
  'Account',
  'AccountGroup',
  'Category',
  'CategoryGroup',
  'Recipient',
  'Tag',
  'AutomationRule',
  'PlanningTransaction',
  'Transaction',
];

async function ask(app: App, message: object, answer: string) {
  const from = app.received.length;
  app.send({ tenant_id: app.tenantId, ...message });
  return app.next(({ type }) => type === answer, from);
}

test.each(['data_status_request', 'request_data_status'])(
  '%s: a checksum for each record of all nine types, as its acknowledgement had it',
  async (type) => {
    const app = await ground.app(randomUUID());
    const sent = TYPES.map((name) => ({ name, entity: fresh(name as never) }));
    const acks = [];
    for (const { name, entity } of sent) acks.push(await change(app, name, 'create', entity));
    const status = await ask(app, { type, entity_types: null }, 'data_status_response');
    expect(Object.keys(status).sort()).toEqual([
      'entity_checksums',
      'last_sync_time',
      'server_time',
      'tenant_id',
      'type',
    ]);
    for (const [at, { name, entity }] of sent.entries())
      expect(status.entity_checksums[name]).toEqual([
        { entity_id: entity.id, checksum: acks[at].checksum, last_modified: expect.any(Number) },
      ]);
    expect(Math.abs(status.last_sync_time - Date.now() / 1_000)).toBeLessThan(60);
  },
);

test('a filter by type, in any case; unknown types are left out; another tenant is refused', async () => {
  const app = await ground.app(randomUUID());
  await change(app, 'Tag', 'create', fresh('Tag'));
  const type = 'data_status_request';
  const status = await ask(app, { type, entity_types: ['tAG', 'Nothing'] }, 'data_status_response');
  expect(Object.keys(status.entity_checksums)).toEqual(['Tag']);
  expect(await ask(app, { type, tenant_id: randomUUID() }, 'error')).toMatchObject({ code: 'FORBIDDEN' });
});

test('conflict_report names what differs and what only one side has, asked for in both ways', async () => {
  const app = await ground.app(randomUUID());
  const [same, other, missing] = [fresh('Tag'), fresh('Tag'), fresh('Tag')];
  const ack = await change(app, 'Tag', 'create', same);
  const differing = await change(app, 'Tag', 'create', other);
  await change(app, 'Tag', 'create', missing);
  const mine = { [same.id]: ack.checksum, [other.id]: 'f'.repeat(32), unknown: 'e'.repeat(32) };
  const report = {
    type: 'conflict_report',
    tenant_id: app.tenantId,
    conflicts: [
      {
        entity_type: 'Tag',
        entity_id: other.id,
        local_checksum: 'f'.repeat(32),
        server_checksum: differing.checksum,
        local_last_modified: null,
        server_last_modified: expect.any(Number),
      },
    ],
    local_only: [{ entity_type: 'Tag', entity_id: 'unknown' }],
    server_only: [{ entity_type: 'Tag', entity_id: missing.id }],
  };
  const asked = { type: 'data_status_request', entity_checksums: { Tag: mine } };
  expect(await ask(app, asked, 'conflict_report')).toEqual(report);
  const list = Object.entries(mine).map(([entity_id, checksum]) => ({ entity_id, checksum }));
  const detect = { type: 'detect_conflicts', client_checksums: { tag: list } };
  expect(await ask(app, detect, 'conflict_report')).toEqual(report);
});
