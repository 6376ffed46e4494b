/**
 * Finds out who works on a database folder before we do, and ends what a dead server has left behind.
 *
 * PostgreSQL's own lock file names a process; the command line of that process says whether it really is the
 * PostgreSQL of this folder, and which server started it. The lock file is never deleted here: PostgreSQL alone
 * can tell whether the shared memory of its predecessor is still in use.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-errors.ts';
import {
  commandLineOf,
  identityOf,
  isRunning,
  type ProcessIdentity,
  pidOf,
  sendSignal,
} from './embedded-process.ts';
import { EMBEDDED_WAITS } from './embedded-settings.ts';

/** A setting of our own on PostgreSQL's command line: the identity of the server that started it. */
export const SERVER_SETTING = 'ackord.server';

export type Occupant =
  /** `stalePid`: the lock file names a number that now belongs to another program, or to nobody. */
  | { readonly kind: 'nobody'; readonly stalePid: number | undefined }
  /** A running server (or a PostgreSQL started by hand, then both numbers are the same). */
  | { readonly kind: 'server'; readonly serverPid: number; readonly postgresPid: number }
  | { readonly kind: 'orphan'; readonly postgres: ProcessIdentity };

export async function findOccupant(cluster: string): Promise<Occupant> {
  const pid = await lockedBy(cluster);
  const postgres = pid === undefined ? undefined : await identityOf(pid);
  if (pid === undefined || postgres === undefined) return { kind: 'nobody', stalePid: pid };
  const commandLine = await postgresCommandLine(pid, cluster);
  if (commandLine === undefined) return { kind: 'nobody', stalePid: pid };
  const server = new RegExp(`${SERVER_SETTING}=(\\d+-\\w+)`).exec(commandLine)?.[1];
  if (server === undefined) return { kind: 'server', serverPid: pid, postgresPid: pid };
  if (await isRunning(server)) return { kind: 'server', serverPid: pidOf(server), postgresPid: pid };
  return { kind: 'orphan', postgres };
}

async function lockedBy(cluster: string): Promise<number | undefined> {
  const [pid] = await readLockFile(cluster);
  return pid !== undefined && /^-?\d+$/.test(pid) ? Math.abs(Number(pid)) : undefined;
}

/** The lines of postmaster.pid: the first is the process, the eighth its state. Empty = no lock file. */
export async function readLockFile(cluster: string): Promise<readonly string[]> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.trim());
}

/** The command line of the process, if it is the PostgreSQL of this folder. */
async function postgresCommandLine(pid: number, cluster: string): Promise<string | undefined> {
  const line =
    process.platform === 'win32'
      ? // Can't be asked there: PostgreSQL's own note of how it was started stands in, its quotes taken off.
        (await readFile(join(cluster, 'postmaster.opts'), 'utf8').catch(() => '')).replaceAll('"', '')
      : await commandLineOf(pid);
  if (line === undefined) return undefined;
  const separator = line.includes('\0') ? '\0' : ' ';
  const folderGiven = line.includes(`${separator}-D${separator}${cluster}${separator}`);
  const isPostgres = /^postgres(\.exe)?$/.test(basename(line.split(separator, 1)[0] ?? ''));
  return folderGiven && (isPostgres || separator === ' ') ? line : undefined;
}

export function inUse(
  cluster: string,
  occupant: { serverPid: number; postgresPid: number },
): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'DATA_FOLDER_IN_USE',
    `The data folder is in use by process ${occupant.serverPid}: its PostgreSQL (process ${occupant.postgresPid}) works on ` +
      `${cluster}. Usual cause: the server is already running. Stop that one, or give this one another ACKORD_DATA_DIR.`,
  );
}

const MEANS = [
  ['SIGINT', EMBEDDED_WAITS.fastStopMsMax],
  ['SIGQUIT', EMBEDDED_WAITS.immediateStopMsMax],
  ['SIGKILL', EMBEDDED_WAITS.killMsMax],
] as const;

/** Ends a PostgreSQL whose server is gone, gently first. Returns when it has ended. */
export async function endOrphan(postgres: ProcessIdentity, log: (line: string) => void): Promise<void> {
  log(`stopping PostgreSQL ${pidOf(postgres)}, whose server is gone`);
  for (const [signal, waitMsMax] of MEANS) {
    // Asked anew each time: its number may have gone to another program meanwhile.
    if (!(await isRunning(postgres))) return;
    sendSignal(pidOf(postgres), signal);
    if (await hasEnded(postgres, waitMsMax)) return;
  }
  throw new EmbeddedPostgresError(
    'START_FAILED',
    `PostgreSQL ${pidOf(postgres)}, left behind by a server that is gone, can't be stopped. Usual cause: it hangs in ` +
      'the file system. Look at the disk, or restart the machine.',
  );
}

async function hasEnded(identity: ProcessIdentity, waitMsMax: number): Promise<boolean> {
  const end = Date.now() + waitMsMax;
  while (Date.now() < end) {
    if (!(await isRunning(identity))) return true;
    await sleep(EMBEDDED_WAITS.lookMs);
  }
  return false;
}
