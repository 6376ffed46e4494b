import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secretWeakness } from '../config/weak-secret.ts';
import { developmentSecret } from './development-secret.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ackord-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('is made once, strong, for its owner alone, and stays the same', async () => {
  const inner = join(folder, 'not', 'there', 'yet');
  const secret = await developmentSecret(inner);
  expect(secretWeakness(secret)).toBeNull();
  expect(await developmentSecret(inner)).toBe(secret);
  expect((await stat(join(inner, 'jwt-secret'))).mode & 0o777).toBe(0o600);
});

test('many starts at once agree, and leave nothing else behind', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => developmentSecret(folder)));
  expect(new Set(secrets).size).toBe(1);
  expect(await readdir(folder)).toEqual(['jwt-secret']);
});

test('rights that became too wide are narrowed again', async () => {
  await developmentSecret(folder);
  await chmod(join(folder, 'jwt-secret'), 0o644);
  await developmentSecret(folder);
  expect((await stat(join(folder, 'jwt-secret'))).mode & 0o777).toBe(0o600);
});

test('a damaged file stops the start and is named', async () => {
  await writeFile(join(folder, 'jwt-secret'), 'short\n');
  await expect(developmentSecret(folder)).rejects.toThrow(/jwt-secret is too short/);
});
