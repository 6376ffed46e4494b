/** What every bus does, whatever carries it. Told to one end, heard at the other. */
import type { Announcement, Bus, CommitNews } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../torture/support/conditions.ts';

export interface OpenedBus {
  /** Of two servers; a bus in memory is both. */
  readonly ends: readonly [Bus, Bus];
  close(): Promise<void>;
}

export const newsOf = (scope: string, head: number, text = 'Lighthouse'): CommitNews => ({
  from: head - 1,
  records: [
    {
      scope,
      type: 'travel.Memory',
      id: 'm1',
      version: head,
      seq: head,
      createdAt: 1,
      updatedAt: 2,
      createdBy: 'anna',
      updatedBy: 'ben',
      priority: 1,
      clock: { '*': { version: head, time: 2, device: null, change: 'c' } },
      fields: { title: text, note: 'a\ttab,\na line  and “quotes”' },
      tombstone: null,
      deletedAt: null,
      formerScopes: [],
    },
  ],
  lines: [
    {
      scope,
      seq: head,
      type: 'travel.Memory',
      id: 'm1',
      version: head,
      operation: 'UPDATE',
      actor: 'ben',
      device: null,
      changeId: 'c',
      outcome: 'applied',
      before: { title: null },
      at: 2,
    },
  ],
  closed: false,
});

export const announcement = (scope: string, head: number, text?: string): Announcement => ({
  scope,
  head,
  users: head % 2 === 0 ? ['anna'] : [],
  news: () => newsOf(scope, head, text),
});

export function busSuite(name: string, open: () => Promise<OpenedBus>): void {
  describe(name, () => {
    let opened: OpenedBus;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test('who listens where it is told hears it at once, in order, and once', () => {
      const [mine] = opened.ends;
      const heard: Announcement[] = [];
      const stop = mine.subscribe((one) => heard.push(one));
      const told = [1, 2, 3].map((head) => announcement('trip:a', head));
      for (const one of told) mine.publish(one);
      expect(heard).toEqual(told);
      stop();
      mine.publish(announcement('trip:a', 4));
      expect(heard).toHaveLength(3);
    });

    test('the other end hears all of it, with who lost or won access and what was written', async () => {
      const [mine, other] = opened.ends;
      const heard: Announcement[] = [];
      const stop = other.subscribe((one) => heard.push(one));
      const scopes = Array.from({ length: 200 }, (_, at) => `trip:{${at}} ü\n`);
      for (const head of [1, 2]) for (const scope of scopes) mine.publish(announcement(scope, head));
      await until('all is heard', () => heard.length >= 2 * scopes.length);
      for (const scope of scopes) {
        const about = heard.filter((one) => one.scope === scope);
        expect(about.map(({ head, users }) => [head, users])).toEqual([
          [1, []],
          [2, ['anna']],
        ]);
        expect(about.map((one) => one.news())).toEqual([newsOf(scope, 1), newsOf(scope, 2)]);
      }
      stop();
    });

    test('nobody hears more than was told', async () => {
      const [mine, other] = opened.ends;
      const counts = [0, 0];
      const stops = opened.ends.map((end, at) => end.subscribe(() => void counts[at]!++));
      mine.publish(announcement('trip:b', 1));
      other.publish(announcement('trip:c', 1));
      await until('both have heard both', () => counts.every((count) => count >= 2));
      for (const stop of stops) stop();
      expect(counts).toEqual([2, 2]);
    });
  });
}
