/**
 * What is in a new database folder: the roles of the owner and of the application, and the database `ackord`;
 * UTF8, ordered by bytes in every language, on every machine alike.
 */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './embedded-binaries.ts';
import { EmbeddedPostgresError } from './embedded-errors.ts';
import { type Account, runProgram } from './embedded-run.ts';

export const OWNER_ROLE = 'ackord_owner';
export const APP_ROLE = 'ackord_app';
export const DATABASE = 'ackord';

export interface ClusterContents {
  readonly binaries: PostgresBinaries;
  /** Passwords of the two roles, where the database listens on a network port. */
  readonly passwords: { readonly owner: string; readonly app: string } | undefined;
}

/** Fills the folder, as the account (undefined = ourselves), who must own it. Nothing is forced to disk yet. */
export async function initializeCluster(
  { binaries, passwords }: ClusterContents,
  folder: string,
  account: Account | undefined,
): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [
    '--auth-local=trust',
    `--auth-host=${passwords === undefined ? 'reject' : 'scram-sha-256'}`,
  ];
  const args = ['-D', folder, '-U', OWNER_ROLE, ...locale, ...access, '--no-sync', '--no-instructions'];
  const passwordFile = join(dirname(folder), 'password');
  if (passwords !== undefined) {
    await writeFile(passwordFile, passwords.owner, { mode: 0o600 });
    args.push(`--pwfile=${passwordFile}`);
  }
  await runStep(binaries.initdb, args, account);
  const single = ['--single', '-D', folder, '-c', 'fsync=off', '-c', 'exit_on_error=on', 'postgres'];
  await runStep(binaries.postgres, single, account, contents(passwords?.app));
}

/** One statement a line, as the single-user mode reads them. */
function contents(appPassword: string | undefined): string {
  const password = appPassword === undefined ? '' : ` PASSWORD '${appPassword}'`;
  return `CREATE ROLE ${APP_ROLE} LOGIN${password};\nCREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE};\n`;
}

/** Runs a step of the first start, as the account; rejects with its last words when it fails. */
export async function runStep(
  file: string,
  args: readonly string[],
  account: Account | undefined,
  input = '',
): Promise<void> {
  const { succeeded, output } = await runProgram(file, args, { account, input });
  if (succeeded) return;
  const hint = output.includes('could not look up effective user ID')
    ? 'The user number of this process has no name in /etc/passwd, which initdb insists on: give it one, or start as root. '
    : '';
  throw new EmbeddedPostgresError(
    'START_FAILED',
    `The database could not be made: ${basename(file)} failed. ${hint}Usual causes else: no room on the disk, or a ` +
      `file system without ownership. Its last words:\n${output}`,
  );
}
