/**
 * Copies the PostgreSQL programs into a folder from which any user of the machine can run them.
 * Input: the package's `native` folder. Promises: every copied file is on disk when it returns; what is only
 * needed to compile against PostgreSQL stays behind; the modes do not depend on the umask.
 */
import { chmod, constants, copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER_MODE = 0o755;
const isForCompilers = (name: string): boolean => name.endsWith('.a') || name === 'pkgconfig';

export async function copyPrograms(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, FOLDER_MODE);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (isForCompilers(entry.name)) continue;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    // Links are made anew from the package's list.
    if (entry.isDirectory()) await copyPrograms(source, target);
    else if (entry.isFile()) await copyProgram(source, target);
  }
}

async function copyProgram(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, source.includes('/bin/') || source.includes('.so') ? 0o755 : 0o644);
  const handle = await open(target, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
