import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const BUNDLER = import.meta.resolve('@ackord/run-typescript/import-bundled');
const MAIN = `
import { other } from './other.ts';
const word: string = (await import('./later.ts')).word;
console.log(JSON.stringify({ word, own: import.meta.url, ...other() }));`;
const OTHER = `
export const other = (): { at: string; url: string } => ({
  at: new Error('here').stack ?? '', url: import.meta.url,
});`;

async function program() {
  const folder = await mkdtemp(join(tmpdir(), `ackord's bundled `));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'main.ts'), MAIN);
  await writeFile(join(folder, 'other.ts'), OTHER);
  await writeFile(join(folder, 'later.ts'), `export const word: string = 'later';`);
  return folder;
}

async function run(folder: string, cache: string, cwd = tmpdir()): Promise<Record<string, string>> {
  const entry = pathToFileURL(join(folder, 'main.ts')).href;
  const script = `const { importBundled } = await import(${JSON.stringify(BUNDLER)});
    await importBundled(${JSON.stringify(entry)}, ${JSON.stringify(cache)});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
  });
  return JSON.parse(stdout) as Record<string, string>;
}

const expected = (folder: string) => ({
  word: 'later',
  own: pathToFileURL(join(folder, 'main.ts')).href,
  url: pathToFileURL(join(folder, 'other.ts')).href,
  at: expect.stringContaining(join(folder, 'other.ts:3:')),
});

test('modules say where their sources lie, many starts at once make one bundle, and a change makes another', async () => {
  const folder = await program();
  const cache = join(folder, 'cache');
  const answers = await Promise.all(
    [tmpdir(), folder, tmpdir(), folder].map((cwd) => run(folder, cache, cwd)),
  );
  for (const answer of answers) expect(answer).toEqual(expected(folder));
  // Newer versions of Node load them as they are.
  if ((process.features as { readonly typescript?: unknown }).typescript) return;
  const [first = '', ...more] = await readdir(cache);
  expect(more).toEqual([]);

  // Torn by a crash, or not from here.
  await writeFile(join(cache, first, 'main.mjs'), `console.log('{}');`);
  expect(await run(folder, cache)).toEqual(expected(folder));

  const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await utimes(join(cache, first), longAgo, longAgo);
  await writeFile(join(folder, 'later.ts'), `export const word: string = 'much later';`);
  expect(await run(folder, cache)).toMatchObject({ word: 'much later' });
  const left = await readdir(cache);
  expect(left).toHaveLength(1);
  expect(left).not.toContain(first);
});

test('where nothing can be written the modules are loaded one by one', async () => {
  const folder = await program();
  expect(await run(folder, join(folder, 'main.ts', 'cache'))).toEqual(expected(folder));
});
