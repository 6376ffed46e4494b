/**
 * The secret that signs tokens when none is configured (never in production): made once and kept in the data folder,
 * readable by its owner alone, so that tokens survive a restart. Safe when two servers start at once: the file
 * appears complete or not at all, and whoever comes second takes what is there.
 */
import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../store/make-folder.ts';

const FILE = 'jwt-secret';
const SECRET_BYTES = 48;
const TEXT_LENGTH_MIN = 32;

export async function developmentSecret(dataFolder: string): Promise<string> {
  await makeFolder(dataFolder);
  const path = join(dataFolder, FILE);
  const known = await readSecret(path);
  if (known !== null) return known;
  await placeSecret(path, join(dataFolder, `${FILE}.${randomBytes(6).toString('hex')}`));
  const secret = await readSecret(path);
  if (secret === null) throw new Error(`${path} does not hold a secret; delete it, then start again.`);
  return secret;
}

/** null: there is none yet. */
async function readSecret(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const secret = text.trim();
  if (secret.length < TEXT_LENGTH_MIN)
    throw new Error(`${path} is too short for a secret; delete it, then start again.`);
  // Someone may have copied the folder with looser rights.
  await chmod(path, 0o600).catch(() => undefined);
  return secret;
}

/** Writes under a name of its own, then links it into place: unlike a rename, a link never replaces. */
async function placeSecret(path: string, draft: string): Promise<void> {
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}
