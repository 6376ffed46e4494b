/**
 * Devices whose clocks are wrong, edits that carry the time of another edit, and entries that come in an order in which
 * nobody made them.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, entryOf, type FinanceGround, iso, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, isUpdateOf, lastOf, seen, two, updatesOf } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

const DAY = 86_400_000;
const timeOf = (entity: Loose): number => Date.parse(entity.updated_at);

describe('edits that carry a stale time, as some forms of the app make them', () => {
  test.each([
    ['Account', 'name'],
    ['AccountGroup', 'name'],
    ['Tag', 'color'],
    ['AutomationRule', 'isActive'],
  ] as const)('%s: updated_at as it was at the creation', async (type, field) => {
    const { a, b } = await two(ground);
    const at = Date.now() - 60_000;
    const sent = fresh(type, { updated_at: iso(at) });
    await change(a, type, 'create', sent, at);
    await b.next(isUpdateOf(sent.id));
    for (const [step, value] of [false, true, false].entries()) {
      const edited = field === 'isActive' ? value : `edit ${step}`;
      const from = b.received.length;
      const before = timeOf(lastOf(b, sent.id));
      const ack = await change(a, type, 'update', { ...sent, [field]: edited }, at + 10 * (step + 1));
      expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'applied' });
      const { single_entity: told } = (await b.next(isUpdateOf(sent.id), from)).data;
      expect(told[field]).toBe(edited);
      expect(timeOf(told)).toBeGreaterThan(before);
    }
  });

  test('PlanningTransaction: updated_at stale, updatedAt fresh', async () => {
    const { a, b } = await two(ground);
    const at = Date.now() - 60_000;
    const sent = fresh('PlanningTransaction', { updated_at: iso(at) });
    await change(a, 'PlanningTransaction', 'create', sent, at);
    await b.next(isUpdateOf(sent.id));
    const from = b.received.length;
    const edited = { ...sent, amount: -900, updatedAt: iso(at + 5_000) };
    expect(await change(a, 'PlanningTransaction', 'update', edited, at)).toMatchObject({
      outcome: 'applied',
    });
    const { single_entity: told } = (await b.next(isUpdateOf(sent.id), from)).data;
    expect(told).toMatchObject({ amount: -900, updated_at: iso(at + 5_000), updatedAt: iso(at + 5_000) });
  });

  test('on a record that came from another device, after it was seen', async () => {
    const { a, b } = await two(ground);
    const at = Date.now();
    const sent = fresh('AccountGroup', { updated_at: iso(at) });
    await seen(b, async () => {
      await change(a, 'AccountGroup', 'create', sent, at);
      await b.next(isUpdateOf(sent.id));
    });
    const ack = await change(b, 'AccountGroup', 'update', { ...sent, name: 'Theirs now' }, at - DAY);
    expect(ack).toMatchObject({ outcome: 'applied' });
    const { single_entity: told } = (await a.next(isUpdateOf(sent.id))).data;
    expect(told.name).toBe('Theirs now');
    expect(timeOf(told)).toBeGreaterThan(at);
  });
});

describe('clocks a day off', () => {
  test('the edit of a device that runs a day ahead goes to others as it says, and later ones above it', async () => {
    const { a, b } = await two(ground);
    const now = Date.now();
    const sent = fresh('Category', { updated_at: iso(now + DAY) });
    await seen(b, async () => {
      await change(a, 'Category', 'create', sent, now + DAY);
      await b.next(isUpdateOf(sent.id));
    });
    expect(timeOf(lastOf(b, sent.id))).toBe(now + DAY);
    const edited = { ...sent, name: 'By an honest clock', updated_at: iso(now) };
    const from = a.received.length;
    expect(await change(b, 'Category', 'update', edited, Date.now())).toMatchObject({ outcome: 'applied' });
    // Both have to take it: the one for whom it is new, and the one whose own copy now has a time that is less.
    for (const [app, since] of [
      [a, from],
      [b, 0],
    ] as const) {
      const update = await app.next(
        (one) => isUpdateOf(sent.id)(one) && timeOf(one.data.single_entity) > now + DAY,
        since,
      );
      expect(update.data.single_entity.name).toBe('By an honest clock');
    }
  });

  test('who saves without a change, on a clock that is behind, is told the time that stands', async () => {
    const { a, b } = await two(ground);
    const now = Date.now();
    const sent = fresh('Transaction', { updated_at: iso(now) });
    await seen(b, async () => {
      await change(a, 'Transaction', 'create', sent, now);
      await b.next(isUpdateOf(sent.id));
    });
    const from = b.received.length;
    const same = { ...lastOf(b, sent.id), updated_at: iso(now - DAY), updatedAt: iso(now - DAY) };
    expect(await change(b, 'Transaction', 'update', same, now - DAY)).toMatchObject({ outcome: 'applied' });
    expect(timeOf((await b.next(isUpdateOf(sent.id), from)).data.single_entity)).toBe(now);
  });

  test('the loser takes the winner’s value although the loser’s clock runs ahead of the record', async () => {
    const { a, b } = await two(ground, { silent: true });
    const now = Date.now();
    const sent = fresh('Category', { name: 'first', updated_at: iso(now + 4 * 60_000) });
    await change(a, 'Category', 'create', sent, now + 4 * 60_000);
    await b.next(isUpdateOf(sent.id));
    const from = b.received.length;
    const mine = now + 3 * 60_000;
    const ack = await change(
      b,
      'Category',
      'update',
      { ...sent, name: 'second', updated_at: iso(mine) },
      mine,
    );
    expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'conflict' });
    const told = await b.next(isUpdateOf(sent.id), from);
    expect(told.data.single_entity.name).toBe('first');
    expect(timeOf(told.data.single_entity)).toBeGreaterThan(mine);
  });

  /** What an app keeps of what it is sent: of most types only what is strictly newer than its own. */
  const keep = (copy: Loose, messages: readonly Loose[], id: string): Loose =>
    messages
      .filter(isUpdateOf(id))
      .map(({ data }) => data.single_entity)
      .reduce((mine, its) => (timeOf(its) > timeOf(mine) ? its : mine), copy);

  test.each([
    ['both a day ahead', DAY, 2 * DAY],
    ['one ahead, one behind', DAY, -DAY],
    ['both behind', -DAY, -2 * DAY],
  ])('two that edit the same records at once end equal: %s', async (_name, ofA, ofB) => {
    const { a, b } = await two(ground);
    const made = Array.from({ length: 12 }, () => fresh('Recipient', { updated_at: iso(Date.now()) }));
    await Promise.all(made.map((one) => change(a, 'Recipient', 'create', one)));
    await caughtUp(a, b);
    const edit = async (app: App, by: string, skew: number): Promise<readonly Loose[]> => {
      const at = Date.now() + skew;
      const mine = made.map((one, step) => ({ ...one, name: by, updated_at: iso(at + step) }));
      await Promise.all(mine.map((one, step) => change(app, 'Recipient', 'update', one, at + step)));
      return mine;
    };
    const [ofOne, ofOther] = await Promise.all([edit(a, 'a', ofA), edit(b, 'b', ofB)]);
    await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
    await Promise.all([a.settled(), b.settled()]);
    for (const [step, { id }] of made.entries()) {
      const atA = keep(ofOne[step], a.received, id);
      const atB = keep(ofOther[step], b.received, id);
      expect(atA.name, `record ${step}`).toBe(atB.name);
      const [row] = await ground.sql(`SELECT doc ->> 'name' AS name FROM record WHERE id = $1`, [
        `${a.tenantId}/${id}`,
      ]);
      expect(row.name).toBe(atA.name);
    }
  });
});

describe('the order of arrival', () => {
  test.each([
    ['create, update', 0],
    ['update, create', 1],
  ])('made in one millisecond, sent as %s: the update stays', async (_name, first) => {
    for (const type of ['Category', 'Transaction'] as const) {
      const { a, b } = await two(ground);
      const at = Date.now();
      const sent = fresh(type, { note: 'as made', updated_at: iso(at) });
      const entries = [
        entryOf(a.tenantId, type, 'create', sent, { timestamp: at, lastAttempt: at }),
        entryOf(
          a.tenantId,
          type,
          'update',
          { ...sent, note: 'as edited' },
          { timestamp: at, lastAttempt: at },
        ),
      ];
      const answers = await Promise.all([entries[first], entries[1 - first]].map((entry) => a.entry(entry)));
      expect(answers.map(({ type: its }) => its)).toEqual(['sync_ack', 'sync_ack']);
      await Promise.all([caughtUp(a, b), caughtUp(b, a)]);
      expect(lastOf(b, sent.id).note).toBe('as edited');
      expect(lastOf(a, sent.id)?.note ?? 'as edited').toBe('as edited');
    }
  });

  test('transactions before the account, the category and the recipient that they refer to', async () => {
    const { tenant, a, b } = await two(ground);
    const [account, category, recipient, group] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const transactions = Array.from({ length: 10 }, () =>
      fresh('Transaction', { accountId: account, categoryId: category, recipientId: recipient }),
    );
    const others = [
      entryOf(tenant, 'Account', 'create', fresh('Account', { id: account, accountGroupId: group })),
      entryOf(tenant, 'Category', 'create', fresh('Category', { id: category })),
      entryOf(
        tenant,
        'Recipient',
        'create',
        fresh('Recipient', { id: recipient, defaultCategoryId: category }),
      ),
      entryOf(tenant, 'AccountGroup', 'create', fresh('AccountGroup', { id: group })),
    ];
    const entries = [...transactions.map((one) => entryOf(tenant, 'Transaction', 'create', one)), ...others];
    const answers = await Promise.all(entries.map((entry) => a.entry(entry)));
    expect(answers.every(({ type, outcome }) => type === 'sync_ack' && outcome === 'applied')).toBe(true);
    await caughtUp(a, b);
    for (const { id } of transactions)
      expect(lastOf(b, id)).toMatchObject({
        accountId: account,
        categoryId: category,
        recipientId: recipient,
      });
    expect(updatesOf(b, group)).toHaveLength(1);
  });

  test('a parent goes before its children: they stay, and refer to what is not there', async () => {
    const { a, b } = await two(ground);
    const group = fresh('AccountGroup');
    const account = fresh('Account', { accountGroupId: group.id });
    await change(a, 'AccountGroup', 'create', group);
    await change(a, 'Account', 'create', account);
    expect(await change(a, 'AccountGroup', 'delete', group)).toMatchObject({ type: 'sync_ack' });
    await caughtUp(a, b);
    expect(lastOf(b, account.id)).toMatchObject({ accountGroupId: group.id });
    expect(updatesOf(b, account.id).map(({ operation_type }) => operation_type)).toEqual(['create']);
  });
});

describe('a clock that is set right', () => {
  test.each([DAY, 1_000])(
    'while a session lasts, by %i ms: what is edited afterwards stands',
    async (ahead) => {
      const { a, b } = await two(ground);
      const tag = fresh('Tag', { updated_at: iso(Date.now() + ahead) });
      const send = (operation: string, fields: Loose, at: number) =>
        a.entry(
          entryOf(
            a.tenantId,
            'Tag',
            operation,
            { ...tag, ...fields },
            { timestamp: at, lastAttempt: at + 1 },
          ),
        );
      await send('create', {}, Date.now() + ahead);
      for (const step of [1, 2, 3]) {
        const at = Date.now();
        const ack = await send('update', { name: `edit ${step}`, updated_at: iso(at) }, at);
        expect(ack).toMatchObject({ type: 'sync_ack', outcome: 'applied', conflict_id: null });
      }
      await b.next(isUpdateOf(tag.id));
      await b.next(({ data }) => data?.single_entity.name === 'edit 3');
      const gone = await send('delete', {}, Date.now());
      expect(gone).toMatchObject({ type: 'sync_ack', checksum: null });
      const again = await send('create', { name: 'again' }, Date.now());
      expect(again).toMatchObject({ type: 'sync_ack', checksum: expect.any(String) });
    },
  );

  test('one that says the year 9999 does not stand above what others edit later', async () => {
    const { a, b } = await two(ground);
    const tag = fresh('Tag', { updated_at: '9999-12-31T23:59:59.999Z' });
    await seen(b, async () => {
      await change(a, 'Tag', 'create', tag, 1e18);
      await b.next(isUpdateOf(tag.id));
    });
    const first = await b.next(isUpdateOf(tag.id));
    const from = b.received.length;
    await b.entry(
      entryOf(b.tenantId, 'Tag', 'update', { ...tag, name: 'later', updated_at: iso(Date.now()) }),
    );
    const next = await b.next(isUpdateOf(tag.id), from);
    expect(timeOf(next.data.single_entity)).toBeGreaterThan(timeOf(first.data.single_entity));
  });
});
