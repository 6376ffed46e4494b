/** What the tests of the embedded database share: host processes that may be killed, and looks at what runs. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../../../tests/support/temp-folder.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded.ts';

export const asRoot = process.getuid?.() === 0;

/** A user with a name but no rights, for the tests that root runs as somebody else. */
export const NOBODY = { uid: 65534, gid: 65534 };

const cleanups: (() => Promise<unknown>)[] = [];
/** Runs after the test, the last one first, all of them whatever becomes of the others. */
export const atEnd = (cleanup: () => Promise<unknown>): void => {
  cleanups.push(cleanup);
};
afterEach(async () => {
  const failures: unknown[] = [];
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
});

/** Databases that had to be kept outside of the test's folder; they go with it. */
const elsewhere = new Set<string>();
function noteElsewhere(cluster: string): void {
  if (cluster.startsWith('/var/lib/ackord/')) elsewhere.add(cluster);
}

/** An empty one. The first thing of a test, so that it is cleaned up last: then no process may be left on it. */
export async function tempFolder(): Promise<string> {
  const folder = await makeTempFolder('ackord-embedded');
  const path = await realpath(folder.path);
  atEnd(async () => {
    for (const cluster of elsewhere) {
      await noneLeft(cluster);
      await rm(dirname(cluster), { recursive: true, force: true });
      elsewhere.delete(cluster);
    }
    await noneLeft(path).finally(() => killAll(path).then(folder.remove));
  });
  return path;
}

let shared: TempFolder | undefined;
afterAll(() => shared?.remove());

/** One that the tests of a file use in turn: for what is the same on a database that has lived before. */
export async function usedFolder(): Promise<string> {
  shared ??= await makeTempFolder('ackord-embedded');
  const path = await realpath(shared.path);
  atEnd(() => noneLeft(path).finally(() => killAll(path)));
  return path;
}

/** Starts one in this process, and stops it at the end of the test. */
export async function startHere(dataFolder: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataFolder });
  atEnd(postgres.stop);
  noteElsewhere(postgres.dataFolder);
  return postgres;
}

export async function ask<Row extends object>(url: string, question: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  // A session that is cut says so at its query, too.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(question)).rows;
  } finally {
    await client.end();
  }
}

export interface Up {
  readonly connectionString: string;
  readonly ownerConnectionString: string;
  readonly pid: number;
  readonly startMs: number;
  readonly dataFolder: string;
}

export interface Host {
  readonly process: ChildProcess;
  /** The first line: it is up, or it was refused. */
  readonly outcome: Promise<{ up?: Up; refused?: string; why?: string }>;
  /** Rows that were acknowledged to it. */
  readonly acknowledged: number[];
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface HostOptions {
  readonly mode?: 'serve' | 'insert' | 'forget';
  readonly account?: { uid: number; gid: number };
  /** In a process namespace of its own, where the numbers of processes begin at 1: as in a container. */
  readonly contained?: boolean;
  /** Another copy of host.ts. */
  readonly file?: string;
}

const HOST_FILE = fileURLToPath(new URL('host.ts', import.meta.url));
const LOADER = import.meta.resolve('@ackord/run-typescript');

export function startHost(dataFolder: string, options: HostOptions = {}): Host {
  const args = ['--import', LOADER, options.file ?? HOST_FILE, dataFolder, options.mode ?? 'serve'];
  const child = spawn(...contain(process.execPath, args, options.contained ?? false), {
    ...options.account,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  const outcome = once(lines, 'line').then(([line]) => {
    lines.on('line', (id) => {
      // One whose database is killed first may still say so.
      if (/^\d+$/.test(id)) acknowledged.push(Number(id));
    });
    const answer: { up?: Up; refused?: string; why?: string } = JSON.parse(line);
    if (answer.up !== undefined) noteElsewhere(answer.up.dataFolder);
    return answer;
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  atEnd(() => kill('SIGKILL'));
  return { process: child, outcome, acknowledged, kill };
}

const UNSHARE = ['--pid', '--fork', '--kill-child', '--mount-proc'];

function contain(file: string, args: string[], contained: boolean): [string, string[]] {
  return contained ? ['unshare', [...UNSHARE, file, ...args]] : [file, args];
}

/** Whether this system lets us make process namespaces. */
export const canContain = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;

export async function upOf(host: Host): Promise<Up> {
  const { up, why } = await host.outcome;
  if (up === undefined) throw new Error(`the host did not come up: ${why}`);
  return up;
}

/** Waits for a condition, never for a time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  waitMsMax = 20_000,
): Promise<void> {
  const end = Date.now() + waitMsMax;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not come to this within ${waitMsMax} ms: ${what}`);
    await sleep(10);
  }
}

export interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The running processes whose command line names the path: PostgreSQL and its watchdog. */
export async function processesOn(path: string): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,ppid=,stat=,args=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((found) => found !== null)
    .filter(([, , , state = '', command = '']) => !state.startsWith('Z') && command.includes(path))
    .map(([, pid, parent, , command = '']) => ({ pid: Number(pid), parent: Number(parent), command }))
    .filter(({ command }) => !command.includes('host.ts'));
}

/** So that a test that failed leaves nothing either. */
async function killAll(path: string): Promise<void> {
  for (const { pid } of await processesOn(path)) process.kill(pid, 'SIGKILL');
}

export async function noneLeft(path: string): Promise<void> {
  await until(`no process on ${path}`, async () => (await processesOn(path)).length === 0);
}
