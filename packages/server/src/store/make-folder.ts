/**
 * Makes a folder, and those above it. Node's own recursive way never comes back where a system refuses a folder by
 * saying that the one above is not there, although it is (/proc does): whoever starts a server would wait for ever.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Does nothing where the folder is there. Rejects with the system's error, which names the path. */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeFolder(dirname(path));
  if (!(await isMade(path)))
    throw Object.assign(new Error(`${path} cannot be made`), { code: 'ENOENT', syscall: 'mkdir', path });
}

/** false: the folder above is missing. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return true;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}
