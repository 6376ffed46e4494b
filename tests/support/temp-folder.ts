/**
 * A temporary folder for one test, removed at its end.
 * Others may pass through it, unlike through one of mkdtemp: when the tests run as root, PostgreSQL runs as another
 * user and would otherwise have to keep its data outside.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function makeTempFolder(name = 'ackord-test'): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
