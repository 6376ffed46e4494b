/**
 * Stops PostgreSQL when the server dies without a word (kill -9, out of memory): nothing would be left to stop it.
 *
 * A shell of one megabyte waits on a pipe that only the server holds. When the server ends, however it ends, the
 * system closes the pipe, and the shell asks PostgreSQL for a fast shutdown, if the lock file still names it.
 * When PostgreSQL ended first, the server says so over the pipe, and the shell goes without a signal.
 * Should the watchdog itself be killed, the next start finds the orphan (embedded-occupant.ts).
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Account, cleanEnvironment, NEUTRAL_FOLDER } from './embedded-run.ts';

const SCRIPT = `
trap '' HUP INT TERM
read -r word && exit 0
read -r named < "$2/postmaster.pid" && [ "$named" = "$1" ] && kill -INT "$1"
`;

export interface Watchdog {
  /** PostgreSQL has ended: there is nothing left to watch. */
  dismiss(): void;
}

export function watchOver(pid: number, cluster: string, account: Account | undefined): Watchdog {
  // Windows has no such shell; there the next start finds the orphan.
  if (process.platform === 'win32') return { dismiss: () => {} };
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(pid), cluster], {
    ...account,
    cwd: NEUTRAL_FOLDER,
    env: cleanEnvironment(),
    // Its own process group: Ctrl-C in the terminal is for the server alone.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a watchdog the database works all the same.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return { dismiss: () => shell.stdin.end('ended\n') };
}
