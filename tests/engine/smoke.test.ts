import { randomUUID } from 'node:crypto';
import { createMemoryStore } from '@ackord/server';
import { expect, test } from 'vitest';
import { change, deviceOf, registry, travelEngine } from '../support/engine.ts';

test('a trip with everything in it arrives in one submission, and another device reads it', async () => {
  const engine = travelEngine(createMemoryStore({ registry }));
  const phone = deviceOf(engine);
  const [trip, memory, media, tag] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const receipts = await phone.send(
    change.media(media, memory),
    change.memory(memory, trip, { tagIds: [tag] }),
    change.tag(tag, 'Sea'),
    change.trip(trip),
  );
  expect(receipts.map((receipt) => receipt.status)).toEqual(['applied', 'applied', 'applied', 'applied']);
  const page = await engine.pull({
    actor: { userId: phone.userId },
    domain: 'travel',
    device: null,
    cursor: null,
    since: 0,
    types: null,
    priority: null,
    limit: 100,
  });
  if (!page.ok) throw new Error(page.message);
  expect(page.page.records.map((record) => record.type).sort()).toEqual([
    'travel.MediaItem',
    'travel.Memory',
    'travel.Tag',
    'travel.Trip',
  ]);
  expect(page.page.roles.get(`trip:${trip}`)).toBe('OWNER');
  const update = await phone.one(change.update('Memory', memory, 1, { title: 'Le phare' }));
  expect(update).toMatchObject({ status: 'applied', version: 2 });
  const again = await engine.pull({
    actor: { userId: phone.userId },
    domain: 'travel',
    device: null,
    cursor: page.page.cursor,
    since: 0,
    types: null,
    priority: null,
    limit: 100,
  });
  if (!again.ok) throw new Error(again.message);
  expect(again.page.records.map((record) => [record.id, record.version])).toEqual([[memory, 2]]);
  await engine.stop();
});
