/**
 * Real Redis for tests: standalone, or a cluster of six nodes; frozen, killed and started again by their process ids.
 * Promise: at the end of the test file none of them is left.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { until } from '../torture/support/conditions.ts';
import { freePort } from './free-port.ts';
import { findRedisServer } from './redis-server.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface RedisProcess {
  readonly url: string;
  readonly port: number;
  freeze(): void;
  thaw(): void;
  /** Ends it at once, without a word to its clients. Does nothing when it has ended. */
  kill(): Promise<void>;
  /** On the same port, with nothing in it. */
  restart(): Promise<void>;
  /** One command, by redis-cli; the answer as text. */
  ask(...words: readonly string[]): Promise<string>;
}

export interface RedisCluster {
  readonly urls: readonly string[];
  /** Three masters and three replicas, in no order. */
  readonly nodes: readonly RedisProcess[];
  masters(): Promise<readonly RedisProcess[]>;
}

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

const program = (): string => {
  const found = findRedisServer();
  if (found === null) throw new Error('redis-server is not installed: apt-get install redis-server');
  return found;
};
const run = promisify(execFile);

export interface RedisOptions {
  readonly password?: string;
  /** More of the configuration, as on the command line. */
  readonly settings?: readonly string[];
}

export async function startRedis({ password, settings = [] }: RedisOptions = {}): Promise<RedisProcess> {
  const folder = await makeTempFolder('ackord-redis');
  const port = await freePort();
  const secret = password === undefined ? [] : ['--requirepass', password];
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''];
  const ask = async (...question: readonly string[]): Promise<string> => {
    const login = password === undefined ? [] : ['--no-auth-warning', '-a', password];
    const cli = join(dirname(program()), 'redis-cli');
    return (await run(cli, ['-p', String(port), ...login, ...question])).stdout.trim();
  };
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const mine = spawn(program(), [...words, ...secret, ...settings], { stdio: 'ignore' });
    child = mine;
    await until('Redis answers', async () => {
      if (mine.exitCode !== null) throw new Error(`redis-server ended with ${mine.exitCode}`);
      return (await ask('PING').catch(() => '')) === 'PONG';
    });
  };
  const kill = async (): Promise<void> => {
    const mine = child;
    if (!mine || mine.exitCode !== null || mine.signalCode !== null) return;
    mine.kill('SIGKILL');
    await once(mine, 'exit');
  };
  cleanups.push(async () => {
    await kill();
    await folder.remove();
  });
  await start();
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    restart: start,
    ask,
  };
}

/** A node that does not answer for a second is replaced by its replica. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 6 }, startClusterNode));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const cli = join(dirname(program()), 'redis-cli');
  await run(cli, ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
  await until('all nodes know that the cluster is whole', async () => {
    const infos = await Promise.all(nodes.map((node) => node.ask('CLUSTER', 'INFO')));
    const maps = await Promise.all(nodes.map((node) => node.ask('CLUSTER', 'NODES')));
    const isWhole = (map: string): boolean =>
      map.split('\n').filter((line) => / slave | slave$|,slave | slave/.test(line)).length === 3;
    return infos.every((info) => info.includes('cluster_state:ok')) && maps.every(isWhole);
  });
  const masters = async (): Promise<readonly RedisProcess[]> => {
    const found: RedisProcess[] = [];
    for (const node of nodes) {
      const role = await node.ask('ROLE').catch(() => '');
      if (role.startsWith('master')) found.push(node);
    }
    return found;
  };
  return { urls: nodes.map(({ url }) => url), nodes, masters };
}

async function startClusterNode(): Promise<RedisProcess> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  return startRedis({
    settings: [...settings, '--cluster-port', String(await freePort()), '--repl-diskless-sync-delay', '0'],
  });
}
