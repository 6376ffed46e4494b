/**
 * Whom PostgreSQL runs as. It refuses to run as root, so a server started as root needs an unprivileged user.
 *
 * A fresh system has none made for it: `nobody` is shared with other services, which could then read the data,
 * and adding a user to the system is not ours to do. So a number without a name is used: initdb insists on a name,
 * but the database itself does not (see embedded-cluster.ts). The number lies in a range that neither Debian nor
 * systemd gives out, and below 65536, so that it exists in rootless containers too.
 */
import { readFile } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-errors.ts';
import { type Account, runProgram } from './embedded-run.ts';

const DEDICATED: Account = { uid: 60826, gid: 60826 };

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The user to run as, undefined = ourselves. `owner` is the owner of data that are already there: it stays the
 * same for the life of the data, also when they were made without root.
 */
export async function chooseAccount(owner: Account | undefined): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  if (owner !== undefined && owner.uid !== 0) return owner;
  const named = await namedAccount();
  for (const account of named === undefined ? [DEDICATED] : [DEDICATED, named]) {
    if (await canRunAs(account)) return account;
  }
  throw new EmbeddedPostgresError(
    'ACCOUNT_UNUSABLE',
    'PostgreSQL refuses to run as root, and this process may not switch to another user (usually a container ' +
      'without the capabilities SETUID and SETGID). Start the server as an unprivileged user, or set DATABASE_URL.',
  );
}

/** The unprivileged user that every system has a name for; good enough to run initdb, not to own data. */
export async function namedAccount(): Promise<Account | undefined> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = users
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return uid > 0 && gid > 0 ? { uid, gid } : undefined;
}

async function canRunAs(account: Account): Promise<boolean> {
  return (await runProgram('/bin/sh', ['-c', 'exit 0'], { account })).succeeded;
}

/** Whether the account can enter the folder. Asked of the system itself, which also knows access lists and mounts. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  return (await runProgram('/bin/sh', ['-c', 'cd -P -- "$1"', 'sh', folder], { account })).succeeded;
}
