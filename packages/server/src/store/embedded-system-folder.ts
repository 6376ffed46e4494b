/**
 * Folders outside the data folder, for a server that was started as root: PostgreSQL then runs as another user,
 * who may not reach the data folder. They belong to root, and others may pass through but not write.
 */
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-errors.ts';

/** Kept through restarts, unlike the temp folder. */
export const SYSTEM_FOLDER = '/var/lib/ackord';

const PASSABLE = 0o755;

/** Makes SYSTEM_FOLDER/<names …> where missing, passable whatever the umask is, and answers its path. */
export async function makeSystemFolder(...names: readonly string[]): Promise<string> {
  return makePassableFolder(SYSTEM_FOLDER, ...names);
}

export async function makePassableFolder(base: string, ...names: readonly string[]): Promise<string> {
  let folder = '';
  for (const name of [base, ...names]) {
    folder = join(folder, name);
    const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
    if (isNew) await chmod(folder, PASSABLE);
  }
  return folder;
}

/**
 * Makes a folder that only `owner` (and root) can enter, or takes the one that is there, if it is just that.
 * Where others can create folders too (/tmp), one that somebody prepared for us must never be used.
 */
export async function makePrivateFolder(folder: string, owner: { uid: number; gid: number }): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).then(
    () => (process.getuid?.() === owner.uid ? undefined : giveFolderTo(folder, owner)),
    () => {},
  );
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === owner.uid && (found.mode & 0o077) === 0) return;
  throw new EmbeddedPostgresError(
    'DATA_FOLDER_UNUSABLE',
    `The folder ${folder} for the socket of the database exists, but is not a private folder of user ${owner.uid}. ` +
      'Remove it, or choose a data folder with a shorter path, which needs no folder elsewhere.',
  );
}

/** Through a handle that follows no link: should somebody swap the folder, nothing else changes its owner. */
export async function giveFolderTo(folder: string, owner: { uid: number; gid: number }): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await handle.chown(owner.uid, owner.gid);
  } finally {
    await handle.close();
  }
}

/** Makes a rename inside the folder last through a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
