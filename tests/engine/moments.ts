/** Reading by moments: `lastSyncedAt`, whatever the server gave it out for. */
import type { Page, RawChange } from '@ackord/server';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, type Device, describeOn, type MakeStore, newId } from './world.ts';

/** The page after a moment. */
export async function readSince(device: Device, since: number, limit = 1_000): Promise<Page> {
  const result = await device.person.engine.pull({
    actor: device.person,
    domain: 'travel',
    device: device.name,
    cursor: null,
    since,
    types: null,
    priority: null,
    limit,
  });
  if (!result.ok) throw new Error(result.message);
  return result.page;
}

/** Sends as `bulkSync` does, and gives the moment of the answer. */
export async function pushAt(device: Device, ...changes: RawChange[]): Promise<number> {
  const { serverTime } = await device.person.engine.submit({
    domain: 'travel',
    actor: { userId: device.person.userId },
    device: device.name,
    batchId: newId(),
    origin: 'client',
    bookmark: true,
    changes,
  });
  return serverTime;
}

export function registerMomentTests(name: string, makeStore: MakeStore): void {
  describeOn(`moments on ${name}`, makeStore, (world) => {
    test('that of a push stands for the last page before it, also after a later page got lost', async () => {
      const ann = world().person();
      await readSince(ann.phone, 0);
      const since = await pushAt(ann.phone, change.tag(newId(), 'Sea', {}, at(0)));
      const missed = await ann.newTrip();
      const lost = await readSince(ann.phone, since);
      expect(lost.records.map(({ id }) => id)).toContain(missed);
      expect((await readSince(ann.phone, since)).records.map(({ id }) => id)).toContain(missed);
    });

    test('that of a push skips nothing that came between its page and it', async () => {
      const ann = world().person();
      await readSince(ann.phone, 0);
      const made = newId();
      await ann.tablet.ack(change.trip(made, {}, at(0)));
      const since = await pushAt(ann.phone, change.tag(newId(), 'Sea', {}, at(0)));
      expect((await readSince(ann.phone, since)).records.map(({ id }) => id)).toContain(made);
    });

    test('a device that never read begins at the beginning, whatever it has pushed', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const since = await pushAt(ann.tablet, change.tag(newId(), 'Sea', {}, at(0)));
      const page = await readSince(ann.tablet, since);
      expect(page.records.map(({ id }) => id)).toContain(trip);
      expect(page.fullResync).toBe(false);
    });

    test('pages by moments are cut anywhere, and go on where they ended', async () => {
      const ann = world().person();
      const trips = [await ann.newTrip(), await ann.newTrip(), await ann.newTrip()];
      const seen: string[] = [];
      for (
        let page = await readSince(ann.phone, 0, 1);
        ;
        page = await readSince(ann.phone, page.serverTime, 1)
      ) {
        seen.push(...page.records.map(({ id }) => id));
        if (!page.hasMore) break;
      }
      expect(seen.sort()).toEqual(trips.sort());
    });
  });
}
