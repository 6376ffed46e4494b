/**
 * Makes the database folder at the first start, and checks it at later ones.
 *
 * Everything is made in a work folder beside it: templates, roles, the database `ackord`. It is written to disk and
 * then renamed, so the folder is whole or not there, wherever a crash falls; of two first starts at once, one wins.
 * Under an account without a name, initdb would not run; then a named user makes the files, readable for the account's
 * group, and the account copies them, so nothing is ever given away by root inside a folder that others can write to.
 */
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namedAccount } from './embedded-account.ts';
import type { PostgresBinaries } from './embedded-binaries.ts';
import { EmbeddedPostgresError, systemErrorCode } from './embedded-errors.ts';
import type { DataPlace } from './embedded-folder.ts';
import { isRunning, type ProcessIdentity } from './embedded-process.ts';
import { type Account, runProgram } from './embedded-run.ts';
import { giveFolderTo, syncFolder } from './embedded-system-folder.ts';

export const OWNER_ROLE = 'ackord_owner';
export const APP_ROLE = 'ackord_app';
export const DATABASE = 'ackord';

export interface ClusterRequest {
  readonly place: DataPlace;
  readonly binaries: PostgresBinaries;
  /** Whoever makes the work folder; it is swept once that process is gone. */
  readonly maker: ProcessIdentity;
  /** false: spare the disk, for databases that may vanish with the machine. */
  readonly durable: boolean;
  /** Passwords of the two roles, where the database listens on a network port. */
  readonly passwords: { readonly owner: string; readonly app: string } | undefined;
}

const WORK_PREFIX = '.postgres-new-';

export async function ensureCluster(request: ClusterRequest): Promise<void> {
  const { place, binaries } = request;
  await sweepWorkFolders(place);
  if ((await readMajor(place.cluster)) === undefined) await createCluster(request);
  const major = await readMajor(place.cluster);
  if (major === undefined) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `The folder ${place.cluster} holds files that are no database. Move them away, or choose another data folder.`,
    );
  }
  if (major !== binaries.major) {
    throw new EmbeddedPostgresError(
      'DATA_VERSION',
      `The database in ${place.cluster} was written by PostgreSQL ${major}, this server brings ${binaries.version}. ` +
        'Start the version of Ackord that wrote it, dump the data, and load them into a new data folder.',
    );
  }
  await adoptRestored(place);
}

/** The major version that wrote the database; undefined = there is none. */
async function readMajor(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function createCluster(request: ClusterRequest): Promise<void> {
  const { place } = request;
  const work = await mkdtemp(join(place.home, `${WORK_PREFIX}${request.maker}-`));
  try {
    const fresh =
      place.account === undefined
        ? await makeDirectly(request, work)
        : await makeForNameless(request, work, place.account);
    if (request.durable)
      await runOrThrow(request.binaries.initdb, ['--sync-only', '-D', fresh], place.account);
    await renameUnlessThere(fresh, place.cluster);
    await syncFolder(place.home);
  } finally {
    await removeWorkFolder(work, place.account);
  }
}

async function makeDirectly(request: ClusterRequest, work: string): Promise<string> {
  const fresh = join(work, 'postgres');
  await mkdir(fresh, { mode: 0o700 });
  await initialize(request, fresh, undefined, []);
  return fresh;
}

async function makeForNameless(request: ClusterRequest, work: string, account: Account): Promise<string> {
  const template = join(work, 'template');
  const fresh = join(work, 'postgres');
  const named = await templateMaker(account);
  await chmod(work, 0o711);
  await mkdir(template, { mode: 0o750 });
  await giveFolderTo(template, named);
  await mkdir(fresh, { mode: 0o700 });
  await giveFolderTo(fresh, account);
  await initialize(request, template, named, ['--allow-group-access']);
  await runOrThrow('/bin/sh', ['-c', 'umask 077 && cp -R "$1/." "$2"', 'sh', template, fresh], account);
  return fresh;
}

/** Runs under the name of one user with the group of another: what it makes, both can read. */
async function templateMaker(account: Account): Promise<Account> {
  return { uid: (await namedAccount())?.uid ?? account.uid, gid: account.gid };
}

async function initialize(
  request: ClusterRequest,
  folder: string,
  account: Account | undefined,
  more: readonly string[],
): Promise<void> {
  const { binaries, passwords } = request;
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [
    '--auth-local=trust',
    `--auth-host=${passwords === undefined ? 'reject' : 'scram-sha-256'}`,
  ];
  const args = [
    '-D',
    folder,
    '-U',
    OWNER_ROLE,
    ...locale,
    ...access,
    '--no-sync',
    '--no-instructions',
    ...more,
  ];
  const passwordFile = join(dirname(folder), 'password');
  if (passwords !== undefined) {
    await writeFile(passwordFile, passwords.owner, { mode: 0o600 });
    args.push(`--pwfile=${passwordFile}`);
  }
  await runOrThrow(binaries.initdb, args, account);
  const single = ['--single', '-D', folder, '-c', 'fsync=off', '-c', 'exit_on_error=on', 'postgres'];
  await runOrThrow(binaries.postgres, single, account, contents(passwords?.app));
}

/** One statement a line, as the single-user mode reads them. */
function contents(appPassword: string | undefined): string {
  const password = appPassword === undefined ? '' : ` PASSWORD '${appPassword}'`;
  return `CREATE ROLE ${APP_ROLE} LOGIN${password};\nCREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE};\n`;
}

async function runOrThrow(
  file: string,
  args: readonly string[],
  account: Account | undefined,
  input = '',
): Promise<void> {
  const { succeeded, output } = await runProgram(file, args, { account, input });
  if (succeeded) return;
  const hint = output.includes('could not look up effective user ID')
    ? 'The user number of this process has no name in /etc/passwd, which initdb insists on: give it one, or start as root. '
    : '';
  throw new EmbeddedPostgresError(
    'START_FAILED',
    `The database could not be made: ${basename(file)} failed. ${hint}Usual causes else: no room on the disk, or a ` +
      `file system without ownership. Its last words:\n${output}`,
  );
}

/** Another first start may have finished meanwhile; its database counts. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((await stat(to).catch(() => undefined)) === undefined) throw error;
  }
}

async function sweepWorkFolders(place: DataPlace): Promise<void> {
  for (const name of await readdir(place.home)) {
    const maker = name.startsWith(WORK_PREFIX) ? /^\d+-[a-z\d]+/.exec(name.slice(WORK_PREFIX.length)) : null;
    if (maker !== null && !(await isRunning(maker[0]))) {
      await removeWorkFolder(join(place.home, name), place.account);
    }
  }
}

/** Each part is removed by the user who owns it: root never walks folders that others can change meanwhile. */
async function removeWorkFolder(work: string, account: Account | undefined): Promise<void> {
  if (account === undefined) return rm(work, { recursive: true, force: true, maxRetries: 5 });
  const owners = { template: await templateMaker(account), postgres: account };
  for (const [name, owner] of Object.entries(owners)) {
    await runProgram('/bin/rm', ['-rf', join(work, name)], { account: owner });
    await rmdir(join(work, name)).catch(ignoreLeftovers);
  }
  await rmdir(work).catch(ignoreLeftovers);
}

/** What could not be removed now (an initdb still writing, after a kill) is swept at a later start. */
const ignoreLeftovers = (): void => {};

/** A folder brought back from a backup often belongs to root, or is open to others; PostgreSQL would refuse it. */
async function adoptRestored({ cluster, account }: DataPlace): Promise<void> {
  const { uid, mode } = await stat(cluster);
  if (account !== undefined && uid === 0) {
    await runOrThrow('/bin/chown', ['-hR', `${account.uid}:${account.gid}`, cluster], undefined);
  }
  if (process.platform !== 'win32' && (mode & 0o027) !== 0) await chmod(cluster, 0o700);
}
