/**
 * Server processes that may be killed, frozen and started again: the command itself, or a program of these tests.
 * Promise: at the end of the test file none of them is left.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { until } from './conditions.ts';

const LOADER = import.meta.resolve('@ackord/run-typescript');
const COMMAND = fileURLToPath(new URL('../../../packages/ackord/bin/ackord.js', import.meta.url));
const SLOW_SERVER = fileURLToPath(new URL('slow-server.ts', import.meta.url));

/** What `npm start` asks of Node. */
const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly scripts: { readonly start: string };
};
const STARTED_WITH = scripts.start.split(' ').filter((word) => /^--.*-size=/.test(word));

/** So that what is garbage can be told from what is kept. */
const COLLECTING = `data:text/javascript,process.on('SIGUSR2', () => {
  globalThis.gc();
  process.send('collected');
})`;

export const JWT_SECRET = 'a secret of the torture tests, long enough for all of them';

/** Of these tests alone, so that a token of one server is good at the other. */
const SETTINGS = {
  PORT: '0',
  LOG_LEVEL: 'warn',
  JWT_SECRET,
  REQUESTS_PER_MINUTE_MAX: '100000000',
  CHANGES_PER_MINUTE_MAX: '100000000',
  TENANT_CHANGES_PER_MINUTE_MAX: '100000000',
  REGISTRATIONS_PER_MINUTE_MAX: '1000000',
};

export type Environment = Readonly<Record<string, string>>;

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Lines of its log from level warn on. */
  readonly log: readonly string[];
  /** Sends the signal and waits for the end. Does nothing when it has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Freezes it, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Makes it collect its garbage, and waits for that. */
  collect(): Promise<void>;
}

const cleanups: (() => Promise<unknown>)[] = [];
/** Runs after the last test of the file, the last one first. */
export const atEnd = (cleanup: () => Promise<unknown>): void => {
  cleanups.push(cleanup);
};
afterAll(async () => {
  const failures: unknown[] = [];
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
});

/** A folder for data; removed at the end, when no process works on it any more. */
export async function dataFolder(): Promise<string> {
  const folder = await makeTempFolder('ackord-torture');
  atEnd(async () => {
    await noneLeft(folder.path);
    await folder.remove();
  });
  return folder.path;
}

/** Faults of ours; that the database was away may be said. */
export const defectsIn = (log: readonly string[]): string[] =>
  log.filter((line) => /"level":"(error|fatal)"|defect/.test(line));

/** Waits until no process has the folder in its command line: the server, its PostgreSQL, its watchdog. */
export async function noneLeft(folder: string): Promise<void> {
  await until(`no process on ${folder}`, async () => {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'stat=,args=']);
    return !stdout.split('\n').some((line) => line.includes(folder) && !line.startsWith('Z'));
  });
}

/** `ackord start`, as people run it. */
export const startCommand = (environment: Environment): Promise<ServerProcess> =>
  // Its log says where it listens, and that line is of level info.
  launch([COMMAND, 'start'], { ...environment, LOG_LEVEL: 'info' });

/** A server that keeps its transactions open for a while; see slow-server.ts. */
export const startSlowServer = (environment: Environment): Promise<ServerProcess> =>
  launch(['--import', LOADER, SLOW_SERVER], environment);

async function launch(args: readonly string[], environment: Environment): Promise<ServerProcess> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const env = { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...SETTINGS, ...environment };
  const child = spawn(process.execPath, [...STARTED_WITH, '--expose-gc', '--import', COLLECTING, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  const log: string[] = [];
  const words: string[] = [];
  let url = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      const facts = parsed(line);
      if (facts.message === 'listening') url = String(facts.url);
      if (facts.level === undefined) words.push(line);
      else if (facts.level !== 'info') log.push(line);
    });
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  atEnd(() => end('SIGKILL'));
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await until('the server listens', () => url !== '' || isGone(), 60_000);
  if (url === '') throw new Error(`The server ended at once:\n${[...words, ...log].join('\n')}`);
  return {
    child,
    url,
    log,
    end,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async collect() {
      // What the first one finds unused is given back with the second one.
      for (let rounds = 0; rounds < 2; rounds++) {
        const collected = once(child, 'message');
        child.kill('SIGUSR2');
        await collected;
      }
    },
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
