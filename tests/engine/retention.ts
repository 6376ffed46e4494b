/** Retention: what is left of history, and what it means for those who come back late. Runs on every store. */
import { randomUUID } from 'node:crypto';
import { createEngine, type Store } from '@ackord/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, deviceOf, registry } from '../support/engine.ts';

export function registerRetentionTests(
  name: string,
  makeStore: () => Promise<{ store: Store; close(): Promise<void> }>,
): void {
  describe(`retention on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof makeStore>>;
    beforeAll(async () => {
      opened = await makeStore();
    });
    afterAll(() => opened.close());

    test('a cursor from before the horizon begins a full sync, and a late edit revives nothing', async () => {
      const { store } = opened;
      const engine = createEngine({ registry, store, tombstoneRetentionDays: 0 });
      const phone = deviceOf(engine);
      const pull = async (cursor: string | null) => {
        const result = await engine.pull({
          actor: phone,
          domain: 'travel',
          device: null,
          cursor,
          since: 0,
          types: null,
          priority: null,
          limit: 100,
        });
        if (!result.ok) throw new Error(result.message);
        return result.page;
      };
      const [trip, memory] = [randomUUID(), randomUUID()];
      await phone.send(change.trip(trip), change.memory(memory, trip, { title: 'Gone' }));
      const early = await pull(null);
      await phone.one(change.remove('Memory', memory, 1));
      await expect.poll(() => Date.now() > early.serverTime + 2).toBe(true);
      while (await store.trim(Date.now() + 60_000, 1_000));

      const late = await phone.one(
        change.update('Memory', memory, 1, { title: 'Back' }, Date.now() + 60_000),
      );
      expect(late).toMatchObject({
        status: 'conflict',
        stands: false,
        conflict: { conflictType: 'DELETION_CONFLICT', winner: 'server', client: { title: 'Back' } },
      });
      const page = await pull(early.cursor);
      expect(page.fullResync).toBe(true);
      expect(page.records.filter((record) => record.tombstone === null).map((record) => record.type)).toEqual(
        ['travel.Trip'],
      );
      expect(page.records.find((record) => record.id === memory)).toMatchObject({
        tombstone: { kind: 'deleted' },
        version: 2,
        fields: {},
      });
      expect((await pull(page.cursor)).fullResync).toBe(false);
      await engine.stop();
    });

    test('what a device is told of a rejected change goes with the rest of history', async () => {
      const { store } = opened;
      const engine = createEngine({ registry, store });
      const phone = deviceOf(engine);
      const trip = randomUUID();
      await phone.send(change.trip(trip), change.update('Trip', trip, 1, { name: null }));
      const kept = async () => (await engine.failures(phone, phone.device)).length;
      while (await store.trim(Date.now() - 60_000, 1_000));
      expect(await kept()).toBe(1);
      while (await store.trim(Date.now() + 60_000, 1_000));
      expect(await kept()).toBe(0);
      await engine.stop();
    });
  });
}
