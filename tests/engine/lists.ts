/** Lists of a type, through the caller's scopes. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person } from './world.ts';

export function registerListTests(name: string, makeStore: MakeStore): void {
  describeOn(`lists on ${name}`, makeStore, (world) => {
    const list = async (
      of: Person,
      type: string,
      more: { owner?: string; after?: string; limit?: number } = {},
    ) => {
      const { owner = null, after = null, limit = 100 } = more;
      const request = { actor: of, type: `travel.${type}`, owner, contains: null, after, limit };
      const result = await of.engine.list(request);
      return result.ok ? result.records.map(({ id }) => id) : result.code;
    };

    test('of a user’s own types only the user’s own, of the others those of all its trips', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const tag = await ann.newTag();
      await bea.newTag();
      const [first, second, foreign] = [await ann.newTrip(), await ann.newTrip(), await bea.newTrip()];
      const memories = [await ann.newMemory(second), await ann.newMemory(first)];
      const media = await ann.newMedia(memories[0] ?? '');
      await bea.newMemory(foreign);
      expect(await list(ann, 'Tag')).toEqual([tag]);
      expect(new Set(await list(ann, 'Trip'))).toEqual(new Set([first, second]));
      expect(new Set(await list(ann, 'Memory'))).toEqual(new Set(memories));
      expect(await list(ann, 'MediaItem')).toEqual([media]);
      expect(await list(ann, 'Memory', { owner: first })).toEqual([memories[1]]);
    });

    test('an owner that is unknown, foreign, deleted or of another type refuses it, all alike', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const gone = await ann.newTrip();
      await ann.phone.ack(change.remove('Trip', gone, 1, at(1)));
      const memory = await ann.newMemory(await ann.newTrip());
      for (const owner of [newId(), await bea.newTrip(), gone, memory])
        expect(await list(ann, 'Memory', { owner })).toBe('FORBIDDEN');
    });

    test('page by page in the order of making; it goes on behind what the caller can see alone', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trips = [await ann.newTrip(), await ann.newTrip(), await ann.newTrip()];
      for (const [type, expected] of [['Trip', trips]] as const) {
        const all = await list(ann, type);
        expect(new Set(all)).toEqual(new Set(expected));
        const seen: string[] = [];
        for (;;) {
          const after = seen.at(-1);
          const page = await list(ann, type, { limit: 1, ...(after !== undefined && { after }) });
          if (typeof page === 'string' || page.length === 0) break;
          seen.push(...page);
        }
        expect(seen).toEqual(all);
      }
      for (const after of [newId(), await bea.newTrip()])
        expect(await list(ann, 'Trip', { after })).toBe('BAD_USER_INPUT');
    });

    test('a trip that was shared is in them, one that was taken back is not', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      await ann.share(trip, bea, 'VIEWER');
      expect([await list(bea, 'Trip'), await list(bea, 'Memory')]).toEqual([[trip], [memory]]);
      await ann.share(trip, bea, null);
      expect([await list(bea, 'Trip'), await list(bea, 'Memory')]).toEqual([[], []]);
    });
  });
}
