/** Lists of ids: ids that the writer can't see stay. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person, tripScope } from './world.ts';

export function registerHiddenIdTests(name: string, makeStore: MakeStore): void {
  describeOn(`hidden ids on ${name}`, makeStore, (world) => {
    /** Ann's trip with Bea's tag in a memory; Bea has left, so nobody in the trip sees that tag any more. */
    async function leftBehind() {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      const [own, theirs] = [await ann.newTag(), await bea.newTag()];
      const memory = await ann.newMemory(trip, { tagIds: [own] });
      await bea.phone.ack(change.update('Memory', memory, 1, { tagIds: [theirs, own] }, at(1)));
      return { ann, bea, trip, own, theirs, memory };
    }

    const tagsOf = async (ann: Person, memory: string) => (await ann.sees('Memory', memory))?.fields.tagIds;

    test('an id in the scope of somebody who is no member stays, wherever it stood', async () => {
      const { ann, bea, trip, own, theirs, memory } = await leftBehind();
      await ann.share(trip, bea, null);
      const added = await ann.newTag();
      const receipt = await ann.phone.ack(
        change.update('Memory', memory, 2, { tagIds: [own, added] }, at(2)),
      );
      expect(receipt).toMatchObject({ status: 'applied', stands: true });
      expect(await tagsOf(ann, memory)).toEqual([theirs, own, added]);
      await ann.phone.ack(change.update('Memory', memory, 3, { tagIds: [] }, at(3)));
      expect(await tagsOf(ann, memory)).toEqual([theirs]);
    });

    test('a list that lacks nothing but hidden ids is no edit', async () => {
      const { ann, bea, trip, own, memory } = await leftBehind();
      await ann.share(trip, bea, null);
      const head = await world().head(tripScope(trip));
      expect(await ann.phone.ack(change.update('Memory', memory, 2, { tagIds: [own] }, at(2)))).toMatchObject(
        {
          status: 'applied',
          version: 2,
          stands: true,
        },
      );
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('an id of a member’s can be taken out by any editor', async () => {
      const { ann, own, memory } = await leftBehind();
      await ann.phone.ack(change.update('Memory', memory, 2, { tagIds: [own] }, at(2)));
      expect(await tagsOf(ann, memory)).toEqual([own]);
    });

    test('and by its owner, wherever the others are', async () => {
      const { ann, bea, trip, own, theirs, memory } = await leftBehind();
      await ann.share(trip, bea, null);
      await ann.share(trip, bea, 'EDITOR');
      await bea.phone.ack(change.update('Memory', memory, 2, { tagIds: [own] }, at(2)));
      expect(await tagsOf(ann, memory)).toEqual([own]);
      expect(theirs).not.toBe(own);
    });

    test('an id of nothing stays', async () => {
      const ann = world().person();
      const [tag, dangling] = [await ann.newTag(), newId()];
      const memory = await ann.newMemory(await ann.newTrip(), { tagIds: [tag, dangling] });
      await ann.phone.ack(change.update('Memory', memory, 1, { tagIds: [] }, at(2)));
      expect(await tagsOf(ann, memory)).toEqual([dangling]);
    });

    test('with a base that is behind, and from a client without versions', async () => {
      const { ann, bea, trip, own, theirs, memory } = await leftBehind();
      await ann.share(trip, bea, null);
      const added = await ann.newTag();
      await ann.tablet.ack(change.update('Memory', memory, 2, { tagIds: [own, added] }, at(2)));
      await ann.phone.ack(change.update('Memory', memory, 2, { tagIds: [] }, at(3)));
      expect(await tagsOf(ann, memory)).toEqual([theirs, added]);
      await ann.nameless.ack(change.update('Memory', memory, null, { tagIds: [] }), { origin: 'legacy' });
      expect(await tagsOf(ann, memory)).toEqual([theirs]);
    });

    test('a person’s decision takes out no more than they see', async () => {
      const { ann, bea, trip, own, theirs, memory } = await leftBehind();
      const person = ann.on(world().engineFor('MANUAL_RESOLUTION'));
      await ann.share(trip, bea, null);
      await person.tablet.ack(change.update('Memory', memory, 2, { title: 'Theirs' }, at(2)));
      const { conflict } = await person.phone.ack(
        change.update('Memory', memory, 2, { title: 'Mine' }, at(3)),
      );
      expect(
        await person.resolve(conflict?.id ?? '', 'MANUAL_RESOLUTION', { title: 'Ours', tagIds: [] }),
      ).toMatchObject({ ok: true });
      expect(await tagsOf(ann, memory)).toEqual([theirs]);
      expect(own).not.toBe(theirs);
    });
  });
}
