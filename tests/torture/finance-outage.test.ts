/**
 * PostgreSQL stops while apps send entries: they are told that it is a passing fault, the server keeps their entries
 * and tries them again, and when the database is back the queue drains to nothing and each entry has had its effect once,
 * though no app has sent anything twice.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '@ackord/server';
import { expect, test } from 'vitest';
import { entryOf, type Loose, openApp } from '../finance/ground.ts';
import { until } from './support/conditions.ts';
import { withClient } from './support/database-checks.ts';
import { atEnd, dataFolder, defectsIn, startCommand } from './support/process.ts';
import { size, TEST_MS_MAX, tell } from './support/size.ts';

const AWAY_MS = size(2_500, 20_000);
const TENANTS = 4;
/** Of all tenants together. */
const ENTRIES_PER_SECOND = 40;

test(
  'PostgreSQL is stopped under load',
  async () => {
    const folder = await dataFolder();
    let postgres = await startEmbeddedPostgres({ dataFolder: folder });
    atEnd(() => postgres.stop());
    const server = await startCommand({
      DATABASE_URL: postgres.ownerConnectionString,
      ACKORD_DATA_DIR: folder,
      FINANCE_OPEN_ACCESS: 'on',
    });
    const tenants = Array.from({ length: TENANTS }, () => randomUUID());
    const apps = tenants.map((tenant) => openApp(`${server.url.replace('http', 'ws')}/ws/${tenant}`, {}));
    atEnd(async () => void (await Promise.all(apps.map((app) => app.close()))));
    await Promise.all(apps.map((app) => app.next(({ type }) => type === 'status')));

    const sent = new Map<string, string>();
    let isSending = true;
    const sending = (async () => {
      for (let at = 0; isSending; at++) {
        const tenant = tenants[at % TENANTS] ?? '';
        const entry = entryOf(tenant, 'Recipient', 'create', { id: randomUUID(), name: `Baker ${at}` });
        sent.set(entry.id, entry.entityId);
        apps[at % TENANTS]?.send({ type: 'process_sync_entry', payload: entry });
        await sleep(1_000 / ENTRIES_PER_SECOND);
      }
    })();
    const answers = (type: string): Set<string> =>
      new Set(
        apps.flatMap(({ received }) => received.filter((one) => one.type === type).map(({ id }) => id)),
      );
    const queueLength = async (): Promise<number> => {
      const lengths = await Promise.all(
        tenants.map(async (tenant) => {
          const answer = await fetch(`${server.url}/api/v1/sync/status/${tenant}`);
          return ((await answer.json()) as Loose).queue_length;
        }),
      );
      return lengths.reduce((sum, length) => sum + length, 0);
    };

    await until('entries are acknowledged', () => answers('sync_ack').size > 20);
    await postgres.stop();
    const stoppedAt = Date.now();
    await until('the queue rises', async () => (await queueLength()) > 10);
    let longest = 0;
    while (Date.now() - stoppedAt < AWAY_MS) {
      const length = await queueLength();
      longest = Math.max(longest, length);
      await sleep(100);
    }
    postgres = await startEmbeddedPostgres({ dataFolder: folder });
    const backAt = Date.now();
    const before = sent.size;
    await until('entries are acknowledged again', () => sent.size > before + 20);
    isSending = false;
    await sending;
    await until('the queue is empty', async () => (await queueLength()) === 0, 120_000);
    await until('all are acknowledged', () => answers('sync_ack').size === sent.size);

    const progress = apps.flatMap(({ received }) =>
      received.filter(({ type }) => type === 'sync_status_update'),
    );
    expect(progress.at(-1)).toMatchObject({
      tenant_id: expect.any(String),
      successful_count: expect.any(Number),
      timestamp: expect.any(Number),
    });
    const nacks = apps.flatMap(({ received }) => received.filter(({ type }) => type === 'sync_nack'));
    expect(nacks.length).toBeGreaterThan(10);
    for (const nack of nacks)
      expect(nack).toMatchObject({ is_permanent: false, retry_after: expect.any(Number) });
    const rows = await withClient(postgres.ownerConnectionString, async (client) => {
      const { rows: found } = await client.query(
        `SELECT split_part(id, '/', 2) AS id, version FROM ackord.record WHERE type = 'finance.Recipient'`,
      );
      return found as { id: string; version: number }[];
    });
    expect(rows.map(({ id }) => id).sort()).toEqual([...sent.values()].sort());
    expect(rows.filter(({ version }) => version !== 1)).toEqual([]);
    expect(defectsIn(server.log)).toEqual([]);
    tell('PostgreSQL away', {
      awayMs: AWAY_MS,
      entries: sent.size,
      nacks: nacks.length,
      longestQueue: longest,
      drainedMs: Date.now() - backAt,
    });
    await server.end('SIGTERM');
  },
  TEST_MS_MAX,
);
