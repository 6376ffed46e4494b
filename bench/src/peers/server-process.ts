/**
 * Runs a peer's server in a process of its own. Input: a script below bench/peers/servers, which says `listening on
 * <port>` when it is ready and ends when its standard input does. Promises: after stop() none of its processes is left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const PEERS = fileURLToPath(new URL('../../peers/', import.meta.url));
/** Several peers ask for a newer Node than the product does; all of their servers run on the same one. */
const NODES = ['x64', 'arm64'].map((arch) => `${PEERS}node_modules/node-linux-${arch}/bin/node`);
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 10_000;
const KEPT_OUTPUT = 20_000;

export interface ServerProcess {
  readonly port: number;
  /** Resident, of the process and those that it started, megabytes. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** `settings` go into the environment. Rejects with what the server said last if it does not get ready. */
export async function startServer(
  script: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(nodeForServers(), ['--no-warnings', `${PEERS}servers/${script}`], {
    // What a server writes where it stands goes with the folder.
    cwd: settings.FOLDER ?? PEERS,
    env: { ...process.env, NODE_ENV: 'production', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = () => end(child, ended);
  const port = await portOf(child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { port, memory: () => residentMegabytes(child.pid ?? 0), stop };
}

/** Throws what a missing package throws when the peers are not installed. */
function nodeForServers(): string {
  if (!existsSync(`${PEERS}node_modules`)) {
    const missing = new Error('The peers are not installed: run npm ci --ignore-scripts in bench/peers.');
    throw Object.assign(missing, { code: 'ERR_MODULE_NOT_FOUND' });
  }
  return NODES.find((node) => existsSync(node)) ?? process.execPath;
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const descendants = await descendantsOf(child.pid ?? 0);
  child.kill('SIGTERM');
  child.stdin?.end();
  const last = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(last);
  for (const pid of descendants) endStray(pid);
}

/** A server that was killed could not end what it had started. */
function endStray(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its server, as it should.
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(
      () => reject(new Error(`The server did not get ready:\n${output}`)),
      START_MS_MAX,
    );
    const read = (chunk: Buffer): void => {
      output = (output + String(chunk)).slice(-KEPT_OUTPUT);
      const port = /^listening on (\d+)$/m.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`The server ended with ${code}:\n${output}`));
    });
  });
}

async function residentMegabytes(root: number): Promise<number> {
  let kilobytes = 0;
  for (const pid of [root, ...(await descendantsOf(root))]) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

async function descendantsOf(root: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${root}/task`).catch(() => []);
  const found: number[] = [];
  for (const task of tasks) {
    const children = await readFile(`/proc/${root}/task/${task}/children`, 'utf8').catch(() => '');
    for (const child of children.split(' ').map(Number)) {
      if (child > 0) found.push(child, ...(await descendantsOf(child)));
    }
  }
  return found;
}
