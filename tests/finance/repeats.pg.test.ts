/** Entries that come again, under an old name, for another tenant, or written in another way. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryOf, type FinanceGround, iso, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, lastOf, two, updatesOf } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const logLines = async (tenant: string, id: string): Promise<number> =>
  (await ground.sql(`SELECT FROM sync_log WHERE id = $1`, [`${tenant}/${id}`])).length;

describe('the same entry again', () => {
  test.each(['create', 'update', 'delete'])(
    '%s: the same answer, and nobody hears of it twice',
    async (operation) => {
      const { tenant, a, b } = await two(ground);
      const sent = fresh('Account', { updated_at: iso(Date.now() - 60_000) });
      if (operation !== 'create') await change(a, 'Account', 'create', sent, Date.parse(sent.updated_at));
      const at = Date.now();
      const edited = { ...sent, note: 'again', updated_at: iso(at) };
      const entry = entryOf(tenant, 'Account', operation, edited, { timestamp: at, lastAttempt: at });
      const first = await a.entry(entry);
      await caughtUp(a, b);
      const heard = updatesOf(b, sent.id).length;
      const again = { ...entry, attempts: 2, lastAttempt: entry.timestamp + 35_000 };
      expect(await a.entry(again)).toEqual(first);
      // Also on another socket: the app may have connected anew, and does not know what became of it.
      expect(await b.entry(again)).toEqual(first);
      const third = await ground.app(tenant);
      expect(await third.entry(again)).toEqual(first);
      await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
      expect(updatesOf(b, sent.id)).toHaveLength(heard);
      expect(updatesOf(a, sent.id)).toEqual([]);
      expect(await logLines(tenant, sent.id)).toBe(operation === 'create' ? 1 : 2);
    },
  );

  test('twenty times at once, on two sockets: one effect', async () => {
    const { tenant, a, b } = await two(ground);
    const entry = entryOf(tenant, 'Tag', 'create', fresh('Tag'));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, time) => (time % 2 ? a : b)).map((app) => app.entry(entry)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await logLines(tenant, entry.entityId)).toBe(1);
  });

  test('after others have changed the record, it changes nothing back', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Category');
    const entry = entryOf(tenant, 'Category', 'create', sent);
    const first = await a.entry(entry);
    await change(b, 'Category', 'update', { ...sent, name: 'Changed since' });
    expect(await a.entry(entry)).toEqual(first);
    await caughtUp(b, a);
    expect(lastOf(a, sent.id).name).toBe('Changed since');
  });

  test('a refused one is refused alike', async () => {
    const { tenant, a } = await two(ground);
    const entry = entryOf(tenant, 'Tag', 'create', fresh('Tag', { name: 7 }));
    const { server_timestamp: _, ...first } = await a.entry(entry);
    expect(first).toMatchObject({ type: 'sync_nack' });
    expect(await a.entry(entry)).toMatchObject(first);
  });

  test('the same id with another content is another entry', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Tag');
    const entry = entryOf(tenant, 'Tag', 'create', sent);
    await a.entry(entry);
    const other = { ...entry, operationType: 'update', payload: { ...sent, name: 'Other' } };
    expect(await a.entry({ ...other, timestamp: entry.timestamp + 1 })).toMatchObject({ outcome: 'applied' });
    await caughtUp(a, b);
    expect(lastOf(b, sent.id).name).toBe('Other');
  });

  test('the same id in two tenants: two entries', async () => {
    const [one, other] = [await two(ground), await two(ground)];
    const sent = fresh('Tag');
    const entry = entryOf(one.tenant, 'Tag', 'create', sent);
    await one.a.entry(entry);
    expect(await other.a.entry({ ...entry, tenantId: other.tenant })).toMatchObject({ outcome: 'applied' });
    expect(await other.b.next(isUpdateOf(sent.id))).toMatchObject({ tenant_id: other.tenant });
  });
});

describe('an entry for another tenant', () => {
  test.each(['create', 'update', 'delete'])('%s: permission_error, no effect there', async (operation) => {
    const [mine, theirs] = [await two(ground), await two(ground)];
    const sent = fresh('Tag');
    await change(theirs.a, 'Tag', 'create', sent);
    await theirs.b.next(isUpdateOf(sent.id));
    const entry = entryOf(theirs.tenant, 'Tag', operation, { ...sent, name: 'stolen' });
    const nack = await mine.a.entry(entry);
    expect(nack).toMatchObject({
      type: 'sync_nack',
      reason: 'permission_error',
      code: 'FORBIDDEN',
      is_permanent: true,
      entityId: sent.id,
    });
    // A tenant that is not there is refused in the same words.
    const unknown = await mine.a.entry({ ...entry, tenantId: randomUUID() });
    expect(unknown.detail).toBe(nack.detail);
    await caughtUp(theirs.a, theirs.b);
    expect(updatesOf(theirs.b, sent.id)).toHaveLength(1);
  });
});

describe('words in another case', () => {
  test('types, operations and choices are accepted, and answered as they are written here', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Account', { accountType: 'GIRO' });
    const ack = await a.entry({ ...entryOf(tenant, 'ACCOUNT', 'CREATE', sent) });
    expect(ack).toMatchObject({ type: 'sync_ack', entityType: 'Account', operationType: 'create' });
    const told = await b.next(isUpdateOf(sent.id));
    expect(told).toMatchObject({ entity_type: 'Account', operation_type: 'create' });
    expect(told.data.single_entity.accountType).toBe('giro');
    expect((await a.next(isUpdateOf(sent.id))).data.single_entity.accountType).toBe('giro');

    const plan = fresh('PlanningTransaction', { amountType: 'range', weekendHandling: 'Before' });
    expect(await a.entry(entryOf(tenant, 'planningtransaction', 'Update', plan))).toMatchObject({
      type: 'sync_ack',
      entityType: 'PlanningTransaction',
      operationType: 'update',
    });
    expect((await b.next(isUpdateOf(plan.id))).data.single_entity).toMatchObject({
      amountType: 'RANGE',
      weekendHandling: 'BEFORE',
    });
    expect(await a.entry(entryOf(tenant, 'tag', 'DeLeTe', fresh('Tag')))).toMatchObject({
      type: 'sync_ack',
      entityType: 'Tag',
      operationType: 'delete',
    });
  });

  test('a deletion needs no payload', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Tag');
    await change(a, 'Tag', 'create', sent);
    const entry = { ...entryOf(tenant, 'Tag', 'delete', sent), payload: null };
    expect(await a.entry(entry)).toMatchObject({ type: 'sync_ack', outcome: 'applied' });
    await caughtUp(a, b);
    expect(updatesOf(b, sent.id).at(-1)).toMatchObject({ operation_type: 'delete' });
  });
});
