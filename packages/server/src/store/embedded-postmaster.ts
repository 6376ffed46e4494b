/**
 * Launches PostgreSQL as a child process, waits until it accepts connections, and stops it.
 * Promises: the child has its own process group (Ctrl-C is for the server, which then stops it in order);
 * it never keeps an otherwise finished program alive, and never outlives the server (embedded-watchdog.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresBinaries } from './embedded-binaries.ts';
import type { DataPlace } from './embedded-folder.ts';
import { readLockFile } from './embedded-occupant.ts';
import { cleanEnvironment, NEUTRAL_FOLDER, runProgram } from './embedded-run.ts';
import { EMBEDDED_WAITS } from './embedded-settings.ts';
import { watchOver } from './embedded-watchdog.ts';

export interface LaunchRequest {
  readonly place: DataPlace;
  readonly binaries: PostgresBinaries;
  readonly settings: Readonly<Record<string, string>>;
  /** See `Occupant`: a number in the lock file that PostgreSQL must not take for its predecessor. */
  readonly stalePid: number | undefined;
  readonly log: (line: string) => void;
}

export interface Postmaster {
  readonly pid: number;
  /** Resolves with the way it ended, for the log. */
  readonly ended: Promise<string>;
  /** Cuts all sessions, writes a checkpoint, and returns when the process is gone. */
  stop(): Promise<void>;
}

export type Launch =
  | { readonly kind: 'ready'; readonly postmaster: Postmaster }
  | { readonly kind: 'failed'; readonly lastLines: string };

const LAST_LINES_MAX = 20;

export async function launchPostmaster(request: LaunchRequest): Promise<Launch> {
  const { place, binaries, settings } = request;
  const before = await readLockFile(place.cluster);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', place.cluster, ...args], {
    ...place.account,
    cwd: NEUTRAL_FOLDER,
    env: cleanEnvironment(toIgnore(request.stalePid)),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lastLines = forwardLines(child, request.log);
  const ended = endOf(child);
  if (child.pid === undefined) return { kind: 'failed', lastLines: await ended };
  const watchdog = watchOver(child.pid, place.cluster, place.account);
  ended.then(() => watchdog.dismiss());
  const postmaster: Postmaster = { pid: child.pid, ended, stop: () => stopChild(child, request) };
  if (await isReady(child, place.cluster, before)) {
    holdLoosely(child);
    return { kind: 'ready', postmaster };
  }
  await postmaster.stop();
  // Its last lines may still be on the way; a process that inherited the pipe must not hold us up.
  await Promise.race([once(child, 'close'), sleep(200)]);
  return { kind: 'failed', lastLines: lastLines.join('\n') };
}

/**
 * PostgreSQL takes a lock file with the number of a running process of its user for a predecessor, and refuses to
 * start, unless it is the process that started it or the one before: a number often comes again after a restart of the
 * machine or container. So for a number that we know to be another program's, we call that program its grandparent.
 * PostgreSQL then still checks that the predecessor's shared memory is free before it replaces the file.
 */
function toIgnore(stalePid: number | undefined): Record<string, string> {
  return stalePid === undefined ? {} : { PG_GRANDPARENT_PID: String(stalePid) };
}

/**
 * PostgreSQL notes its state in the lock file. `before` is what stood there before the launch: a stale file may carry
 * the very number of the new process, since after a restart of a container the same numbers come again.
 */
async function isReady(child: ChildProcess, cluster: string, before: readonly string[]): Promise<boolean> {
  const end = Date.now() + EMBEDDED_WAITS.startMsMax;
  while (isUp(child) && Date.now() < end) {
    const lines = await readLockFile(cluster);
    const isFresh = lines.join() !== before.join();
    if (isFresh && lines[0] === String(child.pid) && lines[7] === 'ready') return true;
    await sleep(EMBEDDED_WAITS.lookMs);
  }
  return false;
}

const isUp = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function stopChild(child: ChildProcess, { binaries, place }: LaunchRequest): Promise<void> {
  child.ref();
  const gone = isUp(child) ? once(child, 'exit') : Promise.resolve();
  const goneWithin = (waitMs: number): Promise<boolean> => {
    const timer = new AbortController();
    const late = sleep(waitMs, false, { signal: timer.signal }).catch(() => false);
    return Promise.race([gone.then(() => true), late]).finally(() => timer.abort());
  };
  if (!isUp(child)) return;
  if (process.platform === 'win32') {
    // There are no signals there; pg_ctl knows how to ask. Not tried, for want of a Windows machine.
    await runProgram(binaries.pgCtl, ['stop', '-D', place.cluster, '-m', 'fast'], { account: undefined });
  } else {
    child.kill('SIGINT');
  }
  if (await goneWithin(EMBEDDED_WAITS.fastStopMsMax)) return;
  child.kill('SIGQUIT');
  if (await goneWithin(EMBEDDED_WAITS.immediateStopMsMax)) return;
  child.kill('SIGKILL');
  await goneWithin(EMBEDDED_WAITS.killMsMax);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`it could not be run: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

/** Passes its log on line by line, and answers the list of the last ones, which stays up to date. */
function forwardLines(child: ChildProcess, log: (line: string) => void): readonly string[] {
  const last: string[] = [];
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
    last.push(...lines);
    last.splice(0, last.length - LAST_LINES_MAX);
  });
  return last;
}

function holdLoosely(child: ChildProcess): void {
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
}
