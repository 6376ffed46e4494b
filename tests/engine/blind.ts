/** Edits of callers without versions: what they had seen by their last page, what they replace, what they are told. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import {
  at,
  type Device,
  describeOn,
  type MakeStore,
  newId,
  type Person,
  tripScope,
  type World,
} from './world.ts';

const LEGACY = { origin: 'legacy' } as const;

export function registerBlindTests(name: string, makeStore: MakeStore): void {
  describeOn(`blind edits on ${name}`, makeStore, (world) => {
    const edit = (device: Device, memory: string, fields: Record<string, unknown>) =>
      device.ack({ entityType: 'Memory', operation: 'UPDATE', id: memory, fields }, LEGACY);

    test('what the device was given by its last page it may replace, and nothing is journaled', async () => {
      const { ann, bea, memory } = await shared(world());
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'new' }, at(1)));
      await bea.phone.pull();
      const receipt = await edit(bea.phone, memory, { title: 'blind' });
      expect(receipt).toMatchObject({ status: 'applied', conflict: null, stands: true, version: 3 });
      expect(receipt.record).toMatchObject({ fields: { title: 'blind' } });
      expect(receipt.updatedAt).toBe((await ann.sees('Memory', memory))?.updatedAt);
    });

    test('what it was not given is replaced too, and stands in a conflict that its writer finds', async () => {
      const { ann, bea, memory } = await shared(world());
      await bea.phone.pull();
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'unseen' }, at(1)));
      const receipt = await edit(bea.phone, memory, { title: 'blind' });
      expect(receipt).toMatchObject({ status: 'conflict', stands: true, conflict: { winner: 'client' } });
      const lost = await ann.conflicts();
      expect(lost).toHaveLength(1);
      expect(lost[0]).toMatchObject({ entityId: memory, winner: 'client', fields: ['title'] });
      expect(lost[0]?.server).toMatchObject({ title: 'unseen' });
      expect((await ann.sees('Memory', memory))?.fields.title).toBe('blind');
    });

    test('the loser is named also when somebody else wrote another field meanwhile', async () => {
      const { ann, bea, memory } = await shared(world());
      await bea.phone.pull();
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'unseen' }, at(1)));
      await edit(bea.phone, memory, { text: 'mine' });
      await edit(bea.phone, memory, { title: 'blind' });
      expect(await ann.conflicts()).toHaveLength(1);
    });

    test('groups are told apart: only those that changed since the last page are in conflict', async () => {
      const { ann, bea, memory } = await shared(world());
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'seen' }, at(1)));
      await bea.phone.pull();
      await ann.phone.ack(change.update('Memory', memory, 2, { text: 'unseen' }, at(2)));
      const receipt = await edit(bea.phone, memory, { title: 'blind', text: 'blind too' });
      expect(receipt.conflict?.fields).toEqual(['text']);
    });

    test('what is sent as it is there already is no edit', async () => {
      const { ann, bea, memory } = await shared(world());
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'unseen' }, at(1)));
      const head = await world().head((await ann.sees('Memory', memory))?.scope ?? '');
      const receipt = await edit(bea.phone, memory, { title: 'unseen' });
      expect(receipt).toMatchObject({ status: 'applied', version: 2, conflict: null });
      expect(await world().head(receipt.record?.scope ?? '')).toBe(head);
    });

    test('while the record holds what the device was not given, the answer’s stamp is older than the feed’s', async () => {
      const { ann, bea, memory } = await shared(world());
      await bea.phone.pull();
      await ann.phone.ack(change.update('Memory', memory, 1, { text: 'unseen' }, at(1)));
      for (const title of ['blind', 'blind', 'again']) {
        const receipt = await edit(bea.phone, memory, { title });
        const stored = await ann.sees('Memory', memory);
        expect(receipt.updatedAt).toBeLessThan(stored?.updatedAt ?? 0);
      }
      await bea.phone.pull();
      const receipt = await edit(bea.phone, memory, { title: 'read by now' });
      expect(receipt.updatedAt).toBe((await ann.sees('Memory', memory))?.updatedAt);
    });

    test('a device’s own earlier edits are seen, also without any page', async () => {
      const ann = world().person();
      const memory = await ann.newMemory(await ann.newTrip());
      const [first, second] = [
        await edit(ann.phone, memory, { title: 'one' }),
        await edit(ann.phone, memory, { title: 'two' }),
      ];
      expect([first.status, second.status]).toEqual(['applied', 'applied']);
      expect(second.updatedAt).toBe((await ann.sees('Memory', memory))?.updatedAt);
      // The same person's other device is another reader.
      expect((await edit(ann.tablet, memory, { title: 'three' })).status).toBe('conflict');
    });

    test('it counts as the later edit, however late the other device’s clock is', async () => {
      const { ann, bea, memory } = await shared(world());
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'ahead' }, Date.now() + 60_000));
      const receipt = await edit(bea.phone, memory, { title: 'blind' });
      // Clocks that run ahead win within their allowance; then the answer shows what stands, and it is fed again.
      expect(receipt).toMatchObject({ status: 'conflict', stands: false, conflict: { winner: 'server' } });
      expect(receipt.record?.fields.title).toBe('ahead');
      expect(receipt.updatedAt).toBeLessThan((await ann.sees('Memory', memory))?.updatedAt ?? 0);
    });

    test('a deletion of what changed unseen is journaled, one of what was seen is not', async () => {
      const { ann, bea, trip, memory } = await shared(world());
      const other = await ann.newMemory(trip);
      await bea.phone.pull();
      await ann.phone.ack(change.update('Memory', memory, 1, { title: 'unseen' }, at(1)));
      const remove = (id: string) => bea.phone.ack(change.remove('Memory', id, null), LEGACY);
      expect(await remove(memory)).toMatchObject({ status: 'conflict', stands: true });
      expect(await remove(other)).toMatchObject({ status: 'applied', conflict: null });
      expect(await remove(other)).toMatchObject({ status: 'applied', stands: true });
      expect((await ann.conflicts()).map(({ entityId }) => entityId)).toEqual([memory]);
    });

    test('a deletion of what somebody has only just made is journaled too', async () => {
      const { ann, bea, trip } = await shared(world());
      await bea.phone.pull();
      const unseen = await ann.newMemory(trip);
      const receipt = await bea.phone.ack(change.remove('Memory', unseen, null), LEGACY);
      expect(receipt).toMatchObject({ status: 'conflict', stands: true, conflict: { winner: 'client' } });
      expect((await ann.conflicts()).map(({ entityId }) => entityId)).toEqual([unseen]);
    });

    test('an edit of what is deleted brings nothing back, and is kept', async () => {
      const { ann, bea, memory } = await shared(world());
      await bea.phone.pull();
      await ann.phone.ack(change.remove('Memory', memory, 1, at(1)));
      const receipt = await edit(bea.phone, memory, { title: 'too late' });
      expect(receipt).toMatchObject({ stands: false, conflict: { winner: 'server' } });
      expect(receipt.record?.tombstone).not.toBeNull();
      expect(await ann.sees('Memory', memory)).toBeNull();
      expect((await bea.conflicts())[0]?.client).toMatchObject({ title: 'too late' });
    });

    test('a missing parent refuses it: nothing waits', async () => {
      const ann = world().person();
      const receipt = await ann.phone.nack(change.memory(newId(), newId()), LEGACY);
      expect(receipt.code).toBe('FORBIDDEN');
      expect(await world().waiting(ann)).toEqual([]);
    });

    test('the same twice is two records: each call is a change of its own', async () => {
      const ann = world().person();
      const trip = await ann.newTrip();
      const make = {
        entityType: 'Memory',
        operation: 'CREATE',
        id: null,
        fields: { tripId: trip, title: 'M' },
      };
      const ids = [
        (await ann.phone.ack(make, LEGACY)).entityId,
        (await ann.phone.ack(make, LEGACY)).entityId,
      ];
      expect(new Set(ids).size).toBe(2);
    });

    test('the server may set what it owns, without any conflict; nobody else may', async () => {
      const { ann, bea, memory } = await shared(world());
      const tag = await ann.newTag();
      const count = (usageCount: number) => ({ ...change.update('Tag', tag, null, { usageCount }) });
      expect((await ann.phone.nack(count(1), LEGACY)).field).toBe('usageCount');
      for (const usageCount of [1, 2, 3]) {
        const receipt = await ann.nameless.ack(
          { ...count(usageCount), changeId: newId() },
          { origin: 'server' },
        );
        expect(receipt).toMatchObject({ status: 'applied', conflict: null });
      }
      const created = { by: bea.userId, at: at(-500) };
      const id = newId();
      const trip = String((await ann.sees('Memory', memory))?.fields.tripId);
      await ann.nameless.ack({ ...change.memory(id, trip), created }, { origin: 'server' });
      expect(await ann.sees('Memory', id)).toMatchObject({ createdBy: bea.userId, createdAt: at(-500) });
      await ann.phone.ack({ ...change.memory(newId(), trip), created: { by: bea.userId, at: 0 } });
      const claimed = await ann.engine.list({
        actor: ann,
        type: 'travel.Memory',
        owner: trip,
        contains: null,
        after: null,
        limit: 1,
      });
      expect(claimed).toMatchObject({ ok: true, records: [{ id }] });
    });

    test('ownership is handed over to a member in one step, and only by the owner', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const trip = await ann.newTrip();
      const hand = (from: Person, to: Person) =>
        from.engine.setMember({
          actor: from,
          scope: tripScope(trip),
          userId: to.userId,
          role: 'OWNER',
          handsOver: true,
        });
      expect(await hand(ann, bea)).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
      await ann.share(trip, bea, 'VIEWER');
      expect(await hand(bea, bea)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(await hand(cem, bea)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(await hand(ann, ann)).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
      expect(await hand(ann, bea)).toMatchObject({ ok: true, member: { role: 'OWNER' } });
      const roles = await ann.engine.members({ actor: bea, scope: tripScope(trip) });
      if (!roles.ok) throw new Error(roles.message);
      expect(Object.fromEntries(roles.members.map(({ userId, role }) => [userId, role]))).toEqual({
        [ann.userId]: 'EDITOR',
        [bea.userId]: 'OWNER',
      });
    });
  });
}

async function shared(world: World): Promise<{ ann: Person; bea: Person; trip: string; memory: string }> {
  const [ann, bea] = [world.person(), world.person()];
  const trip = await ann.newTrip();
  const memory = await ann.newMemory(trip);
  await ann.share(trip, bea, 'EDITOR');
  return { ann, bea, trip, memory };
}
