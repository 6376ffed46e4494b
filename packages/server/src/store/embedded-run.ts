/**
 * Runs one short-lived program to its end, as ourselves or as another operating system user.
 * Promises: never throws for a program that fails or can't be started, that is an answer;
 * nothing of our own environment (secrets, PG* variables) is passed on.
 */
import { spawn } from 'node:child_process';
import { systemErrorCode } from './embedded-errors.ts';

/** An unprivileged operating system user, by number. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface RunOptions {
  /** Whom to run as; undefined = ourselves. */
  readonly account: Account | undefined;
  readonly input?: string;
}

export interface RunOutcome {
  readonly succeeded: boolean;
  /** The end of what it printed (both streams), or why it could not be started. */
  readonly output: string;
}

const OUTPUT_CHARACTERS_MAX = 8_000;

/** Texts of PostgreSQL stay English and its clock UTC, whatever the machine is set to. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC', ...extra };
}

/** The working folder is the root folder: ours may be closed to the account. */
export const NEUTRAL_FOLDER = '/';

export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void =>
      resolve({ succeeded: false, output: `${file} could not be run (${systemErrorCode(error) ?? error})` });
    try {
      const child = spawn(file, args, {
        ...options.account,
        cwd: NEUTRAL_FOLDER,
        env: cleanEnvironment(),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let output = '';
      const collect = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      // The program may end without reading its input; its exit code tells enough.
      child.stdin.on('error', () => {});
      child.stdin.end(options.input ?? '');
      child.on('error', fail);
      child.on('close', (code) => resolve({ succeeded: code === 0, output: output.trim() }));
    } catch (error) {
      // A user number that may not be switched to is thrown at once, not sent as an event.
      fail(error);
    }
  });
}
