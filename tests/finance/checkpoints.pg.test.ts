/** Going back to a checkpoint after much has happened, on PostgreSQL; and what makes a checkpoint useless. */
import { randomUUID } from 'node:crypto';
import { openPostgresStore, type PostgresStore, type RawChange } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import {
  createOf,
  deleteOf,
  registry,
  SOME_TYPES,
  summary,
  type Tenant,
  tenantOn,
  updateOf,
} from './history.ts';

let database: TestDatabase;
let opened: PostgresStore;
beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
  opened = await openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry,
    log: () => {},
  });
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

/** Small and good enough: the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const typeAt = (index: number) => SOME_TYPES[index % SOME_TYPES.length]!;
const ok = <T extends { ok: boolean }>(result: T): Extract<T, { ok: true }> => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result as Extract<T, { ok: true }>;
};

const fill = (tenant: Tenant, count: number) =>
  tenant.send(Array.from({ length: count }, (_, index) => createOf(typeAt(index), `r${index}`)));

const takeCheckpoint = async (tenant: Tenant) =>
  ok(await tenant.checkpoints.create({ ...tenant, type: 'full_sync' })).checkpoint;

const seed = Number(process.env.ACKORD_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`after 1,000 edits, creates and deletes a tenant is what it was (seed ${seed})`, async () => {
  const tenant = tenantOn(opened.store, opened.checkpoints);
  await fill(tenant, 500);
  await tenant.send(Array.from({ length: 40 }, (_, index) => deleteOf(typeAt(index), `r${index}`)));
  const before = summary(await tenant.live());
  const checkpoint = await takeCheckpoint(tenant);
  expect(checkpoint.counts).toMatchObject({ Account: 92, Transaction: 92, Category: 0 });

  const random = randomOf(seed);
  const edits = Array.from({ length: 1_000 }, (_, index): RawChange => {
    const at = random(600);
    const clientTime = Date.now() + random(10_000) - 5_000;
    switch (random(4)) {
      case 0:
        return createOf(typeAt(at), `r${at}`, { clientTime });
      case 1:
        return deleteOf(typeAt(at), `r${at}`, { clientTime });
      default:
        return updateOf(typeAt(at), `r${at}`, `edit ${index}`, { clientTime });
    }
  });
  for (let at = 0; at < edits.length; at += 50)
    await tenant.send(edits.slice(at, at + 50), `device ${random(3)}`);
  expect(summary(await tenant.live())).not.toEqual(before);
  const stampsBefore = new Map((await tenant.live()).map(({ id, fields }) => [id, String(fields.editedAt)]));

  const call = { ...tenant, id: checkpoint.id };
  const check = ok(await tenant.checkpoints.verify(call)).check;
  expect(check).toMatchObject({ differingTypes: [], checkpoint: { isValid: true } });
  const { report } = ok(await tenant.checkpoints.restore(call));
  expect(report).toMatchObject({ verified: true, rounds: 1, refused: 0, differing: [] });
  expect(report.deleted * report.revived * report.updated).toBeGreaterThan(0);
  expect(report.deleted + report.revived + report.updated).toBe(check.changesNeeded);
  const after = await tenant.live();
  expect(summary(after)).toEqual(before);
  expect(ok(await tenant.checkpoints.create({ ...tenant, type: 'full_sync' })).checkpoint).toMatchObject({
    counts: checkpoint.counts,
    checksums: checkpoint.checksums,
  });
  // What was set back is newer than what apps have of it, or they would not take it.
  const setBack = after.filter(({ id, seq }) => seq > checkpoint.seq && stampsBefore.has(id));
  for (const { id, fields } of setBack.slice(0, 50))
    expect(String(fields.editedAt) >= (stampsBefore.get(id) ?? '')).toBe(true);
  // Nothing is left to do, so a second time nothing happens.
  expect(ok(await tenant.checkpoints.restore(call)).report).toMatchObject({ rounds: 0, verified: true });
}, 60_000);

test('a restore is told to whoever follows, and is in the log with its actor', async () => {
  const tenant = tenantOn(opened.store, opened.checkpoints);
  await tenant.send([createOf('Tag', 't1')]);
  const checkpoint = await takeCheckpoint(tenant);
  await tenant.send([updateOf('Tag', 't1', 'Other'), createOf('Tag', 't2')]);
  await tenant.checkpoints.restore({ ...tenant, id: checkpoint.id });
  const read = ok(
    await tenant.engine.news(tenant.actor, 'finance', { scope: tenant.scope, after: checkpoint.seq + 2 }),
  );
  expect(
    read.news?.moved.map(({ record, lines }) => [
      record.id.slice(-2),
      record.tombstone === null,
      lines.at(-1)?.operation,
      lines.at(-1)?.actor,
    ]),
  ).toEqual([
    ['t1', true, 'UPDATE', tenant.actor.userId],
    ['t2', false, 'DELETE', tenant.actor.userId],
  ]);
  const conflicts = await tenant.engine.conflicts({
    actor: tenant.actor,
    domain: 'finance',
    type: null,
    limit: 10,
  });
  expect(conflicts).toEqual([]);
});

test('edits that come in meanwhile are met again, or named', async () => {
  const tenant = tenantOn(opened.store, opened.checkpoints);
  await fill(tenant, 200);
  const checkpoint = await takeCheckpoint(tenant);
  await tenant.send(Array.from({ length: 200 }, (_, index) => updateOf(typeAt(index), `r${index}`, 'late')));
  let stop = false;
  const busy = (async () => {
    for (let at = 0; !stop; at++)
      await tenant.send([updateOf(typeAt(at % 20), `r${at % 20}`, `busy ${at}`)], 'other');
  })();
  const { report } = ok(await tenant.checkpoints.restore({ ...tenant, id: checkpoint.id }));
  stop = true;
  await busy;
  expect(report.verified).toBe(report.differingCount === 0);
  expect(report.differing.every(({ id }) => Number(id.slice(1)) < 20)).toBe(true);
  const again = ok(await tenant.checkpoints.restore({ ...tenant, id: checkpoint.id })).report;
  expect(again.verified).toBe(true);
});

describe('a checkpoint is refused', () => {
  const restored = (tenant: Tenant, id: string) => tenant.checkpoints.restore({ ...tenant, id });

  test('when history does not reach back to it', async () => {
    const tenant = tenantOn(opened.store, opened.checkpoints);
    await fill(tenant, 5);
    const early = await takeCheckpoint(tenant);
    await fill(tenant, 10);
    while (await opened.store.trim(Date.now() + 60_000, 1_000));
    expect(await restored(tenant, early.id)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    await tenant.send([createOf('Tag', 'x')]);
    const kept = await takeCheckpoint(tenant);
    expect(await restored(tenant, kept.id)).toMatchObject({ ok: true });
    // One that is still there, but older than history.
    await opened.checkpoints.add({ ...early, id: randomUUID() });
    const [, old] = ok(await tenant.checkpoints.list(tenant)).checkpoints;
    expect(old).toMatchObject({ isValid: false, faults: [{ code: 'HISTORY_TRIMMED' }] });
    expect(await restored(tenant, old?.id ?? '')).toMatchObject({ ok: false, code: 'CHECKPOINT_INVALID' });
    const verified = ok(await tenant.checkpoints.verify({ ...tenant, id: old?.id ?? '' })).check;
    expect(verified).toMatchObject({ former: null, checkpoint: { isValid: false } });
  });

  test('of another life of the database, or with other sums than history tells', async () => {
    const tenant = tenantOn(opened.store, opened.checkpoints);
    await fill(tenant, 5);
    const good = await takeCheckpoint(tenant);
    const [other, wrong] = [randomUUID(), randomUUID()];
    await opened.checkpoints.add({ ...good, id: other, epoch: good.epoch + 1 });
    await opened.checkpoints.add({ ...good, id: wrong, counts: { ...good.counts, Tag: 77 } });
    for (const id of [other, wrong])
      expect(await restored(tenant, id)).toMatchObject({ ok: false, code: 'CHECKPOINT_INVALID' });
    const list = ok(await tenant.checkpoints.list(tenant)).checkpoints;
    expect(list.find(({ id }) => id === wrong)?.faults).toMatchObject([{ code: 'CHECKSUM_MISMATCH' }]);
    expect(list.find(({ id }) => id === other)?.faults).toMatchObject([{ code: 'OTHER_EPOCH' }]);
  });

  test('to whoever is no owner, and as unknown to whoever is no member', async () => {
    const tenant = tenantOn(opened.store, opened.checkpoints);
    await fill(tenant, 5);
    const { id } = await takeCheckpoint(tenant);
    const stranger = { ...tenant, actor: { userId: randomUUID() } };
    for (const answer of [
      await stranger.checkpoints.restore({ ...stranger, id }),
      await stranger.checkpoints.list(stranger),
      await stranger.checkpoints.verify({ ...stranger, id }),
      await stranger.checkpoints.create({ ...stranger, type: 'full_sync' }),
      await tenant.checkpoints.verify({ ...tenant, id: 'nothing\0' }),
    ])
      expect(answer).toMatchObject({ ok: false, code: 'FORBIDDEN' });
  });
});
