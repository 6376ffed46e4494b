/** A real server in a process of its own, with a database of its own, and a signed-in user talking to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = 'packages/ackord/src/main.ts';

export interface BenchServer {
  readonly url: string;
  /** A new user: what it asks and what it gets, over HTTP. */
  user(): Promise<Ask>;
  /** Resident memory of the server process, megabytes. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Gives the data of an answer; throws on errors. */
export type Ask = <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;

export async function startServer(environment: Record<string, string> = {}): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ackord-bench-'));
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, ['--max-semi-space-size=64', '--import', 'tsx', COMMAND, 'start'], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: 'development',
      PORT: '0',
      ACKORD_DATA_DIR: join(folder, 'data'),
      REQUESTS_PER_MINUTE_MAX: '10000000',
      LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await addressOf(child);
  let users = 0;
  return {
    url,
    user: () => signIn(url, `bench-${process.pid}-${users++}-${Date.now()}@example.org`),
    memory: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^\S*process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1] ?? 0) / 1024 / 1024;
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The server says in its log where it listens; what it says afterwards is read and dropped. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${text}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      if (text.length > 100_000) return;
      text += String(chunk);
      const url = /"url":"(http[^"]+)"/.exec(text)?.[1];
      if (url) resolve(url);
    });
  });
}

async function signIn(url: string, email: string): Promise<Ask> {
  const ask = askAs(url, null);
  const input = { email, password: 'measured twice' };
  await ask('mutation($input: UserInput!) { register(input: $input) { id } }', { input });
  const { login } = await ask<{ login: { token: string } }>(
    'mutation($input: UserInput!) { login(input: $input) { token } }',
    { input },
  );
  return askAs(url, login.token);
}

function askAs(url: string, token: string | null): Ask {
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
