/** Runs the command as people do, in a process of its own. */
import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach } from 'vitest';
import { makeTempFolder } from '../../../tests/support/temp-folder.ts';

const BIN = fileURLToPath(new URL('../bin/ackord.js', import.meta.url));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An empty folder to run in; removed at the end of the test, when nothing runs on it any more. */
export async function workFolder(): Promise<string> {
  const folder = await makeTempFolder('ackord-command');
  cleanups.push(async () => {
    await noneLeft(folder.path);
    await folder.remove();
  });
  return folder.path;
}

export type Environment = Readonly<Record<string, string>>;

export interface Finished {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Process {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What it has written so far. */
  readonly output: { out: string; err: string };
}

/** Only what is given here is set: no setting of whoever runs the tests gets in. */
export function launch(folder: string, args: readonly string[], environment: Environment = {}): Process {
  return follow(spawn(process.execPath, [BIN, ...args], { cwd: folder, env: cleanOf(environment) }));
}

/** As npm runs a script: below a shell that passes no signals on. */
export function launchAsNpmDoes(folder: string, environment: Environment): Process {
  const script = `"${process.execPath}" "${BIN}" start; true`;
  const env = cleanOf({ npm_lifecycle_event: 'start', ...environment });
  return follow(spawn('sh', ['-c', script], { cwd: folder, env }));
}

const cleanOf = (environment: Environment): Environment => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...environment };
};

function follow(child: ChildProcessByStdio<null | Writable, Readable, Readable>): Process {
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output.err += String(chunk);
  });
  const finished = once(child, 'close').then(() => ({ exitCode: child.exitCode, ...output }));
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await finished;
  });
  return { child, finished, output };
}

export const run = (folder: string, args: readonly string[], environment?: Environment): Promise<Finished> =>
  launch(folder, args, environment).finished;

export interface Started extends Process {
  readonly url: string;
  /** Parsed, line by line: all of standard output is JSON. */
  lines(): Record<string, unknown>[];
}

/** A server on a free port, with its data in the folder. */
export async function startServer(folder: string, environment: Environment = {}): Promise<Started> {
  return listening(launch(folder, ['start'], { PORT: '0', ...environment }));
}

/** Waits until the server of a process listens. */
export async function listening(process: Process): Promise<Started> {
  const lines = () =>
    process.output.out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const said = () => lines().find(({ message }) => message === 'listening');
  const ended = process.finished.then(({ err }) => {
    throw new Error(`it ended: ${err}`);
  });
  ended.catch(() => {});
  await Promise.race([until('it listens', () => said() !== undefined), ended]);
  return { ...process, lines, url: String(said()?.url) };
}

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not come to this: ${what}`);
    await sleep(20);
  }
}

/** Waits until no process has the folder in its command line: the server, its PostgreSQL, its watchdog. */
export async function noneLeft(folder: string): Promise<void> {
  await until(`no process on ${folder}`, async () => {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'stat=,args=']);
    return !stdout.split('\n').some((line) => line.includes(folder) && !line.startsWith('Z'));
  });
}
