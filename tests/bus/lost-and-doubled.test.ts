/** Announcements that are lost, doubled, late or out of order: followers are told everything once, in order, all the same. */
import { randomUUID } from 'node:crypto';
import {
  type Announcement,
  type Bus,
  createEngine,
  createMemoryBus,
  createMemoryStore,
  type News,
} from '@ackord/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { change, deviceOf, registry } from '../support/engine.ts';
import { until } from '../torture/support/conditions.ts';

/** What becomes of an announcement on its way: how often it comes, and after how many others. */
interface Fate {
  readonly copies: number;
  readonly delay: number;
  readonly withNews: boolean;
}

/**
 * Lets announcements through by their fates, in turns. The end is everything that is still late and, so that nobody has
 * to wait for the look at the heads, the newest head once more.
 */
function unreliable(bus: Bus, fates: readonly Fate[]): { readonly bus: Bus; readonly flush: () => void } {
  const listeners = new Set<(announcement: Announcement) => void>();
  const late: { readonly at: number; readonly announcement: Announcement }[] = [];
  let count = 0;
  let newest: Announcement | null = null;
  const deliver = (until: number): void => {
    for (const one of late.splice(0))
      if (one.at > until) late.push(one);
      else for (const listener of listeners) listener(one.announcement);
  };
  bus.subscribe((announcement) => {
    newest = { ...announcement, news: () => null };
    const { copies, delay, withNews } = fates[count++ % fates.length] ?? {
      copies: 1,
      delay: 0,
      withNews: true,
    };
    const told = withNews ? announcement : { ...announcement, news: () => null };
    for (let copy = 0; copy < copies; copy++)
      late.push({ at: count + delay * (copy + 1), announcement: told });
    deliver(count);
  });
  return {
    bus: {
      publish: () => {},
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    flush: () => {
      if (newest) late.push({ at: 0, announcement: newest });
      deliver(Number.POSITIVE_INFINITY);
    },
  };
}

const fate = fc.record({ copies: fc.nat(3), delay: fc.nat(4), withNews: fc.boolean() });

test('lost, doubled, late and out of order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 15 }),
      async (fates, writes) => {
        const store = createMemoryStore({ registry });
        const bus = createMemoryBus();
        const channel = unreliable(bus, fates);
        const writer = createEngine({ registry, store, bus });
        const other = createEngine({ registry, store, bus: channel.bus });
        const device = deviceOf(writer);
        const trip = randomUUID();
        await device.one(change.trip(trip));
        const told: News[] = [];
        const following = await other.follow(`trip:${trip}`, 'travel', (news) => void told.push(news));
        for (let count = 0; count < writes; count++) await device.one(change.memory(randomUUID(), trip));
        channel.flush();
        await until('all is told', () => told.at(-1)?.to === following.from + writes);
        let position = following.from;
        for (const { from, to, moved } of told) {
          expect(from).toBe(position);
          expect(moved.map(({ record }) => record.seq)).toEqual(
            Array.from({ length: to - from }, (_, at) => from + at + 1),
          );
          position = to;
        }
        following.stop();
        await Promise.all([writer.stop(), other.stop()]);
      },
    ),
    { numRuns: 50 },
  );
});
