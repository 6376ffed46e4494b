/** Reads every GPX file of a folder, one after another, in the order of their names. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeXml } from './decode-text.ts';
import type { GpxResult } from './gpx-file.ts';
import { GPX_LIMITS } from './limits.ts';
import { parseGpx } from './parse-gpx.ts';

/** The names of the folder's GPX files. null: there is no such folder, or it cannot be read. */
export async function listGpxFolder(folder: string): Promise<readonly string[] | null> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && entry.name.toLowerCase().endsWith('.gpx'))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return null;
  }
}

export async function readGpxFile(folder: string, name: string): Promise<GpxResult> {
  const path = join(folder, name);
  try {
    const facts = await stat(path);
    if (!facts.isFile()) return { ok: false, reason: 'is no file' };
    if (facts.size > GPX_LIMITS.fileBytesMax) {
      return { ok: false, reason: `is larger than ${GPX_LIMITS.fileBytesMax / 1024 / 1024} MB` };
    }
    return await parseGpx(decodeXml(createReadStream(path)));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === undefined) throw cause;
    return { ok: false, reason: `cannot be read (${code})` };
  }
}
