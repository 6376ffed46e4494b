/** `ackord import travel` as an operator runs it: a process of its own, beside a server that is at work. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run, workFolder } from '../../packages/ackord/tests/support.ts';
import { getTestPostgres, type TestDatabase } from '../support/postgres.ts';
import { fill } from './filled.ts';
import { idOf, type OldServer, startOldServer } from './old-server.ts';

let old: OldServer;
let database: TestDatabase;

beforeAll(async () => {
  old = await startOldServer();
  database = await (await getTestPostgres()).createDatabase();
});

afterAll(async () => {
  await database?.drop();
  await old?.close();
});

const importing = async (...args: string[]) =>
  run(await workFolder(), ['import', 'travel', ...args], { DATABASE_URL: database.ownerUrl });

test('prints a table, what was left out, and ends with 1 for that; with 0 when all is in', async () => {
  await old.insert('user', {
    id: idOf('user', 9),
    email: 'zoe@example.org',
    username: 'zoe',
    passwordHash: 'none',
  });
  await old.insert('trip', { id: idOf('trip', 9), name: 'Nobody’s', startDate: '2024-01-01' });
  const first = await importing('--from', old.url);
  expect(first.exitCode).toBe(1);
  expect(first.out).toMatch(/^ +read +new +changed +unchanged +deleted +kept as here +left out$/m);
  expect(first.out).toMatch(/^User +1 +1 +0 +0 +0 +0 +0$/m);
  expect(first.out).toContain(`trip ${idOf('trip', 9)}: It has no owner`);
  expect(first.out).toMatch(/^All else is in\./m);

  await old.run('UPDATE trip SET "ownerId" = $1', [idOf('user', 9)]);
  const second = await importing('--from', old.url);
  expect(second).toMatchObject({ exitCode: 0, out: expect.stringMatching(/All is in\.\n$/) });
  expect(second.out).toMatch(/^Trip +1 +1 +0 +0 +0 +0 +0$/m);
});

test('a dry run says that it was one', async () => {
  await fill(old);
  const { exitCode, out } = await importing('--from', old.url, '--dry-run');
  expect(exitCode).toBe(1);
  expect(out).toMatch(/It can’t see [\s\S]*\nThis was a dry run: nothing was written\.\n$/);
  expect(out).not.toContain('is in.');
});

test('with --files it finds what was copied under the old keys, and counts what is still missing', async () => {
  const folder = await workFolder();
  const environment = { DATABASE_URL: database.ownerUrl, FILES_DIR: join(folder, 'files') };
  const find = async (): Promise<string | undefined> => {
    const { out } = await run(folder, ['import', 'travel', '--from', old.url, '--files'], environment);
    return /^Files: .*$/m.exec(out)?.[0];
  };
  const before = /^Files: 0 are here, (\d+) are not/.exec((await find()) ?? '')?.[1];
  expect(Number(before)).toBeGreaterThan(1);
  await mkdir(join(folder, 'files', 'media'), { recursive: true });
  await writeFile(join(folder, 'files', 'media', '1.jpg'), 'a picture');
  const again = `Files: 1 are here, ${Number(before) - 1} are not: copy them, and run the same command again.`;
  expect([await find(), await find()]).toEqual([again, again]);
});

test('what can’t be read is said in one line, without the password', async () => {
  const { exitCode, out, err } = await importing('--from', 'postgres://reader:geheim123@127.0.0.1:9/travel');
  expect([exitCode, out]).toEqual([1, '']);
  expect(err).toBe(
    "--from: the database can't be read (ECONNREFUSED). Check the address, the login and that it may read the tables.\n",
  );
  for (const nonsense of [
    'geheim123',
    'http://reader:geheim123@old-host/travel',
    'postgres://a:geheim123@[',
  ]) {
    const answer = await importing('--from', nonsense);
    expect(answer).toMatchObject({ exitCode: 1, out: '' });
    expect(answer.err).toMatch(/^--from: that is no address .* must begin with postgres:\/\/, .*\n$/);
    expect(answer.err).not.toContain('geheim123');
  }
  expect((await importing('--from', old.url.replace(/\/\w+(?=\?|$)/, '/no%20travel'))).err).toBe(
    '--from: There is no database "no travel" there. Check the name at the end of the address.\n',
  );
});

test('another database is told as such', async () => {
  const other = await (await getTestPostgres()).createDatabase();
  try {
    const { exitCode, err } = await importing('--from', other.ownerUrl);
    expect(exitCode).toBe(1);
    expect(err).toContain('has no tables "user" and "trip"');
  } finally {
    await other.drop();
  }
});
