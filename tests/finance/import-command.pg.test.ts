/** `ackord import finance` as an operator runs it: a process of its own. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run, workFolder } from '../../packages/ackord/tests/support.ts';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { sqliteFile, tag, tenant, tenantTables, user, writeFolder } from './original-files.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
});

afterAll(() => database?.drop());

test('a run without a folder, one that leaves something out, and one that finds all in', async () => {
  const folder = await workFolder();
  const [ann, home] = [randomUUID(), randomUUID()];
  const importing = (...args: string[]) =>
    run(folder, ['import', 'finance', '--from', 'data', ...args], { DATABASE_URL: database.ownerUrl });
  const put = (name: string) =>
    writeFolder(join(folder, 'data'), [user(ann, 'ann'), tenant(home, 'Home', ann)], {
      [home]: sqliteFile([...tenantTables, tag('t1', 'Food', '2025-01-02'), tag('t2', name, '2025-01-02')]),
    });

  expect(await importing()).toMatchObject({
    exitCode: 1,
    out: '',
    err: expect.stringMatching(/^--from: there is no/),
  });
  await put('x'.repeat(200_000));
  const first = await importing();
  expect(first.exitCode).toBe(1);
  expect(first.out).toMatch(/^ +read +new +changed +unchanged +kept as here +left out$/m);
  expect(first.out).toMatch(/^Home \([0-9a-f-]+\) +2 +1 +0 +0 +0 +1$/m);
  expect(first.out).toMatch(/^ {2}tenant_databases\/\S+ tags t2: name /m);

  await put('Drink');
  const second = await importing();
  expect(second).toMatchObject({ exitCode: 0, out: expect.stringMatching(/All is in\.\n$/) });
  expect(second.out).toMatch(/^Home \([0-9a-f-]+\) +2 +1 +0 +1 +0 +0$/m);
});
