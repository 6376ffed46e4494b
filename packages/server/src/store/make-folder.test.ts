import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ackord-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('makeFolder', () => {
  it('makes what is missing above, and takes what is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path)]);
    await makeFolder(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('says so where a file is in the way', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EEXIST', path });
    await expect(makeFolder(join(path, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('says so where the system makes no folders', async () => {
    await expect(makeFolder('/proc/ackord')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/ackord' });
    await expect(makeFolder('/proc/ackord/data')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
