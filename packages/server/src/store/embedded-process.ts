/**
 * Tells running processes apart, also after the system has given the number of one to another.
 * An identity is '<pid>-<start time>'; it never names two processes within one boot of the machine.
 */
import { readFile } from 'node:fs/promises';
import { runProgram } from './embedded-run.ts';

export type ProcessIdentity = string;

/** undefined = no such process, or one that has ended and was not yet collected by its parent. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isAlive(pid)) return undefined;
  switch (process.platform) {
    case 'linux': {
      const stat = await readProcFile(pid, 'stat');
      // Hidden by the system (another user's, behind hidepid): it runs, more can't be known.
      if (stat === undefined) return isAlive(pid) ? hidden(pid) : undefined;
      // The program's name may hold spaces and brackets; the fields after it don't.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid}-${fields[19]}`;
    }
    case 'win32':
      return `${pid}-unknown`;
    default: {
      const { succeeded, output } = await runPs(pid, 'lstart=');
      return succeeded ? `${pid}-${Date.parse(output)}` : undefined;
    }
  }
}

const hidden = (pid: number): ProcessIdentity => `${pid}-hidden`;

export const pidOf = (identity: ProcessIdentity): number => Number.parseInt(identity, 10);

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(pidOf(identity));
  // When in doubt, it runs: taking a living server for a dead one would stop its database.
  return now === identity || now === hidden(pidOf(identity));
}

/** The command line, its arguments separated by NUL (Linux) or spaces; undefined where it can't be read. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  switch (process.platform) {
    case 'linux':
      return readProcFile(pid, 'cmdline');
    case 'win32':
      return undefined;
    default: {
      const { succeeded, output } = await runPs(pid, 'command=');
      return succeeded ? output : undefined;
    }
  }
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Whoever sent it waits for the end of the process anyway, and says so if it doesn't come.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function readProcFile(pid: number, name: string): Promise<string | undefined> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => undefined);
}

function runPs(pid: number, column: string): Promise<{ succeeded: boolean; output: string }> {
  return runProgram('ps', ['-ww', '-o', column, '-p', String(pid)], { account: undefined });
}
