/** Who may do what under /api/v1/sync: with tokens, a row per route and role; a foreign tenant reads as an unknown one. */
import { randomUUID } from 'node:crypto';
import type { Role } from '@ackord/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOf, updateOf } from '../history.ts';
import { type SyncGround, startSync } from './sync-ground.ts';

let ground: SyncGround;
let tenantId: string;
let conflictId: string;
let checkpointId: string;
const tokens = {} as Record<'OWNER' | 'EDITOR' | 'VIEWER' | 'STRANGER', string>;

beforeAll(async () => {
  ground = await startSync(false);
  const owner = await ground.person();
  tenantId = randomUUID();
  const send = (actor: { userId: string }, device: string, changes: object[], origin: 'client' | 'server') =>
    ground.engine.submit({
      domain: 'finance',
      actor,
      device,
      batchId: randomUUID(),
      origin,
      tenant: tenantId,
      changes: changes as never,
    });
  await send(
    owner,
    'one',
    [{ entityType: 'Tenant', id: tenantId, operation: 'CREATE', fields: { name: 'Home' } }],
    'server',
  );
  tokens.OWNER = owner.token;
  for (const role of ['EDITOR', 'VIEWER'] satisfies Role[]) {
    const person = await ground.person();
    const scope = `tenant:${tenantId}`;
    const given = await ground.engine.setMember({ actor: owner, scope, userId: person.userId, role });
    if (!given.ok) throw new Error(given.message);
    tokens[role] = person.token;
  }
  tokens.STRANGER = (await ground.person()).token;
  await send(owner, 'one', [createOf('Tag', 't1', { fields: { name: 'Old' } })], 'client');
  await send(owner, 'one', [updateOf('Tag', 't1', 'Mine', { base: 1 })], 'client');
  await send(owner, 'two', [updateOf('Tag', 't1', 'Theirs', { base: 1 })], 'client');
  conflictId = (await ground.get(`/conflicts/${tenantId}`, tokens.VIEWER)).body.conflicts[0].id;
  checkpointId = (await ground.post(`/checkpoints/${tenantId}`, {}, tokens.EDITOR)).body.id;
});
afterAll(() => ground.close());

type Ask = (token?: string) => Promise<{ status: number; body: { code?: string } }>;
const get = (path: (tenant: string) => string) => (tenant: string) => (token?: string) =>
  ground.get(path(tenant), token);
const post =
  (path: (tenant: string) => string, body: (tenant: string) => object) =>
  (tenant: string) =>
  (token?: string) =>
    ground.post(path(tenant), body(tenant), token);

const ROUTES: readonly [string, (tenant: string) => Ask, 'VIEWER' | 'EDITOR' | 'OWNER'][] = [
  ['status', get((tenant) => `/status/${tenant}`), 'VIEWER'],
  ['data-status', get((tenant) => `/data-status/${tenant}`), 'VIEWER'],
  [
    'detect-conflicts',
    post(
      () => '/detect-conflicts',
      (tenant) => ({ tenant_id: tenant, client_checksums: {} }),
    ),
    'VIEWER',
  ],
  ['conflicts', get((tenant) => `/conflicts/${tenant}`), 'VIEWER'],
  ['logs', get((tenant) => `/logs/${tenant}`), 'VIEWER'],
  ['metrics', get((tenant) => `/metrics/${tenant}`), 'VIEWER'],
  ['checkpoints', get((tenant) => `/checkpoints/${tenant}`), 'VIEWER'],
  ['verify', get((tenant) => `/checkpoints/${tenant}/${checkpointId}/verify`), 'VIEWER'],
  [
    'resolve',
    post(
      (tenant) => `/conflicts/${tenant}/${conflictId}/resolve`,
      () => ({ strategy: 'server' }),
    ),
    'EDITOR',
  ],
  [
    'checkpoint',
    post(
      (tenant) => `/checkpoints/${tenant}`,
      () => ({}),
    ),
    'EDITOR',
  ],
  [
    'acknowledge',
    post(
      () => '/acknowledge',
      (tenant) => ({ tenant_id: tenant, entry_id: 'e', force: true }),
    ),
    'OWNER',
  ],
  [
    'restore',
    post(
      (tenant) => `/checkpoints/${tenant}/${checkpointId}/restore`,
      () => ({}),
    ),
    'OWNER',
  ],
];

const RANK = { VIEWER: 1, EDITOR: 2, OWNER: 3 };

test.each(ROUTES)('%s', async (_, asking, least) => {
  const ask = asking(tenantId);
  for (const role of ['VIEWER', 'EDITOR', 'OWNER'] as const) {
    const { status } = await ask(tokens[role]);
    if (RANK[role] >= RANK[least]) expect([200, 201]).toContain(status);
    else expect(status).toBe(403);
  }
  expect((await ask()).status).toBe(401);
  expect((await ask('nonsense')).status).toBe(401);
  const foreign = await ask(tokens.STRANGER);
  const unknown = await asking(randomUUID())(tokens.STRANGER);
  expect(foreign).toEqual(unknown);
  expect(foreign.status).toBe(404);
  // What is no id of a tenant names nothing either.
  expect([404, 422]).toContain((await asking('..%2Fx')(tokens.OWNER)).status);
});
