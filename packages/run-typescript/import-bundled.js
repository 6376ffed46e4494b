// For programs that run for long: imports the TypeScript module `entry`, a URL, and all of ours that it needs, as one piece
// of JavaScript. Loading them one by one keeps a thread of Node for as long as the process lives, and its heap: 50 MB for
// the server. Newer versions of Node need no help, and where nothing can be written the modules are loaded after all.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';

const NOT_WRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR'];
const UNUSED_MS_MAX = 24 * 60 * 60 * 1000;

/** Beside the packages that the modules import, so that they are found from there. */
const FOLDER = join(
  dirname(dirname(createRequire(import.meta.url).resolve('esbuild/package.json'))),
  '.cache',
  'ackord',
);

/** `folder`: where the bundles lie; the packages that the modules import are to be found from there. */
export async function importBundled(entry, folder = FOLDER) {
  if (process.features.typescript) return import(entry);
  let file;
  try {
    file = await keep(await bundle(fileURLToPath(entry), folder), folder);
  } catch (cause) {
    if (!NOT_WRITABLE.includes(cause.code)) throw cause;
    await import('./register.js');
    return import(entry);
  }
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(file));
}

/** Resolves with the files, the entry first. The same sources make the same bytes, wherever this is called from. */
async function bundle(entry, folder) {
  // As deep as where it will lie: source maps tell relative paths.
  const outdir = join(folder, 'not-yet-named');
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    outdir,
    outExtension: { '.js': '.mjs' },
    sourcemap: 'linked',
    sourcesContent: false,
    write: false,
    plugins: [ownModules],
  });
  await esbuild.stop();
  const first = join(outdir, basename(entry).replace(/\.ts$/, '.mjs'));
  return outputFiles
    .toSorted((a, b) => Number(b.path === first) - Number(a.path === first))
    .map(({ path, text }) => ({ path, contents: Buffer.from(path.endsWith('.map') ? byLine(text) : text) }));
}

/** Lines alone: Node takes a whole map apart at the first stack, and keeps five times as much with the columns. */
function byLine(text) {
  const map = JSON.parse(text);
  const mappings = encode(decode(map.mappings).map(lineOnly));
  return JSON.stringify({ ...map, names: [], mappings });
}

/** What stands before the first word of a line still belongs to the line before. */
function lineOnly(segments) {
  const [, source, line, column] = segments[1] ?? segments[0] ?? [];
  return source === undefined ? [] : [[0, source, line, column]];
}

/** Packages of others stay where they are; a module of ours still says where its source lies. */
const ownModules = {
  name: 'own-modules',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@ackord/') ? undefined : { path, external: true },
    );
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const own = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', () => own) };
    });
  },
};

/** Writes them into a folder that is named by what is in them; others may do the same at this moment. */
async function keep(files, parent) {
  const hash = createHash('sha256');
  for (const { contents } of files) hash.update(contents);
  const folder = join(parent, hash.digest('hex').slice(0, 32));
  const [first] = files.map(({ path }) => join(folder, basename(path)));
  if (!(await holds(folder, files))) await put(files, folder);
  // A sign of use; whose folder it is not may be somebody without the right to give one.
  await utimes(folder, new Date(), new Date()).catch(() => {});
  await removeUnused(parent).catch(() => {});
  return first;
}

/** What is run is what was just made of the sources, whatever a crash or somebody else has left there. */
async function holds(folder, files) {
  for (const { path, contents } of files) {
    const found = await readFile(join(folder, basename(path))).catch(() => null);
    if (found === null || !found.equals(contents)) return false;
  }
  return true;
}

async function put(files, folder) {
  const own = `${folder}.${randomUUID()}`;
  try {
    await mkdir(own, { recursive: true });
    for (const { path, contents } of files) await writeFile(join(own, basename(path)), contents);
    await rename(own, folder).catch(async (cause) => {
      // Somebody else was faster, or what lies there is not whole.
      if (await holds(folder, files)) return;
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(cause.code)) throw cause;
      await rm(folder, { recursive: true, force: true });
      await rename(own, folder);
    });
  } finally {
    await rm(own, { recursive: true, force: true }).catch(() => {});
  }
}

async function removeUnused(parent) {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > UNUSED_MS_MAX)
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
