/** A tenant goes out as a SQLite file, and comes in from one. */
import { randomUUID } from 'node:crypto';
import { LIMITS, qualifiedId } from '@ackord/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { account, sqliteFile, tag, tenantTables } from '../original-files.ts';
import { accountOf, form, type Ground, type Person, startRest, tenantOf } from './ground.ts';

let open: Ground;
let closed: Ground;
let ann: Person;
let ben: Person;
let home: string;

beforeAll(async () => {
  [open, closed] = [await startRest(true), await startRest(false)];
  [ann, ben] = [await closed.person(), await closed.person()];
  home = await tenantOf(ann, 'Home');
  await write(closed, ann, home);
});

afterAll(async () => {
  await open?.close();
  await closed?.close();
});

const IMPORT = '/api/v1/tenant/import-database';
const EXPORT = '/api/v1/tenant/export-database?tenant_id=';

const formOf = (name: string, bytes: Uint8Array) =>
  form({ new_tenant_name: name }, { name: 'database_file', fileName: '../x.db', bytes: Buffer.from(bytes) });

const importBy = ({ send }: Pick<Person, 'send'>, name: string, bytes: Uint8Array, user?: string) => {
  const { body, headers } = formOf(name, bytes);
  return send('POST', IMPORT, body, { ...headers, ...(user !== undefined && { 'x-user-id': user }) });
};

const original = sqliteFile([
  ...tenantTables,
  account('a1', '12.50', '2025-01-02 03:04:05.678901'),
  account('a2', null, '2025-01-02 03:04:05'),
  tag('t1', 'Food', '2025-01-02 03:04:05'),
]);

async function write({ engine }: Ground, { id }: Person, tenant: string): Promise<void> {
  const changes = [accountOf('a1'), accountOf('a2', { balance: '0.1', note: 'ö' }), accountOf('a3')];
  const submission = {
    domain: 'finance',
    actor: { userId: id },
    device: 'phone',
    origin: 'client',
    tenant,
  } as const;
  await engine.submit({ ...submission, batchId: randomUUID(), changes });
  const gone = [{ entityType: 'Account', id: 'a3', operation: 'DELETE', fields: {} }];
  await engine.submit({ ...submission, batchId: randomUUID(), changes: gone });
}

const fieldsOf = async (ground: Ground, user: string, tenant: string, id: string) =>
  (
    await ground.engine.records({ userId: user }, [{ type: 'finance.Account', id: qualifiedId(tenant, id) }])
  )[0]?.fields;

test('what goes out comes in as another tenant, with the same ids and values', async () => {
  const exported = await ann.send('GET', EXPORT + home);
  expect(exported).toMatchObject({ status: 200, headers: { 'content-type': 'application/octet-stream' } });
  const imported = await importBy(ann, 'Second home', exported.bytes);
  expect(imported).toMatchObject({
    status: 200,
    body: { tenant_name: 'Second home', imported: 2, left_out: 0, problems: [] },
  });
  for (const id of ['a1', 'a2'])
    expect(await fieldsOf(closed, ann.id, imported.body.tenant_id, id)).toEqual(
      await fieldsOf(closed, ann.id, home, id),
    );
  expect(await fieldsOf(closed, ann.id, imported.body.tenant_id, 'a3')).toBeUndefined();
});

test('a file of the original comes in; rows that can’t are named', async () => {
  const imported = await importBy(ann, 'From there', original);
  expect(imported).toMatchObject({
    status: 200,
    body: { imported: 2, left_out: 1, problems: [{ table: 'accounts', id: 'a2' }] },
  });
  expect(await fieldsOf(closed, ann.id, imported.body.tenant_id, 'a1')).toMatchObject({
    balance: '12.5',
    editedAt: '2025-01-02T03:04:05.678Z',
  });
});

test('a file that can’t be read makes no tenant, nor does a name that is taken', async () => {
  const before = (await ann.send('GET', '/tenants')).body.length;
  const broken = original.slice(0, original.length - 100);
  expect(await importBy(ann, 'x', Buffer.from('nothing'))).toMatchObject({ status: 400 });
  expect(await importBy(ann, 'x', broken)).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('broken'), code: 'BAD_USER_INPUT' },
  });
  expect(await importBy(ann, 'x', sqliteFile([['CREATE TABLE a (b)']]))).toMatchObject({ status: 400 });
  expect(await importBy(ann, 'Home', original)).toMatchObject({ status: 400, body: { code: 'UNIQUE' } });
  expect(await importBy(ann, 'x', Buffer.alloc(LIMITS.sqliteFileBytesMax + 1))).toMatchObject({
    status: 413,
  });
  expect(await ann.send('POST', IMPORT, ...parts(form({ new_tenant_name: 'x' })))).toMatchObject({
    status: 422,
  });
  expect((await ann.send('GET', '/tenants')).body).toHaveLength(before);
});

const parts = ({ body, headers }: ReturnType<typeof form>) => [body, headers] as const;

test('a foreign tenant answers like one that is not there, and nobody imports for somebody else', async () => {
  const foreign = await ben.send('GET', EXPORT + home);
  expect(foreign.status).toBe(404);
  expect(await ben.send('GET', EXPORT + randomUUID())).toMatchObject({ status: 404, body: foreign.body });
  expect(await closed.send('GET', EXPORT + home)).toMatchObject({ status: 401 });
  expect(await importBy(closed, 'x', original)).toMatchObject({ status: 401 });
  expect(await importBy(ben, 'x', original, ann.id)).toMatchObject({ status: 403 });
});

test('in the open mode an app names tenant and user', async () => {
  const eve = await open.person();
  const imported = await importBy(open, 'Of Eve', original, eve.id);
  expect(imported).toMatchObject({ status: 200, body: { imported: 2 } });
  expect(await open.send('GET', EXPORT + imported.body.tenant_id)).toMatchObject({ status: 200 });
  expect(await open.send('GET', EXPORT + randomUUID())).toMatchObject({ status: 404 });
  expect(await importBy(open, 'x', original, randomUUID())).toMatchObject({ status: 404 });
  expect(await importBy(open, 'x', original)).toMatchObject({ status: 422 });
});
