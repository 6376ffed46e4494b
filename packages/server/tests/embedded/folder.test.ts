import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/store/embedded.ts';
import {
  ask,
  asRoot,
  atEnd,
  NOBODY,
  noneLeft,
  startHere,
  startHost,
  tempFolder,
  upOf,
  usedFolder,
} from './support.ts';

test.each(['with spaces', 'comma, "quotes" & \'ticks\'', '100%20 + ?#', 'Überfahrt-旅'])(
  'a folder named %s',
  async (name) => {
    const dataFolder = join(await tempFolder(), name);
    const first = await startHere(dataFolder);
    await ask(first.ownerConnectionString, 'CREATE TABLE kept AS SELECT 7 AS id');
    await first.stop();
    const second = await startHere(dataFolder);
    expect(await ask(second.ownerConnectionString, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  },
);

test('a path too long for a socket gets a private socket folder elsewhere, the same at every start', async () => {
  const dataFolder = join(await tempFolder(), 'long'.repeat(50), 'longer'.repeat(40));
  const first = await startHere(dataFolder);
  const socketFolder = new URL(first.connectionString.replace('@/', '@x/')).searchParams.get('host') ?? '';
  atEnd(() => rm(socketFolder, { recursive: true }));
  expect(socketFolder).not.toContain('long');
  expect((await stat(socketFolder)).mode & 0o777).toBe(0o700);
  await ask(first.connectionString, 'SELECT 1');
  await first.stop();
  const second = await startHere(dataFolder);
  expect(second.connectionString).toBe(first.connectionString);
  await second.stop();
  // Whoever could prepare the folder could read what we send: anything but our own private folder is refused.
  await chmod(socketFolder, 0o777);
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
  await rename(socketFolder, `${socketFolder}-moved`);
  atEnd(() => rm(`${socketFolder}-moved`, { recursive: true }));
  await symlink(`${socketFolder}-moved`, socketFolder);
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
});

test('a path too long for PostgreSQL is refused with the reason', async () => {
  const dataFolder = join(await tempFolder(), ...Array.from({ length: 10 }, () => 'x'.repeat(100)));
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
});

test('a folder that is a file is refused with the reason', async () => {
  const dataFolder = join(await tempFolder(), 'file');
  await writeFile(dataFolder, '');
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({
    code: 'DATA_FOLDER_UNUSABLE',
    message: expect.stringMatching(/^(?!.*EEXIST.*EEXIST).*\(EEXIST: file already exists/),
  });
});

test('a folder that was open to others after a restore is closed again', async () => {
  const dataFolder = await usedFolder();
  const first = await startHere(dataFolder);
  await first.stop();
  await chmod(first.dataFolder, 0o755);
  const second = await startHere(dataFolder);
  expect((await stat(second.dataFolder)).mode & 0o777).toBe(0o700);
});

describe.runIf(asRoot)('started as root', () => {
  test('PostgreSQL runs as an unprivileged user, its data are closed to all others', async () => {
    const dataFolder = await tempFolder();
    const postgres = await startHere(dataFolder);
    expect(postgres.dataFolder).toBe(join(dataFolder, 'postgres'));
    const { uid, mode } = await stat(postgres.dataFolder);
    expect([uid > 0, mode & 0o777]).toEqual([true, 0o700]);
    expect((await stat(`/proc/${postgres.pid}`)).uid).toBe(uid);
  });

  test('a private folder in a public one is used in place', async () => {
    const dataFolder = join(await tempFolder(), 'private');
    await mkdir(dataFolder, { mode: 0o700 });
    const postgres = await startHere(dataFolder);
    expect(postgres.dataFolder).toBe(join(dataFolder, 'postgres'));
    expect((await stat(dataFolder)).mode & 0o007).toBe(0);
  });

  test('below a folder that only root can enter, the data live elsewhere, and a pointer tells where', async () => {
    const closed = await tempFolder();
    await chmod(closed, 0o700);
    const dataFolder = join(closed, 'app', 'data');
    const first = await startHere(dataFolder);
    expect(first.dataFolder).toMatch(/^\/var\/lib\/ackord\//);
    expect(await readFile(join(dataFolder, 'postgres.location'), 'utf8')).toContain(
      `${dirname(first.dataFolder)}\n`,
    );
    await ask(first.ownerConnectionString, 'CREATE TABLE kept AS SELECT 7 AS id');
    await first.stop();

    const moved = join(closed, 'moved');
    await rename(dataFolder, moved);
    const second = await startHere(moved);
    expect(await ask(second.ownerConnectionString, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await second.stop();

    await rename(dirname(first.dataFolder), `${dirname(first.dataFolder)}-away`);
    atEnd(() => rm(`${dirname(first.dataFolder)}-away`, { recursive: true }));
    await expect(startEmbeddedPostgres({ dataFolder: moved })).rejects.toMatchObject({
      code: 'DATA_FOLDER_LOST',
    });
  });

  test('of two first starts below a closed folder, one wins', async () => {
    const closed = await tempFolder();
    await chmod(closed, 0o700);
    const hosts = [startHost(join(closed, 'data')), startHost(join(closed, 'data'))];
    const outcomes = await Promise.all(hosts.map((host) => host.outcome));
    expect(outcomes.map(({ refused }) => refused ?? 'up').sort()).toEqual(['DATA_FOLDER_IN_USE', 'up']);
    for (const host of hosts) await host.kill('SIGTERM');
  });

  test('a database that was restored as root is given back to its user', async () => {
    const dataFolder = await tempFolder();
    const first = await startHere(dataFolder);
    await first.stop();
    await giveTo(first.dataFolder, 0);
    const second = await startHere(dataFolder);
    await ask(second.connectionString, 'SELECT 1');
  });

  test('the database of an ordinary user stays theirs', async () => {
    const dataFolder = await tempFolder();
    await chown(dataFolder, NOBODY.uid, NOBODY.gid);
    const host = startHost(dataFolder, { account: NOBODY });
    const up = await upOf(host);
    expect((await stat(up.dataFolder)).uid).toBe(NOBODY.uid);
    await ask(up.ownerConnectionString, 'CREATE TABLE kept AS SELECT 7 AS id');
    await host.kill('SIGTERM');
    const asRootNow = await startHere(dataFolder);
    expect((await stat(`/proc/${asRootNow.pid}`)).uid).toBe(NOBODY.uid);
    expect(await ask(asRootNow.ownerConnectionString, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await asRootNow.stop();
    const again = startHost(dataFolder, { account: NOBODY });
    await upOf(again);
    await again.kill('SIGKILL');
    await noneLeft(dataFolder);
  });

  test('a database made under root is refused to an ordinary user, with the reason', async () => {
    const dataFolder = await tempFolder();
    await chmod(dataFolder, 0o755);
    await (await startHere(dataFolder)).stop();
    const { refused } = await startHost(dataFolder, { account: NOBODY }).outcome;
    expect(refused).toBe('DATA_FOLDER_UNUSABLE');
  });
});

async function giveTo(folder: string, uid: number): Promise<void> {
  for (const entry of await readdir(await realpath(folder), { recursive: true })) {
    await chown(join(folder, entry), uid, uid);
  }
  await chown(folder, uid, uid);
}
