/**
 * Many tenants with many sockets each, all of them told of every entry of theirs: no byte of another tenant arrives, every
 * entry is answered, soon, and what the server keeps does not grow with time.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Loose } from '../finance/ground.ts';
import { getTestPostgres } from '../support/postgres.ts';
import { until } from './support/conditions.ts';
import { atEnd, dataFolder, defectsIn, type ServerProcess, startCommand } from './support/process.ts';
import { isFull, size, TEST_MS_MAX, tell } from './support/size.ts';

const LOAD = fileURLToPath(new URL('support/socket-load.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

const [TENANTS, SOCKETS, RATE, SECONDS] = size([6, 5, 200, 3], [100, 100, 2_000, 60]);

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
    await until('all sockets are open', () => load.told.some((facts) => facts.open === TENANTS * SOCKETS));
    await sleep(size(1_000, 10_000));
    const early = await keptMegabytes(server);
    await until('the load is over', () => load.told.some((facts) => facts.sent !== undefined), TEST_MS_MAX);
    const figures = load.told.find((facts) => facts.sent !== undefined);
    const late = await keptMegabytes(server);
    tell('sockets under load', { ...figures, keptMegabytes: [early, late] });

    expect(figures).toMatchObject({ foreign: 0, unanswered: 0, nacks: 0 });
    expect(figures.acked).toBe(figures.sent);
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

function startLoad(port: string): { readonly told: Loose[] } {
  const args = [port, TENANTS, SOCKETS, RATE, SECONDS].map(String);
  const child = spawn(process.execPath, ['--import', TSX, LOAD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(async () => void child.kill('SIGKILL'));
  const told: Loose[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line)));
  return { told };
}

/** What lives in the server's heap and buffers when its garbage is collected, by its own metrics. */
async function keptMegabytes({ url, collect }: ServerProcess): Promise<number> {
  collect();
  const text = await (await fetch(`${url}/metrics`)).text();
  const metric = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const bytes = metric('nodejs_heap_size_used_bytes') + metric('nodejs_external_memory_bytes');
  return Math.round(bytes / 1_048_576);
}
