/**
 * One of several servers leads, and another one takes over within seconds when it is frozen or killed. A frozen one that
 * wakes up does not take itself for the leader; and what leaders do for all of the database is never done by two at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import { type Leadership, startLeadership } from '@ackord/server';
import { expect, test } from 'vitest';
import { openPostgres } from '../support/stores.ts';
import { until } from './support/conditions.ts';
import { atEnd } from './support/process.ts';
import { startServers } from './support/several-servers.ts';
import { isFull, size, TEST_MS_MAX, tell } from './support/size.ts';

/** A lease that has just been renewed, the next look after its end, and a busy machine. */
const TAKEN_OVER_WITHIN_MS = LIMITS.leaseMs + LIMITS.leaseLookMs + 3_000;

test.runIf(isFull)(
  'another server leads within seconds, and the one that wakes up follows it',
  async () => {
    const servers = await startServers(2);
    const leader = async (): Promise<number> => {
      const leading = await Promise.all([servers.leads(0), servers.leads(1)]);
      expect(leading).not.toEqual([1, 1]);
      return leading.indexOf(1);
    };
    await until('one leads', async () => (await leader()) >= 0);
    const frozen = await leader();
    const other = 1 - frozen;
    const takenOver = async (by: number): Promise<number> => {
      const started = performance.now();
      await until('the other one leads', async () => (await leader()) === by, TAKEN_OVER_WITHIN_MS);
      return Math.round(performance.now() - started);
    };

    servers.processes[frozen]!.freeze();
    atEnd(async () => servers.processes[frozen]!.thaw());
    const frozenMs = await takenOver(other);
    servers.processes[frozen]!.thaw();
    await until('it is awake', async () => (await servers.leads(frozen)) !== null);
    for (let look = 0; look < 100; look++) expect(await leader()).toBe(other);

    await servers.processes[other]!.end('SIGKILL');
    const killedMs = await takenOver(frozen);
    tell('leaders', { frozenMs, killedMs });
  },
  TEST_MS_MAX,
);

test(
  'what is confirmed step by step is never done by two at once, however they come and go',
  async () => {
    const opened = await openPostgres();
    const running = new Set<Leadership>();
    let [inside, steps, turns, last] = [0, 0, 0, -1];
    const work = async (who: number): Promise<void> => {
      const leadership = startLeadership({ store: opened.store, holder: `server ${who}` });
      running.add(leadership);
      // Some stay for long, some for a few steps.
      for (let step = 0; step < size(20, 200); step++) {
        if (await leadership.confirm()) {
          expect(++inside).toBe(1);
          if (last !== who) turns++;
          last = who;
          steps++;
          await sleep(Math.random() * 5);
          inside--;
          if (Math.random() < 0.1) break;
        } else await sleep(Math.random() * 20);
      }
      running.delete(leadership);
      await leadership.stop();
    };
    try {
      await Promise.all(Array.from({ length: size(12, 100) }, (_, who) => work(who)));
      tell('leaders in turn', { steps, turns });
      expect(turns).toBeGreaterThan(2);
      expect(running.size).toBe(0);
    } finally {
      await opened.close();
    }
  },
  TEST_MS_MAX,
);
