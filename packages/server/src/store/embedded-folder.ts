/**
 * Decides where the data live, and as whom PostgreSQL works on them.
 *
 * Normally in the folder asked for, below `postgres`. Started as root, PostgreSQL runs as an unprivileged user; where
 * that user can't enter the folder asked for (below /root, say), the data live below /var/lib/ackord, and a pointer
 * file in the folder asked for names the place. The pointer is what counts: a folder without one is a new database,
 * and one whose target is gone is never quietly replaced by an empty database.
 */
import { createHash } from 'node:crypto';
import { chmod, chown, link, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canEnter, chooseAccount, isRoot } from './embedded-account.ts';
import { EmbeddedPostgresError, systemErrorCode } from './embedded-errors.ts';
import type { Account } from './embedded-run.ts';
import { makeSystemFolder, syncFolder } from './embedded-system-folder.ts';
import { makeFolder } from './make-folder.ts';

export interface DataPlace {
  /** The folder asked for, absolute and without links. */
  readonly dataFolder: string;
  /** Holds the folder of the database, and the work folders of a first start beside it. */
  readonly home: string;
  /** The folder of the database itself; it may not be there yet. */
  readonly cluster: string;
  /** Whom PostgreSQL runs as; undefined = ourselves. */
  readonly account: Account | undefined;
}

const CLUSTER_NAME = 'postgres';
const POINTER_NAME = 'postgres.location';

/** PostgreSQL keeps paths in 1,024 bytes; this leaves room for the longest name inside. */
const PATH_BYTES_MAX = 900;

export async function placeData(requested: string): Promise<DataPlace> {
  await makeFolder(requested);
  const dataFolder = await realpath(requested);
  const pointed = await readPointer(dataFolder);
  if (pointed !== undefined) return placeIn(pointed, dataFolder);
  const place = await placeIn(dataFolder, dataFolder);
  if (await canEnter(dataFolder, place.account)) return place;
  if (await openToAccount(dataFolder, place.account)) return place;
  if (await ownerOf(place.cluster)) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `The database in ${place.cluster} belongs to user ${place.account?.uid}, who can't enter the folders above it. ` +
        'Usual cause: the folder was moved. Move it back, or let others pass through the folders above (chmod o+x).',
    );
  }
  return placeIn(await relocate(dataFolder), dataFolder);
}

/**
 * A folder that is closed for everyone but root (made under a strict umask, a container's volume) is opened for the
 * account's group to pass through; that group has no other members. Only the folder itself: those above are not ours.
 */
async function openToAccount(dataFolder: string, account: Account | undefined): Promise<boolean> {
  const { uid, mode } = await stat(dataFolder);
  const isClosed = uid === 0 && (mode & 0o070) === 0;
  if (account === undefined || !isClosed || !(await canEnter(dirname(dataFolder), account))) return false;
  await chown(dataFolder, uid, account.gid);
  await chmod(dataFolder, (mode & 0o777) | 0o010);
  return canEnter(dataFolder, account);
}

async function placeIn(home: string, dataFolder: string): Promise<DataPlace> {
  const cluster = join(home, CLUSTER_NAME);
  if (Buffer.byteLength(cluster) > PATH_BYTES_MAX) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `The path of the data folder is longer than ${PATH_BYTES_MAX} bytes, which PostgreSQL can't use: ${cluster}. ` +
        'Choose a shorter one.',
    );
  }
  const owner = await ownerOf(cluster);
  if (owner !== undefined && !isRoot() && owner.uid !== (process.getuid?.() ?? owner.uid)) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `The database in ${cluster} belongs to user ${owner.uid}, not to the user of this process. Usual cause: the ` +
        'server was once started as root. Start it as root again, or give the folder and all in it to your user.',
    );
  }
  return { dataFolder, home, cluster, account: await chooseAccount(owner) };
}

async function ownerOf(folder: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(folder);
    return { uid, gid };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readPointer(dataFolder: string): Promise<string | undefined> {
  const pointer = join(dataFolder, POINTER_NAME);
  const text = await readFile(pointer, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const home = text.split('\n', 1)[0] ?? '';
  if (home.startsWith('/') && (await ownerOf(home)) !== undefined) return home;
  throw new EmbeddedPostgresError(
    'DATA_FOLDER_LOST',
    `${pointer} says that the data are in "${home}", and that folder is not there. Usual cause: a container or ` +
      `machine was replaced, and only the data folder was kept. Bring ${home} back from the old machine or a backup; ` +
      `to begin with an empty database, remove ${pointer}.`,
  );
}

/** Makes a new home below SYSTEM_FOLDER and points to it. Of two starts at once, one pointer counts. */
async function relocate(dataFolder: string): Promise<string> {
  const parent = await makeSystemFolder();
  const hash = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  const home = await mkdtemp(join(parent, `${hash}-`));
  await chmod(home, 0o711);
  await writeFile(join(home, 'belongs-to'), `${dataFolder}\n`);
  await syncFolder(parent);
  if (await writePointer(dataFolder, home)) return home;
  await rm(home, { recursive: true });
  const theirs = await readPointer(dataFolder);
  if (theirs !== undefined) return theirs;
  throw new Error(`${POINTER_NAME} was removed while the database was being placed`);
}

/** Writes the pointer whole or not at all. Answers whether it is ours; false = there was one already. */
async function writePointer(dataFolder: string, home: string): Promise<boolean> {
  const draft = join(dataFolder, `.${POINTER_NAME}-${basename(home)}`);
  const note =
    'The database is kept in the folder named above, because the user it runs as can not enter this one.\n' +
    'A copy of this folder is no copy of the data.\n';
  try {
    await writeFile(draft, `${home}\n${note}`, { flush: true });
    await link(draft, join(dataFolder, POINTER_NAME));
    await syncFolder(dataFolder);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
