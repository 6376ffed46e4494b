/** `ackord generate`: writes the files that are made from the sources, or says which of them are out of date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from '../generated-files.ts';

const ROOT = new URL('../../../../', import.meta.url);

/** Resolves with the exit code. */
export async function generate({ check }: { readonly check: boolean }): Promise<number> {
  const stale: string[] = [];
  for (const { path, text } of generatedFiles()) {
    const file = fileURLToPath(new URL(path, ROOT));
    if ((await readFile(file, 'utf8').catch(() => null)) === text) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  for (const path of stale) process.stdout.write(`${check ? 'out of date' : 'written'}: ${path}\n`);
  return check && stale.length > 0 ? 1 : 0;
}
