/**
 * A note in the data folder while a server runs: where it listens and how its own PostgreSQL is reached, so that the
 * command can work beside it (only one program at a time can start that PostgreSQL). For the folder's owner alone.
 */
import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DatabaseUrls } from './open-database.ts';

export interface RunningNote {
  readonly pid: number;
  readonly url: string;
  readonly database: DatabaseUrls;
}

const NOTE = z.object({
  pid: z.number().int().positive(),
  url: z.string(),
  database: z.object({ ownerUrl: z.string(), appUrl: z.string().optional() }),
});

const pathOf = (dataFolder: string): string => join(dataFolder, 'running.json');

export async function writeRunningNote(dataFolder: string, note: RunningNote): Promise<void> {
  const draft = `${pathOf(dataFolder)}.${note.pid}`;
  await writeFile(draft, JSON.stringify(note), { mode: 0o600 });
  await rename(draft, pathOf(dataFolder));
}

export async function removeRunningNote(dataFolder: string): Promise<void> {
  await unlink(pathOf(dataFolder)).catch(() => undefined);
}

/** null: no server runs on this folder, as far as can be seen; a note of one that is gone does not count. */
export async function readRunningNote(dataFolder: string): Promise<RunningNote | null> {
  const text = await readFile(pathOf(dataFolder), 'utf8').catch(() => '');
  const { data } = NOTE.safeParse(parsed(text));
  if (!data || !isRunning(data.pid)) return null;
  const { ownerUrl, appUrl } = data.database;
  return { pid: data.pid, url: data.url, database: { ownerUrl, ...(appUrl !== undefined && { appUrl }) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
