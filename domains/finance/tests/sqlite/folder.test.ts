import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../../../tests/support/temp-folder.ts';
import { fileOfTenant, openFolder, readWhole, usersFilesOf } from '../../src/moving-in/folder.ts';

let folder: TempFolder | null = null;
afterEach(() => folder?.remove());

async function withFiles(...files: readonly string[]) {
  folder = await makeTempFolder();
  for (const file of files) {
    await mkdir(join(folder.path, file, '..'), { recursive: true });
    await writeFile(join(folder.path, file), 'x');
  }
  const opened = await openFolder(folder.path);
  if (!opened) throw new Error('no folder');
  return opened;
}

test('a tenant gets the file of its own id and of no other', async () => {
  const found = await withFiles(
    'tenants/db_a_b.db',
    'tenants/c.sqlite',
    'db_A.sqlite3',
    'tenants/old/c.db',
    'd.txt',
  );
  expect(['a_b', 'b', 'c', 'a', 'A', 'd'].map((id) => fileOfTenant(found, id))).toEqual([
    'tenants/db_a_b.db',
    null,
    'tenants/c.sqlite',
    null,
    'db_A.sqlite3',
    null,
  ]);
});

test('the file of users is the one that is called so, else any that is not named like a tenant', async () => {
  const id = '11111111-1111-4111-8111-111111111111';
  const named = await withFiles('db/users.db', 'other.db');
  expect(usersFilesOf(named)).toEqual(['db/users.db']);
  await folder?.remove();
  expect(usersFilesOf(await withFiles('central.db', `t/db_${id}.db`))).toEqual(['central.db']);
});

test('what is gone or being written is told, and a folder that is not there is none', async () => {
  const found = await withFiles('a.db', 'b.db', 'b.db-wal');
  expect(await readWhole(found, 'a.db')).toEqual(Buffer.from('x'));
  expect(await readWhole(found, 'b.db')).toMatchObject({ fault: 'being-written' });
  expect(await readWhole(found, 'c.db')).toMatchObject({ fault: 'no-access' });
  expect(await openFolder(join(found.path, 'nowhere'))).toBeNull();
});
