import { spawn } from 'node:child_process';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/store/embedded.ts';
import {
  ask,
  asRoot,
  atEnd,
  noneLeft,
  processesOn,
  startHere,
  startHost,
  tempFolder,
  until,
  upOf,
  usedFolder,
} from './support.ts';

test('a first start brings up PostgreSQL 18 with its database, roles and durable settings', async () => {
  const postgres = await startHere(join(await tempFolder(), 'data'));
  expect(postgres.version).toMatch(/^18\./);
  const [facts] = await ask(
    postgres.ownerConnectionString,
    `SELECT current_user::text AS owner, current_database()::text AS database, pg_encoding_to_char(encoding) AS encoding,
       datlocprovider AS provider, datlocale AS locale, rolsuper AS super,
       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
       current_setting('data_checksums') AS checksums, current_setting('listen_addresses') AS network
     FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user`,
  );
  expect(facts).toEqual({
    owner: 'ackord_owner',
    database: 'ackord',
    encoding: 'UTF8',
    provider: 'b',
    locale: 'C.UTF-8',
    super: true,
    fsync: 'on',
    commit: 'on',
    checksums: 'on',
    network: '',
  });
  const rights =
    'SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user';
  expect(await ask(postgres.connectionString, rights)).toEqual([
    { rolname: 'ackord_app', rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolbypassrls: false },
  ]);
});

test('stop leaves no process, and a later start finds the data', async () => {
  const dataFolder = await usedFolder();
  const first = await startHere(dataFolder);
  await ask(first.ownerConnectionString, 'CREATE TABLE kept AS SELECT 7 AS id');
  expect((await processesOn(dataFolder)).length).toBeGreaterThan(0);
  await Promise.all([first.stop(), first.stop()]);
  await noneLeft(dataFolder);
  const second = await startHere(dataFolder);
  expect(second.connectionString).toBe(first.connectionString);
  expect(await ask(second.ownerConnectionString, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
});

test('stop does not wait for sessions', async () => {
  const postgres = await startHere(await usedFolder());
  const sleeping = ask(postgres.connectionString, 'SELECT pg_sleep(60)');
  const cut = expect(sleeping).rejects.toThrow();
  await until('a session sleeps', async () => {
    const found = await ask(
      postgres.ownerConnectionString,
      `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%sleep(60)' AND state = 'active' AND pid <> pg_backend_pid()`,
    );
    return found.length === 1;
  });
  await postgres.stop();
  await cut;
});

test('settings can be overridden, the address and the identity can not', async () => {
  const settings = { work_mem: '7MB', listen_addresses: '*', 'ackord.server': '1-1' };
  const postgres = await startEmbeddedPostgres({ dataFolder: await usedFolder(), settings });
  atEnd(postgres.stop);
  const [got] = await ask(
    postgres.connectionString,
    `SELECT current_setting('work_mem') AS mem, current_setting('listen_addresses') AS network,
       current_setting('ackord.server') AS server`,
  );
  expect(got).toEqual({ mem: '7MB', network: '', server: expect.stringMatching(`^${process.pid}-`) });
});

test('the log reaches the caller line by line', async () => {
  const lines: string[] = [];
  const dataFolder = await usedFolder();
  const postgres = await startEmbeddedPostgres({ dataFolder, onLog: (line) => lines.push(line) });
  atEnd(postgres.stop);
  await until('the ready line', () => lines.some((line) => /ready to accept connections$/.test(line)));
});

test('values of users do not reach the log', async () => {
  const lines: string[] = [];
  const dataFolder = await usedFolder();
  const postgres = await startEmbeddedPostgres({ dataFolder, onLog: (line) => lines.push(line) });
  const url = postgres.ownerConnectionString;
  await ask(url, 'CREATE TABLE one (name text PRIMARY KEY)');
  await ask(url, `INSERT INTO one VALUES ('secret-value')`);
  await expect(ask(url, `INSERT INTO one VALUES ('secret-value')`)).rejects.toThrow('duplicate key');
  await postgres.stop();
  await until('the last line', () => lines.some((line) => line.includes('database system is shut down')));
  expect(lines.join('\n')).not.toContain('secret-value');
});

test('of two first starts at once, one wins and the other learns why', async () => {
  const dataFolder = await tempFolder();
  await expectOneWinner(dataFolder);
});

test('of two later starts at once, one wins and the other learns why', async () => {
  const dataFolder = await usedFolder();
  await (await startHere(dataFolder)).stop();
  await expectOneWinner(dataFolder);
});

async function expectOneWinner(dataFolder: string): Promise<void> {
  const hosts = [startHost(dataFolder), startHost(dataFolder), startHost(dataFolder)];
  const outcomes = await Promise.all(hosts.map((host) => host.outcome));
  const winner = hosts[outcomes.findIndex((outcome) => outcome.up !== undefined)];
  const refused = outcomes.filter((outcome) => outcome.up === undefined);
  expect(refused.map((outcome) => outcome.refused)).toEqual(['DATA_FOLDER_IN_USE', 'DATA_FOLDER_IN_USE']);
  for (const { why } of refused) expect(why).toContain(`in use by process ${winner?.process.pid}`);
  if (winner === undefined) throw new Error('nobody won');
  await ask((await upOf(winner)).connectionString, 'SELECT 1');
}

test('a second start in the same process is refused too', async () => {
  const dataFolder = await usedFolder();
  const first = await startHere(dataFolder);
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
  expect(await ask(first.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a lock file that names another program of the same user: the start works, the program lives on', async () => {
  const dataFolder = await usedFolder();
  const first = await startHere(dataFolder);
  const lockFile = join(first.dataFolder, 'postmaster.pid');
  const content = await readFile(lockFile, 'utf8');
  await first.stop();
  const { uid, gid } = await stat(first.dataFolder);
  const other = spawn('/bin/sleep', ['600'], { ...(asRoot ? { uid, gid } : {}), stdio: 'ignore' });
  atEnd(async () => other.kill());
  await writeFile(lockFile, content.replace(/^\d+/, String(other.pid)), { mode: 0o600 });
  if (asRoot) await chown(lockFile, uid, gid);
  const second = await startHere(dataFolder);
  expect(await ask(second.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});

test('a folder with other content, or of another major version, is refused and left alone', async () => {
  const dataFolder = await tempFolder();
  await mkdir(join(dataFolder, 'postgres'));
  await writeFile(join(dataFolder, 'postgres', 'letter.txt'), 'dear');
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
  expect(await readFile(join(dataFolder, 'postgres', 'letter.txt'), 'utf8')).toBe('dear');
  await writeFile(join(dataFolder, 'postgres', 'PG_VERSION'), '17\n');
  await expect(startEmbeddedPostgres({ dataFolder })).rejects.toMatchObject({ code: 'DATA_VERSION' });
});
