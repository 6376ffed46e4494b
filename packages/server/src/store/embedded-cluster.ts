/**
 * Makes the database folder at the first start, and checks it at later ones.
 *
 * Everything is made in a work folder beside it: templates, roles, the database `ackord`. It is written to disk and
 * then renamed, so the folder is whole or not there, wherever a crash falls; of two first starts at once, one wins.
 *
 * An account without a name can run PostgreSQL, but not initdb. So `nobody` makes the files, with the group of the
 * account, in a work folder that only this group can enter: no other process of `nobody` is in it. Then root hands
 * the files over.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { namedAccount } from './embedded-account.ts';
import { EmbeddedPostgresError, systemErrorCode } from './embedded-errors.ts';
import type { DataPlace } from './embedded-folder.ts';
import { type ClusterContents, initializeCluster, runStep } from './embedded-initialize.ts';
import { isRunning, type ProcessIdentity } from './embedded-process.ts';
import type { Account } from './embedded-run.ts';
import { giveFolderTo, syncFolder } from './embedded-system-folder.ts';

export interface ClusterRequest extends ClusterContents {
  readonly place: DataPlace;
  /** Whoever makes the work folder; it is swept once that process is gone. */
  readonly maker: ProcessIdentity;
  /** false: spare the disk, for databases that may vanish with the machine. */
  readonly durable: boolean;
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
  const { binaries, place } = request;
  const { account } = place;
  const work = await mkdtemp(join(place.home, `${WORK_PREFIX}${request.maker}-`));
  const fresh = join(work, 'postgres');
  try {
    await mkdir(fresh, { mode: 0o700 });
    if (account === undefined) {
      await initializeCluster(request, fresh, undefined);
    } else {
      const maker = { uid: (await namedAccount())?.uid ?? account.uid, gid: account.gid };
      await giveFolderTo(fresh, maker);
      await giveFolderTo(work, { uid: 0, gid: account.gid });
      await chmod(work, 0o710);
      await initializeCluster(request, fresh, maker);
      await handOver(fresh, account);
    }
    if (request.durable) await runStep(binaries.initdb, ['--sync-only', '-D', fresh], account);
    await renameUnlessThere(fresh, place.cluster);
    await syncFolder(place.home);
  } finally {
    await removeWork(work);
  }
}

/** The folder and all in it; links themselves, never what they point to. */
async function handOver(folder: string, account: Account): Promise<void> {
  await runStep('chown', ['-hR', `${account.uid}:${account.gid}`, folder], undefined);
}

/** Another first start may have finished meanwhile; its database counts. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((await stat(to).catch(() => undefined)) === undefined) throw error;
  }
}

/** Removes what first starts that were killed have left. */
async function sweepWorkFolders(place: DataPlace): Promise<void> {
  for (const name of await readdir(place.home)) {
    const maker = name.startsWith(WORK_PREFIX) ? /^\d+-[a-z\d]+/.exec(name.slice(WORK_PREFIX.length)) : null;
    if (maker === null || (await isRunning(maker[0]))) continue;
    await removeWork(join(place.home, name));
  }
}

/** What can't go now (an initdb of a killed server still writes) goes at a later start. */
async function removeWork(work: string): Promise<void> {
  await rm(work, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}

/** A folder brought back from a backup often belongs to root, or is open to others; PostgreSQL would refuse it. */
async function adoptRestored({ cluster, account }: DataPlace): Promise<void> {
  const { uid, mode } = await stat(cluster);
  if (account !== undefined && uid === 0) await handOver(cluster, account);
  if (process.platform !== 'win32' && (mode & 0o027) !== 0) await chmod(cluster, 0o700);
}
