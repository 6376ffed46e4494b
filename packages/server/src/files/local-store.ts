/**
 * Files in a folder of this machine. Bytes go to a file of their own beside the others, are forced to the disk and
 * only then get their name, so under a key there is a whole file or none, whatever crashes when.
 * The folder: `<folder>/<first part of the key>/<rest>`, and `.incoming` for what is on its way.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { LIMITS } from '@ackord/core';
import { makeFolder } from '../store/make-folder.ts';
import { isKey } from './key.ts';
import type { FileStore } from './ports.ts';
import { type Signing, signUrl } from './signed-url.ts';

/** How an upload ended; what it left is gone unless it was stored. */
export type Written =
  | { readonly outcome: 'stored'; readonly size: number }
  | { readonly outcome: 'too-large' };

export interface LocalStore extends FileStore {
  readonly signing: Signing;
  /** Takes the body to its end, or rejects with its error when it breaks off. */
  write(key: string, body: Readable, sizeMax: number): Promise<Written>;
  /** A handle for reading parts of it, to be closed; null: it is not there. */
  handle(
    key: string,
  ): Promise<{ readonly file: FileHandle; readonly size: number; readonly tag: string } | null>;
}

const INCOMING = '.incoming';

/** Makes the folder, and rejects where it can't be written to. */
export async function openLocalStore(folder: string, signing: Signing): Promise<LocalStore> {
  const incoming = join(folder, INCOMING);
  await makeFolder(incoming);
  await access(incoming, constants.W_OK);
  /** null: no file could be called that. */
  const pathOf = (key: string): string | null => (isKey(key) ? join(folder, key) : null);
  const opened = async (key: string): Promise<FileHandle | null> => {
    const path = pathOf(key);
    return path === null ? null : unlessMissing(open(path, 'r'));
  };
  return {
    signing,
    uploadUrl: async ({ base, key, contentType, sizeMax, seconds }) =>
      signUrl(signing, base, { method: 'PUT', key, contentType, sizeMax }, seconds),
    downloadUrl: async ({ base, key, contentType, seconds }) =>
      signUrl(signing, base, { method: 'GET', key, contentType }, seconds),
    async stat(key) {
      const path = pathOf(key);
      const facts = path === null ? null : await unlessMissing(stat(path));
      return facts ? { size: facts.size, contentType: null } : null;
    },
    async read(key) {
      const file = await opened(key);
      return file && createReadStream('', { fd: file, autoClose: true });
    },
    async handle(key) {
      const file = await opened(key);
      if (!file) return null;
      const { size, ino, mtimeMs } = await file.stat();
      return {
        file,
        size,
        tag: `"${ino.toString(36)}-${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`,
      };
    },
    async write(key, body, sizeMax) {
      const path = pathOf(key);
      if (path === null) throw new RangeError('Not a key of this store.');
      const draft = join(incoming, randomUUID());
      try {
        const size = await writeDraft(draft, body, sizeMax);
        if (size === null) return { outcome: 'too-large' };
        await publish(draft, path);
        return { outcome: 'stored', size };
      } finally {
        await rm(draft, { force: true });
      }
    },
    async put(key, bytes) {
      const path = pathOf(key);
      if (path === null) throw new RangeError('Not a key of this store.');
      const draft = join(incoming, randomUUID());
      try {
        await writeDraft(draft, Readable.from([bytes]), bytes.length);
        await publish(draft, path);
      } finally {
        await rm(draft, { force: true });
      }
    },
    async remove(key) {
      const path = pathOf(key);
      if (path !== null) await rm(path, { force: true });
    },
    tidy: () => removeOld(incoming, signing.now() - 2 * LIMITS.uploadMsMax),
  };
}

/** The size once it is on the disk; null: it is larger than it may be. The rest of such a body is the caller's. */
async function writeDraft(draft: string, body: Readable, sizeMax: number): Promise<number | null> {
  const file = await open(draft, 'wx', 0o600);
  try {
    let size = 0;
    // To destroy a request would cut the connection on which it is answered.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > sizeMax) return null;
      await file.writeFile(chunk);
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

/** The name is on the disk too when this is done. */
async function publish(draft: string, path: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  await rename(draft, path);
  await syncFolder(folder);
  // That it holds the folder, which may be new.
  await syncFolder(dirname(folder));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    // Some systems can't; there the rename is as safe as it gets.
    await folder.sync().catch(() => {});
  } finally {
    await folder.close();
  }
}

async function removeOld(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await unlessMissing(stat(path));
    if (facts && facts.mtimeMs < before) await rm(path, { force: true });
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
