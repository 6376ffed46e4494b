/**
 * Many tenants with many sockets each, all of them told of every entry of theirs: no byte of another tenant arrives, every
 * entry is answered, soon, and what the server keeps does not grow with time.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Loose } from '../finance/ground.ts';
import { getTestPostgres } from '../support/postgres.ts';
import { until } from './support/conditions.ts';
import { atEnd, dataFolder, defectsIn, type ServerProcess, startCommand } from './support/process.ts';
import { isFull, size, TEST_MS_MAX, tell } from './support/size.ts';

const LOAD = fileURLToPath(new URL('support/socket-load.ts', import.meta.url));
const LOADER = import.meta.resolve('@ackord/run-typescript');

const [TENANTS, SOCKETS, RATE, WARM_UP, SECONDS] = size([6, 5, 200, 1, 3], [100, 100, 2_000, 10, 60]);

test(
  `${TENANTS} tenants with ${SOCKETS} sockets each, ${RATE} entries a second`,
  async () => {
    const database = await (await getTestPostgres()).createDatabase();
    atEnd(database.drop);
    const server = await startCommand({
      DATABASE_URL: database.ownerUrl,
      ACKORD_DATA_DIR: await dataFolder(),
      FINANCE_OPEN_ACCESS: 'on',
    });
    const load = startLoad(new URL(server.url).port);
    // Nothing is sent while memory is looked at: a whole collection stops the server for longer than an answer may take.
    const warmUp = await load.next('the server is warm');
    const early = await keptMegabytes(server);
    load.goOn();
    const figures = await load.next('the load is over');
    const late = await keptMegabytes(server);
    load.goOn();
    tell('sockets under load', { warmUp, ...figures, keptMegabytes: [early, late] });

    for (const { foreign, unanswered, nacks, acked, sent } of [warmUp, figures])
      expect({ foreign, unanswered, nacks, acked }).toEqual({
        foreign: 0,
        unanswered: 0,
        nacks: 0,
        acked: sent,
      });
    expect(figures.updates).toBeGreaterThan(figures.sent);
    expect(figures.perSecond).toBeGreaterThan(RATE * 0.9);
    if (isFull) {
      expect(figures.p99).toBeLessThan(100);
      expect(late).toBeLessThan(early * 1.1);
    }
    expect(defectsIn(server.log)).toEqual([]);
    await server.end('SIGTERM');
  },
  TEST_MS_MAX,
);

interface Load {
  /** What it has told of the next of its times. */
  next(what: string): Promise<Loose>;
  goOn(): void;
}

function startLoad(port: string): Load {
  const args = [port, TENANTS, SOCKETS, RATE, WARM_UP, SECONDS].map(String);
  const child = spawn(process.execPath, ['--import', LOADER, LOAD, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  atEnd(async () => void child.kill('SIGKILL'));
  const told: Loose[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const facts = JSON.parse(line) as Loose;
    if (facts.sent !== undefined) told.push(facts);
  });
  return {
    async next(what) {
      await until(what, () => told.length > 0, TEST_MS_MAX);
      return told.shift() ?? {};
    },
    goOn: () => void child.stdin.write('go on\n'),
  };
}

/** What lives in the server's heap and buffers when its garbage is collected and all that was under way has gone out. */
async function keptMegabytes(server: ServerProcess): Promise<number> {
  let kept = Number.POSITIVE_INFINITY;
  for (let now = await usedMegabytes(server); now < kept; now = await usedMegabytes(server)) kept = now;
  return kept;
}

/** By its own metrics. */
async function usedMegabytes({ url, collect }: ServerProcess): Promise<number> {
  await collect();
  const text = await (await fetch(`${url}/metrics`)).text();
  const metric = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const bytes = metric('nodejs_heap_size_used_bytes') + metric('nodejs_external_memory_bytes');
  return Math.round(bytes / 1_048_576);
}
