/**
 * The data folder of the original server: finds the file of all users and the file of each tenant, wherever below
 * the folder they lie. Reads one file at a time, and none that is still being written.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LIMITS } from '@ackord/core';
import { type Unreadable, unreadable } from '../sqlite/tenant-file.ts';

export interface DataFolder {
  readonly path: string;
  /** Paths within the folder, those that lie higher first. */
  readonly files: readonly string[];
}

const DEPTH_MAX = 4;
const FILES_MAX = 10_000;
const ENDING = /\.(db|sqlite|sqlite3)$/i;

/** null: there is no such folder, or it can't be read. */
export async function openFolder(path: string): Promise<DataFolder | null> {
  try {
    const files: string[] = [];
    let level = [path];
    for (let depth = 0; depth < DEPTH_MAX && files.length < FILES_MAX; depth += 1) {
      const below: string[] = [];
      for (const folder of level) {
        const entries = await readdir(folder, { withFileTypes: true });
        entries.sort((a, b) => (a.name < b.name ? -1 : 1));
        for (const entry of entries) {
          if (entry.isDirectory()) below.push(join(folder, entry.name));
          else if (entry.isFile() && ENDING.test(entry.name))
            files.push(relative(path, join(folder, entry.name)));
        }
      }
      level = below;
    }
    return { path, files: files.slice(0, FILES_MAX) };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

const stemOf = (file: string): string => file.replace(/^.*[\\/]/, '').replace(ENDING, '');

/** Those that may be the file of all users, the likeliest first: it is called so, or at least not like a tenant. */
export function usersFilesOf({ files }: DataFolder): readonly string[] {
  const named = files.filter((file) => stemOf(file).toLowerCase() === 'users');
  return named.length > 0 ? named : files.filter((file) => !UUID_AT_END.test(stemOf(file)));
}

const UUID_AT_END = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A tenant's file is named by its id, alone or after a word and an underscore. Of several, the one that lies highest. */
export function fileOfTenant({ files }: DataFolder, tenantId: string): string | null {
  return files.find((file) => stemOf(file) === tenantId || afterWord(stemOf(file)) === tenantId) ?? null;
}

/** Ids may have underscores too: only the first one ends the word, or one tenant would get the file of another. */
const afterWord = (stem: string): string | null => /^[^_]+_(.+)$/.exec(stem)?.[1] ?? null;

export async function readWhole({ path }: DataFolder, file: string): Promise<Uint8Array | Unreadable> {
  const whole = join(path, file);
  try {
    if ((await stat(whole)).size > LIMITS.sqliteFileBytesMax) return unreadable('too-large');
    for (const log of ['-wal', '-journal'])
      if (((await stat(whole + log).catch(() => null))?.size ?? 0) > 0) return unreadable('being-written');
    return await readFile(whole);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return unreadable('no-access');
    throw error;
  }
}
