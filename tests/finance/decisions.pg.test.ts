/** What becomes of an entry, row by row of what the original server did and of what a drop-in one has to do better. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEAST } from '../../domains/finance/tests/least-entities.ts';
import { type App, entryOf, type FinanceGround, iso, startFinance } from './ground.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground.close());

const group = (more: object = {}) => ({ ...LEAST.AccountGroup, id: randomUUID(), ...more });
const isUpdateOf =
  (id: string) => (message: { event_type?: string; data?: { single_entity: { id: string } } }) =>
    message.event_type === 'data_update' && message.data?.single_entity.id === id;

async function two(): Promise<{ tenant: string; a: App; b: App }> {
  const tenant = randomUUID();
  return { tenant, a: await ground.app(tenant), b: await ground.app(tenant) };
}

describe('create', () => {
  test('of an unknown id is applied, acknowledged, and told to the others as create', async () => {
    const { tenant, a, b } = await two();
    const at = Date.now();
    const sent = group({ name: 'Bank', updated_at: iso(at) });
    const entry = entryOf(tenant, 'AccountGroup', 'create', sent, { timestamp: at, lastAttempt: at });
    const ack = await a.entry(entry);
    expect(ack).toMatchObject({
      type: 'sync_ack',
      id: entry.id,
      status: 'processed',
      entityId: sent.id,
      entityType: 'AccountGroup',
      operationType: 'create',
      outcome: 'applied',
      checksum: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const update = await b.next(isUpdateOf(sent.id));
    expect(update).toEqual({
      event_type: 'data_update',
      tenant_id: tenant,
      entity_type: 'AccountGroup',
      operation_type: 'create',
      data: { single_entity: { ...sent, logo_path: null, updated_at: iso(at) } },
    });
    await a.settled();
    expect(a.received.filter(isUpdateOf(sent.id))).toEqual([]);
  });
});
