import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  ask,
  canContain,
  noneLeft,
  processesOn,
  startHere,
  startHost,
  tempFolder,
  until,
  upOf,
  usedFolder,
} from './support.ts';

test('kill -9 of the server under load: PostgreSQL goes too, and every acknowledged row is there', async () => {
  const dataFolder = await usedFolder();
  for (const round of [1, 2]) {
    const host = startHost(dataFolder, { mode: round === 1 ? 'insert' : 'serve' });
    const up = await upOf(host);
    await until('rows', () => round === 2 || host.acknowledged.length > 300);
    await host.kill('SIGKILL');
    const next = await startHere(dataFolder);
    expect((await processesOn(dataFolder)).map(({ pid }) => pid)).not.toContain(up.pid);
    await expectRows(next.ownerConnectionString, host.acknowledged);
    await next.stop();
  }
});

test('with nobody starting again, PostgreSQL and its watchdog end by themselves after a kill -9', async () => {
  const dataFolder = await usedFolder();
  const host = startHost(dataFolder, { mode: 'insert' });
  await upOf(host);
  await until('rows', () => host.acknowledged.length > 20);
  await host.kill('SIGKILL');
  await noneLeft(dataFolder);
});

test('an orphan whose watchdog was killed too is stopped by the next start', async () => {
  const dataFolder = await usedFolder();
  const host = startHost(dataFolder, { mode: 'insert' });
  const up = await upOf(host);
  await until('rows', () => host.acknowledged.length > 20);
  await killWatchdog(dataFolder, host.process.pid);
  await host.kill('SIGKILL');
  expect((await processesOn(dataFolder)).map(({ pid }) => pid)).toContain(up.pid);
  const next = await startHere(dataFolder);
  expect((await processesOn(dataFolder)).map(({ pid }) => pid)).not.toContain(up.pid);
  await expectRows(next.ownerConnectionString, host.acknowledged);
});

test('server, watchdog and PostgreSQL killed at once: the log brings every acknowledged row back', async () => {
  const dataFolder = await usedFolder();
  const host = startHost(dataFolder, { mode: 'insert' });
  const up = await upOf(host);
  await until('rows', () => host.acknowledged.length > 300);
  await killWatchdog(dataFolder, host.process.pid);
  process.kill(up.pid, 'SIGKILL');
  await host.kill('SIGKILL');
  const next = await startHere(dataFolder);
  await expectRows(next.ownerConnectionString, host.acknowledged);
});

test('PostgreSQL killed under a living server is started again at the same address', async () => {
  const postgres = await startHere(await usedFolder());
  await ask(postgres.ownerConnectionString, 'CREATE TABLE survivor AS SELECT 7 AS id');
  const before = postgres.pid;
  process.kill(before, 'SIGKILL');
  await until('another PostgreSQL', async () => {
    if (postgres.pid === before) return false;
    const rows = await ask<{ id: number }>(postgres.ownerConnectionString, 'SELECT id FROM survivor');
    return rows[0]?.id === 7;
  });
});

test('stop right after PostgreSQL was killed leaves nothing', async () => {
  const dataFolder = await usedFolder();
  const postgres = await startHere(dataFolder);
  process.kill(postgres.pid, 'SIGKILL');
  await postgres.stop();
  await noneLeft(dataFolder);
});

test('kill -9 in the middle of the first start: the next one works and sweeps up', async () => {
  const dataFolder = await tempFolder();
  const host = startHost(dataFolder);
  const workFolders = async (): Promise<string[]> =>
    (await readdir(dataFolder)).filter((name) => name.startsWith('.postgres-new-'));
  await until('a work folder', async () => (await workFolders()).length > 0);
  await host.kill('SIGKILL');
  expect(await readdir(dataFolder)).not.toContain('postgres');
  const next = await startHere(dataFolder);
  await ask(next.connectionString, 'SELECT 1');
  await next.stop();
  await noneLeft(join(dataFolder, '.postgres-new-'));
  await (await startHere(dataFolder)).stop();
  expect(await workFolders()).toEqual([]);
});

test.runIf(canContain)(
  'a container that is killed and restarted: the same process numbers come again',
  async () => {
    const dataFolder = await usedFolder();
    const numbers: number[] = [];
    for (let life = 1; life <= 4; life++) {
      const host = startHost(dataFolder, { mode: 'insert', contained: true });
      const up = await upOf(host);
      await ask(up.connectionString, 'SELECT 1');
      numbers.push(up.pid);
      await until('rows', () => host.acknowledged.length > 20);
      await host.kill('SIGKILL');
      await noneLeft(dataFolder);
    }
    expect(new Set(numbers).size).toBeLessThan(numbers.length);
  },
);

test('Ctrl-C reaches the server alone, which decides', async () => {
  const dataFolder = await usedFolder();
  const host = startHost(dataFolder);
  const up = await upOf(host);
  const group = host.process.pid ?? 0;
  process.kill(-group, 'SIGINT');
  expect(await ask(up.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await host.kill('SIGTERM');
  expect(host.process.exitCode).toBe(0);
  await noneLeft(dataFolder);
});

test('a program that forgets to stop ends all the same, and PostgreSQL with it', async () => {
  const dataFolder = await usedFolder();
  const host = startHost(dataFolder, { mode: 'forget' });
  await upOf(host);
  await until('the end of the host', () => host.process.exitCode === 0);
  await noneLeft(dataFolder);
});

async function killWatchdog(dataFolder: string, hostPid: number | undefined): Promise<void> {
  const shells = (await processesOn(dataFolder)).filter(
    ({ parent, command }) => parent === hostPid && command.startsWith('/bin/sh'),
  );
  expect(shells).toHaveLength(1);
  for (const { pid } of shells) process.kill(pid, 'SIGKILL');
  await until('the end of the watchdog', async () =>
    (await processesOn(dataFolder)).every(({ pid }) => pid !== shells[0]?.pid),
  );
}

async function expectRows(url: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const found = new Set((await ask<{ id: number }>(url, 'SELECT id FROM kept')).map(({ id }) => id));
  expect(ids.filter((id) => !found.has(id))).toEqual([]);
}
