/** All conflicts of a tenant, for its members: whoever met them. And deciding one for a side. */
import { randomUUID } from 'node:crypto';
import { createMemoryStore } from '@ackord/server';
import { expect, test } from 'vitest';
import { checkpointsInMemory, createOf, registry, tenantOn, updateOf } from './history.ts';

test('a member sees and decides conflicts that others met', async () => {
  const tenant = tenantOn(createMemoryStore({ registry }), checkpointsInMemory());
  const { engine, actor, scope } = tenant;
  const member = { userId: randomUUID() };
  const at = Date.now() - 10_000;
  await engine.submit({
    domain: 'finance',
    actor,
    device: null,
    batchId: randomUUID(),
    origin: 'server',
    changes: [{ entityType: 'Tenant', id: tenant.tenantId, operation: 'CREATE', fields: { name: 'Home' } }],
  });
  await tenant.send([createOf('Tag', 't1', { fields: { name: 'Old' } })]);
  const given = await engine.setMember({ actor, scope, userId: member.userId, role: 'EDITOR' });
  expect(given.ok).toBe(true);
  await tenant.send([updateOf('Tag', 't1', 'Mine', { base: 1, clientTime: at })], 'one');
  await tenant.send([updateOf('Tag', 't1', 'Theirs', { base: 1, clientTime: at + 5_000 })], 'two');

  const list = (who: { userId: string }, ofScope?: string) =>
    engine.conflicts({ actor: who, domain: 'finance', type: null, limit: 10, ...(ofScope && { ofScope }) });
  expect(await list(member)).toEqual([]);
  const [conflict] = await list(member, scope);
  expect(conflict).toMatchObject({ winner: 'client', fields: ['name'] });
  expect(await list({ userId: randomUUID() }, scope)).toEqual([]);
  expect(await list(member, `tenant:${randomUUID()}`)).toEqual([]);

  // By time the client's side would win; the member says otherwise.
  const decided = await engine.resolve({
    actor: member,
    domain: 'finance',
    conflictId: conflict?.id ?? '',
    strategy: 'MANUAL_RESOLUTION',
    resolvedFields: null,
    side: 'server',
    device: null,
  });
  expect(decided).toMatchObject({ ok: true, resolution: { resolvedBy: member.userId } });
  expect((await tenant.live())[0]?.fields.name).toBe('Mine');
});
