/** Entries that wait or failed for a passing cause: counted while they do, tried again, and told to who sent them. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type App, entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { change, isUpdateOf, two } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
  // The database fails at records that are called so, as it might at any.
  await ground.sql(`
    CREATE FUNCTION fail_at_poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.doc ->> 'name' = 'poison' THEN RAISE EXCEPTION 'secret of the driver'; END IF;
      RETURN NEW;
    END $$`);
});
afterAll(() => ground?.close());
afterEach(() => heal());

const poison = () =>
  ground.sql(`CREATE TRIGGER poison BEFORE INSERT ON record FOR EACH ROW EXECUTE FUNCTION fail_at_poison()`);
const heal = () => ground.sql('DROP TRIGGER IF EXISTS poison ON record');

async function ask(app: App, type: string, answer: string): Promise<Loose> {
  const from = app.received.length;
  app.send({ type, tenant_id: app.tenantId });
  return app.next((message) => message.type === answer, from);
}

const info = (app: App) => ask(app, 'get_sync_queue_status', 'sync_queue_status_info');

describe('an entry that fails for a passing cause', () => {
  test.each(['process_sync_queue', 'retry_failed_entries'])(
    'is counted, and goes through when %s comes after the cause has passed',
    async (type) => {
      const { tenant, a, b } = await two(ground);
      await poison();
      const sent = fresh('Tag', { name: 'poison' });
      const entry = entryOf(tenant, 'Tag', 'create', sent);
      const nack = await a.entry(entry);
      expect(nack).toMatchObject({
        type: 'sync_nack',
        code: 'INTERNAL',
        reason: 'processing_error',
        is_permanent: false,
        retry_after: expect.any(Number),
      });
      expect(nack.retry_after).toBeGreaterThan(0);
      expect(JSON.stringify(nack)).not.toContain('secret');
      expect(await info(b)).toMatchObject({
        pending_count: 1,
        retryable_count: 1,
        failed_count: 0,
        has_pending_entries: true,
      });
      expect(await ask(b, 'get_sync_status', 'sync_status')).toMatchObject({ queue_length: 1 });
      // Others go on.
      expect(await change(b, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });

      expect(await ask(b, type, 'sync_queue_status')).toEqual({
        type: 'sync_queue_status',
        tenant_id: tenant,
        processed_count: 1,
        successful_count: 0,
        failed_count: 1,
        failed_entries: [entry.id],
        has_pending_entries: true,
      });
      await heal();
      const status = await ask(b, type, 'sync_queue_status');
      // The server itself may have been quicker.
      expect(status).toMatchObject({ failed_count: 0, failed_entries: [], has_pending_entries: false });
      expect(await a.next((one) => one.type === 'sync_ack' && one.id === entry.id)).toMatchObject({
        outcome: 'applied',
      });
      expect(await b.next(isUpdateOf(sent.id))).toMatchObject({ operation_type: 'create' });
      expect(await info(b)).toMatchObject({
        pending_count: 0,
        retryable_count: 0,
        has_pending_entries: false,
      });
      expect(await a.entry(entry)).toMatchObject({ type: 'sync_ack' });
    },
  );

  test('the server tries it again by itself', async () => {
    const { tenant, a } = await two(ground);
    await poison();
    const entry = entryOf(tenant, 'Tag', 'create', fresh('Tag', { name: 'poison' }));
    expect(await a.entry(entry)).toMatchObject({ type: 'sync_nack' });
    await heal();
    expect(await a.next((one) => one.type === 'sync_ack' && one.id === entry.id)).toMatchObject({
      outcome: 'applied',
    });
    expect(await info(a)).toMatchObject({ pending_count: 0 });
  });

  test('sent again by the app after the cause has passed, it has one effect and waits no more', async () => {
    const { tenant, a, b } = await two(ground);
    await poison();
    const entry = entryOf(tenant, 'Tag', 'create', fresh('Tag', { name: 'poison' }));
    expect(await a.entry(entry)).toMatchObject({ type: 'sync_nack' });
    await heal();
    expect(await b.entry({ ...entry, attempts: 2 })).toMatchObject({ type: 'sync_ack' });
    expect(await info(a)).toMatchObject({ pending_count: 0 });
    expect(
      await ground.sql('SELECT FROM sync_log WHERE id = $1', [`${tenant}/${entry.entityId}`]),
    ).toHaveLength(1);
  });

  test('one that is refused for good waits for nothing', async () => {
    const { a } = await two(ground);
    expect(await change(a, 'Tag', 'create', { id: randomUUID() })).toMatchObject({ is_permanent: true });
    expect(await info(a)).toMatchObject({ pending_count: 0, failed_count: 0 });
  });
});

test('entries that wait for a commit are counted until they are committed', async () => {
  const { tenant, a, b } = await two(ground);
  await change(a, 'Tag', 'create', fresh('Tag'));
  const blocker = new pg.Client({
    connectionString: ground.database.ownerUrl,
    options: '-c search_path=ackord',
  });
  await blocker.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM scope WHERE id = $1 FOR UPDATE', [`tenant:${tenant}`]);
    const answers = Promise.all(Array.from({ length: 7 }, () => change(a, 'Tag', 'create', fresh('Tag'))));
    await expect.poll(async () => (await info(b)).pending_count).toBe(7);
    expect(await ask(b, 'get_sync_status', 'sync_status')).toMatchObject({
      queue_length: 7,
      sync_in_progress: true,
    });
    await blocker.query('ROLLBACK');
    expect((await answers).map(({ type }) => type)).toEqual(Array.from({ length: 7 }, () => 'sync_ack'));
    expect(await ask(b, 'get_sync_status', 'sync_status')).toMatchObject({
      queue_length: 0,
      sync_in_progress: false,
    });
  } finally {
    await blocker.end();
  }
});
