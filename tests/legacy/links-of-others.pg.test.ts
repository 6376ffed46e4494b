/** What a link shows of somebody else's tag depends on where the link stands, not on what else is asked for with it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create, type Ground, type Loose, memory, pushed, share, startTravel, trip } from '../gaps/ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

test("a companion's tag is seen in the trip that is shared with it, and nowhere else", async () => {
  const [bob, dave] = [await ground.person(), await ground.person()];
  const [common, own] = [trip(), trip()];
  const [secret, open] = [randomUUID(), randomUUID()];
  await pushed(bob, {
    trips: [common, own],
    // Ids of nothing yet, as whoever tries ids would write them.
    memories: [
      memory(common.id, { title: 'common', tagIds: [open] }),
      memory(own.id, { title: 'own', tagIds: [secret] }),
    ],
  });
  await share(bob, common.id, dave, 'WRITE');
  const tags = [
    { ...create({ name: 'Of dave alone' }), id: secret },
    { ...create({ name: 'Of both' }), id: open },
  ];
  await pushed(dave, { tags });
  const { memories } = await bob.data('{ memories { title tags { name } } }');
  const byTitle = new Map(memories.map(({ title, tags }: Loose) => [title, tags]));
  expect([byTitle.get('common'), byTitle.get('own')]).toEqual([[{ name: 'Of both' }], []]);
});
