/** Households come in from the files of the original server. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRegistry, qualifiedId } from '@ackord/core';
import { type FinanceReport, financeDomain, moveFinanceIn, openFolder } from '@ackord/finance';
import { createEngine, type Engine, openPostgresStore, type PostgresStore } from '@ackord/server';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import {
  account,
  settings,
  sqliteFile,
  tag,
  tenant,
  tenantTables,
  user,
  writeFolder,
} from './original-files.ts';

let database: TestDatabase;
let opened: PostgresStore;
let engine: Engine;
let folder: TempFolder;

beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
  const registry = createRegistry([financeDomain]);
  opened = await openPostgresStore({ ...database, registry, poolMax: 4, log: () => {} });
  engine = createEngine({ registry, store: opened.store });
  folder = await makeTempFolder();
});

afterAll(async () => {
  await engine?.stop();
  await opened?.close();
  await database?.drop();
  await folder?.remove();
});

const [ann, ben, eve] = [randomUUID(), randomUUID(), randomUUID()];
const [home, shop, lost] = [randomUUID(), randomUUID(), randomUUID()];
const hash = hashSync('correct horse', 4);

async function move(isDryRun = false): Promise<FinanceReport> {
  const found = await openFolder(folder.path);
  if (!found) throw new Error('no folder');
  const moved = await moveFinanceIn({
    folder: found,
    engine,
    users: opened.users,
    isDryRun,
    now: Date.now(),
    onStep: () => {},
  });
  if (!moved.ok) throw new Error(moved.message);
  for (const { name, counts } of moved.report.parts) {
    const { read, created, changed, unchanged, kept, leftOut } = counts;
    expect([name, read]).toEqual([name, created + changed + unchanged + kept + leftOut]);
  }
  return moved.report;
}

const countsOf = ({ parts }: FinanceReport) =>
  Object.fromEntries(parts.map(({ name, counts }) => [name, counts]));
const problemsOf = ({ problems }: FinanceReport) =>
  problems.list.map(({ table, id, reason }) => `${table} ${id}: ${reason}`);

const none = { read: 0, created: 0, changed: 0, unchanged: 0, kept: 0, leftOut: 0 };

const recordOf = async (owner: string, tenantId: string, type: string, id: string) =>
  (await engine.records({ userId: owner }, [{ type: `finance.${type}`, id: qualifiedId(tenantId, id) }]))[0];

const tenantsOf = async (userId: string) =>
  [...(await engine.scopes({ userId }))].filter(([scope]) => scope.startsWith('tenant:'));

const fill = (balance: string, changed: string) =>
  writeFolder(
    folder.path,
    [
      user(ann, 'ann', hash),
      user(ben, 'ben'),
      ['INSERT INTO users (uuid, email) VALUES (?, ?)', [eve, 'ANN@example.org']],
      settings(ann, 'DEBUG'),
      settings(ben, 'LOUD'),
      tenant(home, 'Home', ann),
      tenant(shop, 'Shop', ben),
      tenant(lost, 'Lost', eve),
    ],
    {
      [home]: sqliteFile([
        ...tenantTables,
        account('a1', balance, changed),
        account('a2', null, changed),
        tag('t1', 'Food', '2025-01-02 03:04:05.678901'),
      ]),
      [shop]: new TextEncoder().encode('no database at all'),
    },
  );

test('a dry run tells what a run does, and writes nothing', async () => {
  await fill('100.10', '2025-01-02 03:04:05');
  const rehearsed = await move(true);
  expect(countsOf(rehearsed)).toMatchObject({
    Tenants: { read: 3, created: 2, leftOut: 1 },
    [`Home (${home})`]: { read: 3, created: 2, leftOut: 1 },
  });
  expect(await opened.users.usersById([ann, ben])).toEqual([]);
  expect(await tenantsOf(ann)).toEqual([]);
});

test('users, tenants and records come in with their ids, and what can’t is named', async () => {
  const report = await move();
  expect(countsOf(report)).toEqual({
    Users: { ...none, read: 3, created: 2, leftOut: 1 },
    Settings: { ...none, read: 2, created: 1, leftOut: 1 },
    Tenants: { ...none, read: 3, created: 2, leftOut: 1 },
    [`Home (${home})`]: { ...none, read: 3, created: 2, leftOut: 1 },
    [`Shop (${shop})`]: none,
  });
  expect(problemsOf(report).sort()).toEqual(
    [
      `tenant_databases/tenantDB_${home}.db accounts a2: balance is missing; Account can't be stored without it.`,
      `tenant_databases/tenantDB_${shop}.db : It is not a SQLite file.`,
      `tenants ${lost}: Its user ${eve} was left out, or is not there: it waits for that user.`,
      `user_settings ${ben}: Its values are none that an app can choose.`,
      `users ${eve}: Its e-mail belongs, but for case, to another user here. Change it over there and run this again.`,
    ].sort(),
  );
  expect(await opened.users.credentialsByEmail('ann@example.org')).toMatchObject({
    user: { id: ann },
    passwordHash: hash,
  });
  const [chosen] = await engine.records({ userId: ann }, [{ type: 'finance.UserSettings', id: ann }]);
  expect(chosen?.fields).toMatchObject({
    logLevel: 'DEBUG',
    logCategories: ['store', 'ui'],
    historyRetentionDays: 30,
  });
  expect(await tenantsOf(ann)).toEqual([[`tenant:${home}`, 'OWNER']]);
  expect(await recordOf(ann, home, 'Account', 'a1')).toMatchObject({
    version: 1,
    fields: { balance: '100.1', accountGroupId: 'g1', editedAt: '2025-01-02T03:04:05.000Z' },
  });
  expect(await recordOf(ann, home, 'Tag', 't1')).toMatchObject({
    fields: { name: 'Food', editedAt: '2025-01-02T03:04:05.678Z' },
  });
});

test('the same folder again changes nothing; a later edit over there comes, an earlier one gives way', async () => {
  const again = { ...none, read: 3, unchanged: 2, leftOut: 1 };
  expect(countsOf(await move())).toMatchObject({ Users: { unchanged: 2 }, [`Home (${home})`]: again });

  const edit = async (id: string, name: string) =>
    engine.submit({
      domain: 'finance',
      actor: { userId: ann },
      device: 'phone',
      batchId: randomUUID(),
      origin: 'client',
      tenant: home,
      changes: [
        {
          entityType: 'Tag',
          id,
          operation: 'UPDATE',
          clientTime: Date.parse('2025-06-01T00:00:00Z'),
          fields: { name },
        },
      ],
    });
  await edit('t1', 'Drink');
  await fill('99.00', '2025-03-01 00:00:00');
  const home2 = sqliteFile([
    ...tenantTables,
    account('a1', '99.00', '2025-03-01 00:00:00'),
    tag('t1', 'Meat', '2025-05-01 00:00:00'),
  ]);
  await writeFile(join(folder.path, 'tenant_databases', `tenantDB_${home}.db`), home2);
  expect(countsOf(await move(true))[`Home (${home})`]).toMatchObject({ changed: 2 });
  expect(countsOf(await move())[`Home (${home})`]).toEqual({ ...none, read: 2, changed: 1, kept: 1 });
  expect(await recordOf(ann, home, 'Account', 'a1')).toMatchObject({ fields: { balance: '99' } });
  expect(await recordOf(ann, home, 'Tag', 't1')).toMatchObject({ fields: { name: 'Drink' } });
});

test('files that are being written, or belong to nobody, are named and passed over', async () => {
  const stray = join(folder.path, 'tenant_databases', 'stray.sqlite');
  await writeFile(stray, sqliteFile(tenantTables));
  await writeFile(join(folder.path, 'tenant_databases', `tenantDB_${home}.db-journal`), 'x');
  expect(problemsOf(await move())).toEqual(
    expect.arrayContaining([
      'tenant_databases/stray.sqlite : No tenant of the users has this file.',
      `tenant_databases/tenantDB_${home}.db : Something is writing to it. Stop the original server and run this again.`,
    ]),
  );
});
