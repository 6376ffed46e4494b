/**
 * The example in Python, written from docs/protocol.md alone, runs its workloads against a server: what it says of
 * acknowledged changes, equal replicas and who heard. Without python3 it is left out, and that is said; in CI it fails.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SyncGround, startSync } from './ground.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../examples/python', import.meta.url));
const page = fileURLToPath(new URL('../../docs/protocol.md', import.meta.url));
const check = fileURLToPath(new URL('./python_client_check.py', import.meta.url));
const python = (args: readonly string[]) =>
  run('python3', ['-B', ...args], {
    cwd: folder,
    timeout: 50_000,
    env: { ...process.env, PYTHONPATH: folder },
  });

const here = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;
if (!here) {
  const line =
    'python3 (3.10 or later) is not installed: its client of the native protocol is left out; apt-get install python3';
  if (process.env.CI) throw new Error(line);
  console.log(line);
}

describe.skipIf(!here)('the client in Python', () => {
  let ground: SyncGround;
  beforeAll(async () => {
    ground = await startSync();
  });
  afterAll(async () => {
    await ground.close();
    // The stranger's cursor is spoken of, and nothing else.
    expect(ground.log.filter((line) => !line.includes('"CURSOR_FOREIGN"'))).toEqual([]);
  });

  test('pushes in bulk, syncs a fresh replica, and hears live changes', async () => {
    const { token } = await ground.person();
    const sizes = ['--sizes', '1000', '--clients', '20', '--rounds', '3'];
    const { stdout } = await python(['workloads.py', '--url', ground.url, '--token', token, ...sizes]);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { workload: 'W3', clients: 20, heard: 20, equal: 20, differing: 0 },
      { workload: 'W1', pushed: 1000, applied: 1000 },
      { workload: 'W2', records: 1002, scopes: 2, differing: 0 },
    ]);
  });

  test('keeps its promises when the connection breaks, cursors are of no use and numbers are odd', async () => {
    const [person, stranger] = [await ground.person(), await ground.person()];
    const tokens = [person.token, stranger.token];
    const { stdout } = await python([check, ground.url, ...tokens, page]);
    expect(stdout.trim().split('\n').at(-1)).toBe('all as promised');
  });
});
