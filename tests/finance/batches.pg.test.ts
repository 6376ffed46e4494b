/** Many entries in one message: each for itself, or all or none. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { caughtUp, two, updatesOf } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

async function batch(app: App, entries: readonly Loose[], more: Loose = {}): Promise<Loose> {
  const from = app.received.length;
  app.send({ type: 'process_sync_batch', id: randomUUID(), tenant_id: app.tenantId, entries, ...more });
  return app.next(({ type }) => type === 'sync_batch_result' || type === 'error', from);
}

const typesOf = ({ results }: Loose): string[] => results.map(({ type }: Loose) => type);
const tags = (tenant: string, count: number, more: object = {}): Loose[] =>
  Array.from({ length: count }, () => entryOf(tenant, 'Tag', 'create', fresh('Tag', more)));

describe.each([false, true])('process_sync_batch, atomic: %s', (atomic) => {
  test('an answer for each entry, in their order; the others hear of all', async () => {
    const { tenant, a, b } = await two(ground);
    const entries = tags(tenant, 30);
    const id = randomUUID();
    const result = await batch(a, entries, { atomic, id });
    expect(result).toEqual({
      type: 'sync_batch_result',
      id,
      tenant_id: tenant,
      atomic,
      results: expect.any(Array),
    });
    expect(result.results.map((one: Loose) => one.id)).toEqual(entries.map((entry) => entry.id));
    expect(new Set(typesOf(result))).toEqual(new Set(['sync_ack']));
    expect(result.results[0]).toMatchObject({ status: 'processed', outcome: 'applied', entityType: 'Tag' });
    await caughtUp(a, b);
    for (const { entityId } of entries) expect(updatesOf(b, entityId)).toHaveLength(1);
  });

  test('the same batch again: the same answers, nothing twice', async () => {
    const { tenant, a, b } = await two(ground);
    const entries = tags(tenant, 5);
    const id = randomUUID();
    const first = await batch(a, entries, { atomic, id });
    expect(await batch(a, entries, { atomic, id })).toEqual(first);
    expect(await batch(b, entries, { atomic, id })).toEqual(first);
    await caughtUp(a, b);
    for (const { entityId } of entries) expect(updatesOf(b, entityId)).toHaveLength(1);
  });

  test('with a bad member', async () => {
    const { tenant, a, b } = await two(ground);
    const entries = tags(tenant, 4);
    entries[2].payload.name = 7;
    const result = await batch(a, entries, { atomic });
    const fine = atomic ? 'sync_nack' : 'sync_ack';
    expect(typesOf(result)).toEqual([fine, fine, 'sync_nack', fine]);
    expect(result.results[2]).toMatchObject({
      code: 'INVALID',
      reason: 'validation_error',
      is_permanent: true,
    });
    if (atomic)
      expect(result.results[0]).toMatchObject({ code: 'TRANSACTION_ABORTED', reason: 'constraint_error' });
    await caughtUp(a, b);
    for (const [at, { entityId }] of entries.entries())
      expect(updatesOf(b, entityId)).toHaveLength(atomic || at === 2 ? 0 : 1);
    // What was refused with the batch goes through without its bad member.
    if (atomic)
      expect(
        typesOf(
          await batch(
            a,
            entries.filter((_, at) => at !== 2),
            { atomic },
          ),
        ),
      ).toEqual(['sync_ack', 'sync_ack', 'sync_ack']);
  });

  test('a member that is no entry at all, one for another tenant, and one without effect', async () => {
    const { tenant, a } = await two(ground);
    const [fine, foreign, empty] = tags(tenant, 3);
    const entries = [
      fine,
      null,
      7,
      'x',
      [],
      {},
      { ...foreign, tenantId: randomUUID() },
      { ...empty, operationType: 'reset' },
    ];
    const result = await batch(a, entries, { atomic });
    expect(result.results).toHaveLength(entries.length);
    const nacks = Array.from({ length: 6 }, () => 'sync_nack');
    expect(typesOf(result)).toEqual(
      atomic ? [...nacks, 'sync_nack', 'sync_nack'] : ['sync_ack', ...nacks, 'sync_ack'],
    );
    expect(result.results[6]).toMatchObject({ reason: 'permission_error', id: foreign.id });
  });

  test('several entries of one record, in their order', async () => {
    const { tenant, a, b } = await two(ground);
    const tag = fresh('Tag');
    const entries = [
      entryOf(tenant, 'Tag', 'create', tag),
      entryOf(tenant, 'Tag', 'update', { ...tag, name: 'second' }),
      entryOf(tenant, 'Tag', 'update', { ...tag, name: 'third' }),
    ];
    expect(typesOf(await batch(a, entries, { atomic }))).toEqual(['sync_ack', 'sync_ack', 'sync_ack']);
    await caughtUp(a, b);
    expect(updatesOf(b, tag.id).at(-1).data.single_entity.name).toBe('third');
  });
});

describe('a batch that can’t be read', () => {
  test.each<[string, Loose]>([
    ['no entries', { entries: [] }],
    ['entries that are no list', { entries: {} }],
    ['too many entries', { entries: Array.from({ length: 1_001 }, () => ({})) }],
    ['no id', { id: undefined }],
    ['an id that is none', { id: '' }],
    ['atomic that is no flag', { atomic: 'yes' }],
  ])('%s', async (_name, more) => {
    const { tenant, a } = await two(ground);
    expect(await batch(a, tags(tenant, 1), more)).toMatchObject({
      type: 'error',
      code: 'MALFORMED',
      original_type: 'process_sync_batch',
    });
  });
});
