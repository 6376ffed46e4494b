/** CREATE | – | unique key taken in the scope (a tag made on two devices): one record, and an alias for ever. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, type Person } from './world.ts';

export function registerAliasTests(name: string, makeStore: MakeStore): void {
  /** A tag that phone and tablet made both; the tablet's became an alias of the phone's. */
  async function twice(ann: Person): Promise<{ kept: string; alias: string }> {
    const [kept, alias, word] = [newId(), newId(), newId()];
    await ann.phone.ack(change.tag(kept, word, { color: 'red', emoji: 'S' }, at(1)));
    await ann.tablet.ack(change.tag(alias, word.toUpperCase(), {}, at(2)));
    return { kept, alias };
  }

  describeOn(`aliases on ${name}`, makeStore, (world) => {
    test('merged into that record as UPDATE with base 0; its id is answered as canonicalId', async () => {
      const ann = world().person();
      const [kept, alias] = [newId(), newId()];
      await ann.phone.ack(change.tag(kept, 'Sea', { color: 'red' }, at(1)));
      const receipt = await ann.tablet.ack(change.tag(alias, ' sea ', { color: 'blue', emoji: 'S' }, at(2)));
      expect(receipt).toMatchObject({
        status: 'conflict',
        entityId: alias,
        canonicalId: kept,
        version: 2,
        conflict: { entityId: kept, winner: 'client' },
        record: { id: kept, fields: { name: ' sea ', color: 'blue', emoji: 'S' } },
      });
      expect([...(receipt.conflict?.fields ?? [])].sort()).toEqual(['color', 'emoji', 'name']);
    });

    test('the sent id becomes an alias: a tombstone with aliasOf, in the feed', async () => {
      const ann = world().person();
      const { cursor } = await ann.phone.pull();
      const { kept, alias } = await twice(ann);
      const { records } = await ann.phone.pull(cursor);
      expect(records.find(({ id }) => id === alias)).toMatchObject({
        tombstone: { kind: 'alias', of: kept },
      });
      expect(records.find(({ id }) => id === kept)).toMatchObject({ tombstone: null });
      expect(await ann.sees('Tag', alias)).toMatchObject({ id: kept });
    });

    test('two devices at once, and twice in one submission', async () => {
      const ann = world().person();
      const ids = Array.from({ length: 6 }, newId);
      const receipts = await Promise.all(ids.map((id) => ann.phone.ack(change.tag(id, 'Once', {}, at(1)))));
      const more = await ann.tablet.send(
        change.tag(newId(), 'Once', {}, at(1)),
        change.tag(newId(), 'once', {}, at(1)),
      );
      const canonical = new Set(
        [...receipts, ...more].map(
          (receipt) => ('canonicalId' in receipt && receipt.canonicalId) || receipt.entityId,
        ),
      );
      expect(canonical.size).toBe(1);
    });

    test('an UPDATE under it counts as base 0, on the record behind it', async () => {
      const ann = world().person();
      const { kept, alias } = await twice(ann);
      const same = await ann.tablet.ack(change.update('Tag', alias, 1, { color: 'red' }, at(3)));
      expect(same).toMatchObject({
        status: 'applied',
        canonicalId: kept,
        entityId: alias,
        record: { id: kept },
      });
      const other = await ann.tablet.ack(change.update('Tag', alias, 7, { color: 'blue' }, at(4)));
      expect(other).toMatchObject({
        status: 'conflict',
        canonicalId: kept,
        conflict: { entityId: kept, fields: ['color'], winner: 'client' },
      });
      expect(await ann.sees('Tag', kept)).toMatchObject({ fields: { color: 'blue', emoji: 'S' } });
    });

    test('CREATE under it, sent again under another change id, changes the record behind it', async () => {
      const ann = world().person();
      const { kept, alias } = await twice(ann);
      const receipt = await ann.tablet.ack(change.tag(alias, 'Renamed', {}, at(5)));
      expect(receipt).toMatchObject({ canonicalId: kept });
      expect(await ann.sees('Tag', kept)).toMatchObject({ fields: { name: 'Renamed' } });
    });

    test.each([[null], [0], [1], [9]])('a DELETE under it with base %s ends the alias only', async (base) => {
      const ann = world().person();
      const { kept, alias } = await twice(ann);
      expect(await ann.tablet.ack(change.remove('Tag', alias, base, at(5)))).toMatchObject({
        status: 'applied',
      });
      expect(await ann.sees('Tag', kept)).toMatchObject({ id: kept });
      expect(await ann.sees('Tag', alias)).toBeNull();
      expect(await world().record(ann.scope, 'Tag', alias)).toMatchObject({ tombstone: { kind: 'deleted' } });
      const again = await ann.tablet.ack(change.remove('Tag', alias, null, at(6)));
      expect(again).toMatchObject({ status: 'applied', replayed: false });
    });

    test('references to it resolve on write', async () => {
      const ann = world().person();
      const { kept, alias } = await twice(ann);
      const other = await ann.newTag();
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip, { tagIds: [alias, other, kept] });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { tagIds: [kept, other] } });
      await ann.phone.ack(change.update('Tag', other, 1, { relatedTagIds: [alias] }, at(6)));
      expect(await ann.sees('Tag', other)).toMatchObject({ fields: { relatedTagIds: [kept] } });
    });

    test('references to it in lists that were stored before it was one resolve on read', async () => {
      const ann = world().person();
      const [kept, alias] = [newId(), newId()];
      await ann.phone.ack(change.tag(kept, 'Hill', {}, at(1)));
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip, { tagIds: [alias] });
      await ann.tablet.ack(change.tag(alias, 'hill', {}, at(2)));
      const from = await ann.sees('Memory', memory);
      if (!from) throw new Error('The memory is gone');
      const links = await ann.engine.linked(ann, [{ from, to: { type: 'travel.Tag', id: alias } }]);
      expect(links.map(({ id }) => id)).toEqual([kept]);
    });

    test('the record behind it is deleted: edits under the alias meet that deletion', async () => {
      const ann = world().person();
      const { kept, alias } = await twice(ann);
      const { version } = (await ann.sees('Tag', kept)) ?? { version: 0 };
      await ann.phone.ack(change.remove('Tag', kept, version, at(6)));
      const late = await ann.tablet.ack(change.update('Tag', alias, 1, { color: 'blue' }, at(5)));
      expect(late).toMatchObject({
        status: 'conflict',
        conflict: { conflictType: 'DELETION_CONFLICT', winner: 'server' },
      });
      const later = await ann.tablet.ack(change.update('Tag', alias, 1, { color: 'blue' }, at(7)));
      expect(later).toMatchObject({ canonicalId: kept, conflict: { winner: 'client' } });
    });

    test('UPDATE | live | unique key taken: UNIQUE; free again once its holder is deleted or renamed', async () => {
      const ann = world().person();
      const [sea, hill] = [await ann.newTag('Sea'), await ann.newTag('Hill')];
      const rename = change.update('Tag', hill, 1, { name: 'SEA' }, at(5));
      expect(await ann.phone.nack({ ...rename, changeId: newId() })).toMatchObject({
        code: 'UNIQUE',
        field: 'name',
      });
      await ann.phone.ack(change.update('Tag', sea, 1, { name: 'Ocean' }, at(6)));
      await ann.phone.ack({ ...rename, changeId: newId() });
      expect(await ann.sees('Tag', hill)).toMatchObject({ fields: { name: 'SEA' } });
    });

    test('names are handed on within one submission', async () => {
      const ann = world().person();
      const [a, b] = [await ann.newTag('A'), await ann.newTag('B')];
      const receipts = await ann.phone.send(
        change.update('Tag', a, 1, { name: 'C' }, at(5)),
        change.update('Tag', b, 1, { name: 'A' }, at(5)),
        change.remove('Tag', a, 2, at(6)),
        change.tag(newId(), 'C', {}, at(7)),
      );
      expect(receipts.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied', 'applied']);
    });

    test('two people may have tags of one name', async () => {
      const [ann, bea] = [world().person(), world().person()];
      await ann.newTag('Sea');
      expect(await bea.sees('Tag', await bea.newTag('Sea'))).toMatchObject({ version: 1 });
    });
  });
}
