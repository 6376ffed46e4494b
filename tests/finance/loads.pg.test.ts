/** All of a tenant at once, in parts, and what has changed since. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIST_KEYS, TYPE_NAMES } from '../../domains/finance/src/wire/type-names.ts';
import { type App, entryOf, type FinanceGround, iso, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, two } from './talk.ts';
import { fresh, received } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const isLoad = ({ event_type }: Loose): boolean => event_type === 'initial_data_load';

async function load(app: App): Promise<Loose> {
  const from = app.received.length;
  app.send({ type: 'request_initial_data', tenant_id: app.tenantId });
  return app.next(isLoad, from);
}

async function changes(app: App, cursor: string | null, more: Loose = {}): Promise<Loose> {
  const from = app.received.length;
  app.send({ type: 'request_changes', tenant_id: app.tenantId, cursor, ...more });
  return app.next(({ type }) => type === 'changes' || type === 'error', from);
}

/** Many entities at once, as a new app may send them. */
async function fill(app: App, type: 'Transaction' | 'Tag', count: number): Promise<string[]> {
  const entities = Array.from({ length: count }, () => fresh(type));
  for (let at = 0; at < count; at += 500) {
    const id = randomUUID();
    const some = entities.slice(at, at + 500).map((one) => entryOf(app.tenantId, type, 'create', one));
    app.send({ type: 'process_sync_batch', id, entries: some });
    const { results } = await app.next((one) => one.type === 'sync_batch_result' && one.id === id);
    expect(results.every((one: Loose) => one.type === 'sync_ack')).toBe(true);
  }
  return entities.map(({ id }) => id);
}

const sorted = (ids: readonly string[]): string[] => [...ids].sort();
const idsOf = (list: readonly Loose[]): string[] => sorted(list.map(({ id }) => id));

describe('request_initial_data', () => {
  test('of an empty tenant: nine empty arrays', async () => {
    const app = await ground.app(randomUUID());
    const answer = await load(app);
    expect(answer).toEqual({
      type: 'initial_data_load',
      event_type: 'initial_data_load',
      tenant_id: app.tenantId,
      payload: Object.fromEntries(Object.values(LIST_KEYS).map((key) => [key, []])),
    });
    expect(Object.keys(answer.payload)).toEqual([
      'accounts',
      'account_groups',
      'categories',
      'category_groups',
      'recipients',
      'tags',
      'automation_rules',
      'planning_transactions',
      'transactions',
    ]);
  });

  test('one of each type: whole, with nulls and moments', async () => {
    const { tenant, a } = await two(ground);
    const at = Date.now();
    const sent = TYPE_NAMES.map((type) => ({ type, entity: fresh(type, { updated_at: iso(at) }) }));
    await Promise.all(sent.map(({ type, entity }) => change(a, type, 'create', entity, at)));
    const { payload } = await load(await ground.app(tenant));
    for (const { type, entity } of sent)
      expect(payload[LIST_KEYS[type]]).toEqual([received(type, entity, iso(at))]);
  });

  test('is followed by deletions, and by what of categories the app does not take from a load', async () => {
    const { tenant, a } = await two(ground);
    const [gone, kept, plan] = [
      fresh('Tag'),
      fresh('Category', { name: 'Now' }),
      fresh('PlanningTransaction'),
    ];
    await change(a, 'Tag', 'create', gone);
    await change(a, 'Category', 'create', kept);
    await change(a, 'PlanningTransaction', 'create', plan);
    await change(a, 'Tag', 'delete', gone);
    await change(a, 'Transaction', 'delete', fresh('Transaction', { id: 'never-there' }));
    const late = await ground.app(tenant);
    const answer = await load(late);
    expect(answer.payload.tags).toEqual([]);
    await late.settled();
    const behind = late.received.slice(late.received.indexOf(answer) + 1, -1);
    expect(
      behind.map(({ entity_type, operation_type, data }) => [
        entity_type,
        operation_type,
        data.single_entity.id,
      ]),
    ).toEqual([
      ['Tag', 'delete', gone.id],
      ['Transaction', 'delete', 'never-there'],
      ['Category', 'update', kept.id],
    ]);
    expect(behind[2]).toMatchObject({
      event_type: 'data_update',
      tenant_id: tenant,
      data: { single_entity: { name: 'Now' } },
    });
  });

  test('asked three times in a row: answered each time, also where tenant_id is another’s, which counts for nothing', async () => {
    const { a } = await two(ground);
    const sent = fresh('Tag');
    await change(a, 'Tag', 'create', sent);
    for (const tenant_id of [a.tenantId, a.tenantId, randomUUID()])
      a.send({ type: 'request_initial_data', tenant_id });
    await a.settled();
    await expect.poll(() => a.received.filter(isLoad).length).toBe(3);
    for (const one of a.received.filter(isLoad)) {
      expect(one.tenant_id).toBe(a.tenantId);
      expect(idsOf(one.payload.tags)).toEqual([sent.id]);
    }
  });

  test('1,500 transactions: all of them', async () => {
    const { tenant, a } = await two(ground);
    const ids = await fill(a, 'Transaction', 1_500);
    const { payload } = await load(await ground.app(tenant));
    expect(idsOf(payload.transactions)).toEqual(sorted(ids));
  });

  test('nothing is missing and nothing comes twice while others write', async () => {
    const { tenant, a } = await two(ground);
    const ids: string[] = [];
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        const tags = Array.from({ length: 10 }, () => fresh('Tag'));
        await Promise.all(tags.map((tag) => change(a, 'Tag', 'create', tag)));
        ids.push(...tags.map(({ id }) => id));
      }
    })();
    const readers: App[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const app = await ground.app(tenant);
      await load(app);
      readers.push(app);
    }
    stop = true;
    await writing;
    await caughtUp(a, ...readers);
    for (const app of readers) {
      const from = app.received.findIndex(isLoad);
      const loaded = idsOf(app.received[from].payload.tags);
      const told = app.received.slice(from).filter(({ event_type }) => event_type === 'data_update');
      const later = told.map(({ data }) => data.single_entity.id);
      expect(sorted([...loaded, ...later.slice(0, -1)])).toEqual(sorted(ids));
    }
  });
});

describe('request_initial_data with chunk_size', () => {
  test('parts of at most that many records, the last one with a cursor to go on from', async () => {
    const { a, b } = await two(ground);
    const ids = [...(await fill(a, 'Transaction', 25)), ...(await fill(a, 'Tag', 5))];
    b.send({ type: 'request_initial_data', tenant_id: b.tenantId, chunk_size: 7 });
    await b.next((one) => one.type === 'initial_data_chunk' && !one.has_more);
    const chunks = b.received.filter(({ type }) => type === 'initial_data_chunk');
    expect(chunks.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    for (const chunk of chunks) {
      expect(Object.keys(chunk)).toEqual(['type', 'tenant_id', 'index', 'has_more', 'cursor', 'payload']);
      expect(Object.keys(chunk.payload)).toEqual(Object.values(LIST_KEYS));
      expect(Object.values(chunk.payload).flat().length).toBeLessThanOrEqual(7);
    }
    expect(idsOf(chunks.flatMap(({ payload }) => Object.values(payload).flat()))).toEqual(sorted(ids));
    const [later] = await fill(a, 'Tag', 1);
    const { changes: since } = await changes(b, chunks.at(-1).cursor);
    expect(since.map(({ entity }: Loose) => entity.id)).toEqual([later]);
  });

  test.each([0, -1, 1.5, 1e9, 'all', null])('chunk_size %j is refused', async (chunk_size) => {
    const app = await ground.app(randomUUID());
    app.send({ type: 'request_initial_data', tenant_id: app.tenantId, chunk_size });
    expect(await app.next(({ type }) => type === 'error')).toMatchObject({
      code: 'MALFORMED',
      original_type: 'request_initial_data',
      message: expect.stringContaining('chunk_size'),
    });
  });
});

describe('request_changes', () => {
  test('everything without a cursor, then what has changed since, then nothing', async () => {
    const { tenant, a, b } = await two(ground);
    const at = Date.now();
    const [one, other] = [fresh('Tag', { updated_at: iso(at) }), fresh('Account')];
    await change(a, 'Tag', 'create', one, at);
    await change(a, 'Account', 'create', other);
    const first = await changes(b, null);
    expect(first).toEqual({
      type: 'changes',
      tenant_id: tenant,
      cursor: expect.any(String),
      has_more: false,
      full_resync: true,
      changes: expect.any(Array),
    });
    expect(first.changes[0]).toEqual({
      entity_type: 'Tag',
      operation_type: 'create',
      version: 1,
      entity: received('Tag', one, iso(at)),
    });
    await change(a, 'Tag', 'update', { ...one, name: 'New' });
    await change(a, 'Account', 'delete', other);
    const second = await changes(b, first.cursor);
    expect(second).toMatchObject({ full_resync: false, has_more: false });
    expect(second.changes).toMatchObject([
      { entity_type: 'Tag', operation_type: 'update', version: 2, entity: { id: one.id, name: 'New' } },
      { entity_type: 'Account', operation_type: 'delete', version: 2, entity: { id: other.id } },
    ]);
    expect((await changes(b, second.cursor)).changes).toEqual([]);
  });

  test('page by page', async () => {
    const { a, b } = await two(ground);
    const ids = await fill(a, 'Tag', 23);
    const pages: Loose[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Loose = await changes(b, cursor, { limit: 10 });
      pages.push(page);
      cursor = page.cursor;
      if (!page.has_more) break;
    }
    expect(pages.map(({ changes: some }) => some.length)).toEqual([10, 10, 3]);
    expect(idsOf(pages.flatMap(({ changes: some }) => some.map(({ entity }: Loose) => entity)))).toEqual(
      sorted(ids),
    );
  });

  test('a cursor that is none, was changed, or belongs to another tenant is refused, with what to do', async () => {
    const { a } = await two(ground);
    const { a: other } = await two(ground);
    const { cursor } = await changes(other, null);
    for (const [sent, code] of [
      ['garbage', 'CURSOR_MALFORMED'],
      [`${cursor.slice(0, -3)}AAA`, 'CURSOR_FOREIGN'],
      [cursor, 'CURSOR_FOREIGN'],
    ] as const) {
      const refusal = await changes(a, sent);
      expect(refusal).toMatchObject({
        type: 'error',
        original_type: 'request_changes',
        message: expect.any(String),
      });
      expect(['CURSOR_MALFORMED', 'CURSOR_FOREIGN']).toContain(refusal.code);
      if (sent !== cursor) continue;
      expect(refusal.code).toBe(code);
    }
    expect(await changes(other, cursor)).toMatchObject({ changes: [] });
  });

  test.each([{ limit: 0 }, { limit: 1e9 }, { limit: 'x' }, { cursor: 7 }])('%j is refused', async (more) => {
    const app = await ground.app(randomUUID());
    expect(await changes(app, null, more)).toMatchObject({ type: 'error', code: 'MALFORMED' });
  });
});
