/** Checksums of a tenant: kept in memory, always those of what is there, and for nobody without a role. */
import { randomUUID } from 'node:crypto';
import { entityChecksum, TYPE_NAMES } from '@ackord/finance';
import { createMemoryStore, type Engine, noPages } from '@ackord/server';
import { expect, test } from 'vitest';
import { readDataStatus, typesNamed } from '../../domains/finance/src/status/data-status.ts';
import { detectConflicts } from '../../domains/finance/src/status/detect-conflicts.ts';
import { createTenantChecksums } from '../../domains/finance/src/status/tenant-checksums.ts';
import {
  checkpointsInMemory,
  createOf,
  deleteOf,
  registry,
  SOME_TYPES,
  tenantOn,
  updateOf,
} from './history.ts';

const newTenant = (store = createMemoryStore({ registry })) => tenantOn(store, checkpointsInMemory());

/** How often the engine was asked for what. */
function counted(engine: Engine) {
  const calls = { records: 0, wholeScope: 0, news: 0 };
  const watched: Engine = {
    ...engine,
    wholeScope: (request) => {
      calls.wholeScope++;
      const onPage: typeof request.onPage = (records) => {
        calls.records += records.length;
        request.onPage(records);
      };
      return engine.wholeScope({ ...request, onPage });
    },
    async news(...args) {
      calls.news++;
      const result = await engine.news(...args);
      if (result.ok) calls.records += result.news?.moved.length ?? 0;
      return result;
    },
  };
  return { watched, calls };
}

test('are those of what is there, and only what has moved is read again', async () => {
  const tenant = newTenant();
  const { watched, calls } = counted(tenant.engine);
  const checksums = createTenantChecksums({ engine: watched, cache: noPages });
  await tenant.send(Array.from({ length: 50 }, (_, at) => createOf(SOME_TYPES[at % 5]!, `r${at}`)));
  const expectRight = async () => {
    const read = await checksums.of(tenant.actor, tenant.tenantId, null);
    if (!read.ok) throw new Error(read.message);
    const live = await tenant.live();
    for (const name of TYPE_NAMES) {
      const wanted = live
        .filter(({ type }) => type === `finance.${name}`)
        .map(({ id, fields }) => ({
          entity_id: id.slice(id.indexOf('/') + 1),
          checksum: entityChecksum(name, id.slice(id.indexOf('/') + 1), fields),
          last_modified: Math.floor(Date.parse(String(fields.editedAt)) / 1_000),
        }));
      const byId = (a: { entity_id: string }, b: { entity_id: string }) =>
        a.entity_id < b.entity_id ? -1 : 1;
      expect([...(read.entityChecksums[name] ?? [])].sort(byId)).toEqual(wanted.sort(byId));
    }
    return read;
  };
  await expectRight();
  expect(calls).toMatchObject({ records: 50, wholeScope: 1 });
  await tenant.send([updateOf('Tag', 'r3', 'other'), deleteOf('Account', 'r0'), createOf('Tag', 'new')]);
  await expectRight();
  expect(calls).toMatchObject({ records: 53, wholeScope: 1 });
  await expectRight();
  expect(calls.records).toBe(53);
  const some = await checksums.of(tenant.actor, tenant.tenantId, typesNamed(['TAG', 'nothing', 7]));
  expect(some.ok && Object.keys(some.entityChecksums)).toEqual(['Tag']);
});

test('of many who ask at once are read once, and show what was committed before', async () => {
  const tenant = newTenant();
  const { watched, calls } = counted(tenant.engine);
  const checksums = createTenantChecksums({ engine: watched, cache: noPages });
  await tenant.send([createOf('Tag', 'a')]);
  await Promise.all(Array.from({ length: 20 }, () => checksums.of(tenant.actor, tenant.tenantId, null)));
  expect(calls.records).toBe(1);
  const asking = Array.from({ length: 20 }, async (_, at) => {
    await tenant.send([createOf('Tag', `t${at}`)]);
    const read = await checksums.of(tenant.actor, tenant.tenantId, ['Tag']);
    return read.ok && read.entityChecksums.Tag?.some(({ entity_id }) => entity_id === `t${at}`);
  });
  expect(new Set(await Promise.all(asking))).toEqual(new Set([true]));
  expect(calls.records).toBe(21);
});

test('are told to nobody without a role, also when they are kept', async () => {
  const tenant = newTenant();
  const checksums = createTenantChecksums({ engine: tenant.engine, cache: noPages });
  await tenant.send([createOf('Tag', 'a')]);
  expect(await checksums.of(tenant.actor, tenant.tenantId, null)).toMatchObject({ ok: true });
  for (const userId of [randomUUID(), `tenant:${randomUUID()}`])
    expect(await checksums.of({ userId }, tenant.tenantId, null)).toMatchObject({
      ok: false,
      code: 'FORBIDDEN',
    });
});

test('of the tenants that were used longest ago are forgotten', async () => {
  const store = createMemoryStore({ registry });
  const [one, two, three] = [newTenant(store), newTenant(store), newTenant(store)];
  const { watched, calls } = counted(one.engine);
  const checksums = createTenantChecksums({ engine: watched, cache: noPages, keptMax: 25 });
  const ask = async (tenant: typeof one) => {
    const read = await checksums.of(tenant.actor, tenant.tenantId, ['Tag']);
    expect(read.ok && read.entityChecksums.Tag?.length).toBe(10);
  };
  for (const tenant of [one, two, three])
    await tenant.send(Array.from({ length: 10 }, (_, at) => createOf('Tag', `t${at}`)));
  await ask(one);
  await ask(two);
  await ask(one);
  expect(calls.wholeScope).toBe(2);
  await ask(three);
  await ask(one);
  expect(calls.wholeScope).toBe(3);
  await ask(two);
  expect(calls.wholeScope).toBe(4);
});

test('tell where an app differs, by checksum and by time, and only of the types that it names', async () => {
  const tenant = newTenant();
  const checksums = createTenantChecksums({ engine: tenant.engine, cache: noPages });
  await tenant.send([
    createOf('Tag', 'same'),
    createOf('Tag', 'other'),
    createOf('Tag', 'moved'),
    createOf('Tag', 'here'),
    createOf('Account', 'a'),
  ]);
  const read = await checksums.of(tenant.actor, tenant.tenantId, ['Tag']);
  const known = new Map(read.ok ? read.entityChecksums.Tag?.map((one) => [one.entity_id, one]) : []);
  const same = known.get('same')!;
  const moved = known.get('moved')!;
  const found = await detectConflicts({ checksums }, tenant.actor, tenant.tenantId, {
    tag: [
      { ...same, last_modified: same.last_modified * 1_000 + 999 },
      { entity_id: 'other', checksum: 'f'.repeat(32), last_modified: 5 },
      { ...moved, last_modified: moved.last_modified - 1 },
      { entity_id: 'mine', checksum: 'x' },
    ],
    Nonsense: [{ entity_id: 'n', checksum: 'x' }],
  });
  expect(found).toMatchObject({
    ok: true,
    detected: {
      conflicts: [
        {
          entity_type: 'Tag',
          entity_id: 'other',
          local_checksum: 'f'.repeat(32),
          server_checksum: known.get('other')?.checksum,
          local_last_modified: 5,
          server_last_modified: known.get('other')?.last_modified,
        },
        { entity_id: 'moved' },
      ],
      local_only: [
        { entity_type: 'Tag', entity_id: 'mine' },
        { entity_type: 'Nonsense', entity_id: 'n' },
      ],
      server_only: [{ entity_type: 'Tag', entity_id: 'here' }],
    },
  });
});

test('make a data status with exactly the keys of the contract, and the time of the last commit', async () => {
  const tenant = newTenant();
  const checksums = createTenantChecksums({ engine: tenant.engine, cache: noPages });
  const tools = { engine: tenant.engine, checksums, now: () => 9_999_999_999_999 };
  const read = async () => {
    const result = await readDataStatus(tools, tenant.actor, tenant.tenantId, null);
    if (!result.ok) throw new Error(result.message);
    return result.status;
  };
  expect(await read()).toMatchObject({ last_sync_time: 0 });
  await tenant.send([createOf('Tag', 'a')]);
  const status = await read();
  expect(Object.keys(status)).toEqual([
    'type',
    'tenant_id',
    'entity_checksums',
    'last_sync_time',
    'server_time',
  ]);
  expect(Object.keys(status.entity_checksums)).toEqual([...TYPE_NAMES]);
  expect(status.server_time).toBe(9_999_999_999);
  const [record] = await tenant.live();
  expect(status.last_sync_time).toBe(Math.floor((record?.updatedAt ?? 0) / 1_000));
});
