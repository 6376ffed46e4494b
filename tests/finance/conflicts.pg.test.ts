/** No value that somebody had not seen is replaced without a trace, and nothing is noted where all was seen. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, type FinanceGround, iso, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, seen, two } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const conflictsOf = async (tenant: string): Promise<Loose[]> =>
  await ground.sql(`SELECT * FROM sync_conflict WHERE scope_id = $1 ORDER BY created_at`, [
    `tenant:${tenant}`,
  ]);

const load = async (app: App): Promise<void> => {
  app.send({ type: 'request_initial_data', tenant_id: app.tenantId });
  await app.next(({ event_type }) => event_type === 'initial_data_load');
};

describe('an edit over what the device had not seen', () => {
  test.each([
    ['newer', 1_000, 'client'],
    ['older', -1_000, 'server'],
  ])('%s: a conflict with both sides, named in the answer', async (_name, later, winner) => {
    const { tenant, a, b } = await two(ground, { silent: true });
    const at = Date.now() - 60_000;
    const sent = fresh('Category', { name: 'theirs', updated_at: iso(at) });
    await change(a, 'Category', 'create', sent, at);
    const ack = await change(
      b,
      'Category',
      'update',
      { ...sent, name: 'mine', updated_at: iso(at + later) },
      at + later,
    );
    expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict', conflict_id: expect.any(String) });
    const [conflict, ...others] = await conflictsOf(tenant);
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({ id: ack.conflict_id, winner, type: 'finance.Category' });
    expect(JSON.stringify(conflict.body)).toMatch(/theirs/);
    expect(JSON.stringify(conflict.body)).toMatch(/mine/);
  });

  test('made before it came, sent after: by its own account of how old it is', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Tag', { name: 'theirs', updated_at: iso(Date.now()) });
    await seen(b, async () => {
      await change(a, 'Tag', 'create', sent);
      await b.next(isUpdateOf(sent.id));
    });
    const now = Date.now();
    // Its clock is off by years; how long the edit lay there is right all the same.
    const skew = -3 * 365 * 86_400_000;
    const entry = { timestamp: now + skew - 3_600_000, lastAttempt: now + skew };
    expect(await change(b, 'Tag', 'update', { ...sent, name: 'mine' }, now, entry)).toMatchObject({
      outcome: 'conflict',
    });
    expect(await conflictsOf(tenant)).toHaveLength(1);
  });

  test('one that does not say how old it is counts as not seen', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Tag', { name: 'theirs', updated_at: iso(Date.now()) });
    await seen(b, async () => {
      await change(a, 'Tag', 'create', sent);
      await b.next(isUpdateOf(sent.id));
    });
    const none = { lastAttempt: undefined };
    expect(await change(b, 'Tag', 'update', { ...sent, name: 'mine' }, Date.now(), none)).toMatchObject({
      outcome: 'conflict',
    });
    expect(await conflictsOf(tenant)).toHaveLength(1);
  });

  test('of other fields than those that were changed: both edits stand, if what is sent for them is as it was', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Recipient', { name: 'Baker', note: null, updated_at: iso(Date.now()) });
    await change(a, 'Recipient', 'create', sent);
    await seen(b, () => load(b));
    await change(b, 'Recipient', 'update', { ...sent, note: 'by b' });
    await caughtUp(b, a);
    expect(await conflictsOf(tenant)).toEqual([]);
  });
});

describe('no conflict', () => {
  test('an edit of what was sent to the device, and arrived there', async () => {
    const { tenant, a, b } = await two(ground);
    const sent = fresh('Category', { name: 'theirs', updated_at: iso(Date.now()) });
    await seen(b, async () => {
      await change(a, 'Category', 'create', sent);
      await b.next(isUpdateOf(sent.id));
    });
    expect(await change(b, 'Category', 'update', { ...sent, name: 'mine' })).toMatchObject({
      outcome: 'applied',
      conflict_id: null,
    });
    expect(await conflictsOf(tenant)).toEqual([]);
  });

  test('an edit of what the first load brought', async () => {
    const { tenant, a } = await two(ground);
    const sent = fresh('Category', { name: 'theirs', updated_at: iso(Date.now()) });
    await change(a, 'Category', 'create', sent);
    const late = await ground.app(tenant);
    await seen(late, () => load(late));
    expect(await change(late, 'Category', 'update', { ...sent, name: 'mine' })).toMatchObject({
      outcome: 'applied',
    });
    expect(await conflictsOf(tenant)).toEqual([]);
  });

  test('a device’s own edits one after the other, sent at once, also with a clock that jumps', async () => {
    const { tenant, a } = await two(ground);
    const sent = fresh('Category', { updated_at: iso(Date.now()) });
    const edits = Array.from({ length: 20 }, (_, step) => ({ ...sent, name: `edit ${step}` }));
    const start = Date.now();
    const answers = await Promise.all([
      change(a, 'Category', 'create', sent, start),
      ...edits.map((edit, step) => change(a, 'Category', 'update', edit, start + step * 10)),
    ]);
    expect(answers.filter(({ type, outcome }) => type !== 'sync_ack' || outcome === 'conflict')).toEqual([]);
    expect(
      await change(a, 'Category', 'update', { ...sent, name: 'back' }, start - 86_400_000),
    ).toMatchObject({
      type: 'sync_ack',
      conflict_id: null,
    });
    expect(await conflictsOf(tenant)).toEqual([]);
  });

  test('but for an edit that was made before another one and comes after it: that is kept', async () => {
    const { tenant, a } = await two(ground);
    const sent = fresh('Category', { name: 'later', updated_at: iso(Date.now()) });
    await change(a, 'Category', 'create', sent);
    const [now, before] = [Date.now(), Date.now() - 86_400_000];
    const older = { ...sent, name: 'earlier', updated_at: iso(before) };
    const ack = await change(a, 'Category', 'update', older, before, { lastAttempt: now });
    expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict' });
    expect(await conflictsOf(tenant)).toMatchObject([
      { winner: 'server', body: { client: { name: 'earlier' } } },
    ]);
  });

  test('both sent the same values', async () => {
    const { tenant, a, b } = await two(ground, { silent: true });
    const sent = fresh('Category', { name: 'same', updated_at: iso(Date.now()) });
    await change(a, 'Category', 'create', sent);
    const at = Date.now();
    expect(await change(b, 'Category', 'create', { ...sent, updated_at: iso(at) }, at)).toMatchObject({
      type: 'sync_ack',
      conflict_id: null,
    });
    expect(await conflictsOf(tenant)).toEqual([]);
  });

  test('to and fro: each has seen what the other did', async () => {
    const { tenant, a, b } = await two(ground);
    const at = Date.now();
    const made = fresh('Account', { balance: 1, updated_at: iso(at) });
    await seen(b, async () => {
      await change(a, 'Account', 'create', made, at);
      await b.next(isUpdateOf(made.id));
    });
    // Whether something has arrived is asked of a socket now and then, and the first time at once.
    const late = await ground.app(tenant);
    await seen(late, async () => {
      expect(await change(b, 'Account', 'update', { ...made, balance: 2 })).toMatchObject({
        outcome: 'applied',
      });
      await late.next(isUpdateOf(made.id));
    });
    expect(await change(late, 'Account', 'update', { ...made, balance: 3 })).toMatchObject({
      outcome: 'applied',
    });
    expect(await conflictsOf(tenant)).toEqual([]);
  });
});
