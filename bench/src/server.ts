/** A real server in a process of its own, with a database of its own, and a signed-in user talking to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peakMb, residentMb } from './processes.ts';

/** Of the checkout: modules are resolved from here. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = 'packages/ackord/bin/ackord.js';

export interface BenchServer {
  readonly url: string;
  /** A new user: what it asks and what it gets, over HTTP. */
  user(): Promise<Ask>;
  /** A new user, with its token. */
  account(): Promise<Account>;
  /** Resident memory of the server process, megabytes. */
  memory(): Promise<number>;
  /** The most that was resident since the start. */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

export interface Account {
  readonly token: string;
  readonly ask: Ask;
}

/** Gives the data of an answer; throws on errors. */
export type Ask = <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;

/** `folder`: where its data go; left out: into a folder of its own, which goes with it. */
export async function startServer(
  environment: Record<string, string> = {},
  folder?: string,
): Promise<BenchServer> {
  const own = folder ?? (await makeFolder());
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=16', '--initial-old-space-size=96', COMMAND, 'start'],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: '0',
        ACKORD_DATA_DIR: join(own, 'data'),
        REQUESTS_PER_MINUTE_MAX: '10000000',
        CHANGES_PER_MINUTE_MAX: '1000000000',
        LOG_LEVEL: 'info',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const url = await addressOf(child);
  const pid = child.pid ?? 0;
  let users = 0;
  const account = (): Promise<Account> =>
    signIn(url, `bench-${process.pid}-${users++}-${Date.now()}@example.org`);
  return {
    url,
    account,
    user: async () => (await account()).ask,
    memory: () => residentMb(pid),
    peakMemory: () => peakMb(pid),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await ended;
      await rm(own, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL runs as somebody else where this runs as root, so others may look in. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ackord-bench-'));
  await chmod(folder, 0o755);
  return folder;
}

/** The server says in its log where it listens; what it says afterwards is read and dropped. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${text}`)));
    const look = (chunk: Buffer): void => {
      text += String(chunk);
      const url = /"url":"(http[^"]+)"/.exec(text)?.[1];
      if (url === undefined) return;
      child.stdout?.off('data', look).resume();
      resolve(url);
    };
    child.stdout?.on('data', look);
  });
}

async function signIn(url: string, email: string): Promise<Account> {
  const ask = askAs(url, null);
  const input = { email, password: 'measured twice' };
  await ask('mutation($input: UserInput!) { register(input: $input) { id } }', { input });
  const { login } = await ask<{ login: { token: string } }>(
    'mutation($input: UserInput!) { login(input: $input) { token } }',
    { input },
  );
  return { token: login.token, ask: askAs(url, login.token) };
}

export function askAs(url: string, token: string | null): Ask {
  return async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: T; errors?: unknown };
    if (answer.errors) throw new Error(JSON.stringify(answer.errors).slice(0, 500));
    return answer.data;
  };
}
