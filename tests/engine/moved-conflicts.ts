/** Deciding a conflict whose record has moved on since: the person is shown it as it is now, and decides anew. */
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { titleConflictOf } from './title-conflict.ts';
import { at, describeOn, type MakeStore, newId } from './world.ts';

export function registerMovedConflictTests(name: string, makeStore: MakeStore): void {
  describeOn(`conflicts that have moved on ${name}`, makeStore, (world) => {
    const titleConflict = () => titleConflictOf(world());

    test('the conflicted group has moved since: CONFLICT_MOVED with the refreshed conflict, then it can be decided', async () => {
      const { ann, memory, id } = await titleConflict();
      await ann.tablet.ack(change.update('Memory', memory, 2, { title: 'Theirs again' }, at(8)));
      const answer = await ann.resolve(id, 'LAST_WRITE_WINS');
      expect(answer).toMatchObject({
        ok: false,
        code: 'CONFLICT_MOVED',
        conflict: {
          id,
          status: 'pending',
          serverVersion: 3,
          server: { title: 'Theirs again' },
          serverTime: at(8),
        },
      });
      expect(await ann.conflicts()).toMatchObject([
        { id, serverVersion: 3, server: { title: 'Theirs again' } },
      ]);
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Theirs again' } });
    });

    test('other groups may move: they stay as they are', async () => {
      const { ann, memory, id } = await titleConflict();
      await ann.tablet.ack(change.update('Memory', memory, 2, { text: 'newer' }, at(8)));
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Mine', text: 'newer' } });
    });

    test('resolvedData that is a whole row: what it only repeats overwrites nothing that is newer', async () => {
      const { ann, memory, id } = await titleConflict();
      const row = (await ann.sees('Memory', memory))?.fields ?? {};
      await ann.tablet.ack(change.update('Memory', memory, 2, { text: 'newer' }, at(8)));
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { ...row, title: 'Ours' })).toMatchObject({
        ok: true,
      });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Ours', text: 'newer' } });
    });

    test('and what it changes besides must not have moved either', async () => {
      const { ann, memory, id } = await titleConflict();
      await ann.tablet.ack(change.update('Memory', memory, 2, { text: 'newer' }, at(8)));
      const answer = await ann.resolve(id, 'MANUAL_RESOLUTION', { title: 'Ours', text: 'mine' });
      expect(answer).toMatchObject({
        ok: false,
        code: 'CONFLICT_MOVED',
        conflict: { server: { text: 'newer' } },
      });
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { title: 'Ours', text: 'mine' })).toMatchObject({
        ok: true,
      });
    });

    test('nor what the winning change itself had changed besides; the side that lost can still come back', async () => {
      const ann = world().person();
      const memory = await ann.newMemory(await ann.newTrip());
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
      const { conflict } = await ann.phone.ack(
        change.update('Memory', memory, 1, { title: 'Mine', text: 'Mine' }, at(6)),
      );
      const id = conflict?.id ?? '';
      expect(await ann.resolve(id, 'MANUAL_RESOLUTION', { text: 'Ours' })).toMatchObject({
        code: 'CONFLICT_MOVED',
        conflict: { server: { title: 'Theirs', text: 'Mine' } },
      });
      expect(await ann.resolve(id, 'FIRST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toMatchObject({ fields: { title: 'Theirs', text: 'Mine' } });
    });

    test('the record was deleted since: CONFLICT_MOVED, and then it is about that deletion', async () => {
      for (const [strategy, alive] of [
        ['LAST_WRITE_WINS', true],
        ['FIRST_WRITE_WINS', false],
      ] as const) {
        const { ann, memory, id } = await titleConflict();
        await ann.tablet.ack(change.remove('Memory', memory, 2, at(5)));
        expect(await ann.resolve(id, strategy)).toMatchObject({
          code: 'CONFLICT_MOVED',
          conflict: { conflictType: 'DELETION_CONFLICT', status: 'pending' },
        });
        expect(await ann.resolve(id, strategy)).toMatchObject({ ok: true });
        expect((await ann.sees('Memory', memory))?.fields.title ?? null).toBe(alive ? 'Mine' : null);
      }
    });

    test('children came since the deletion was put off: CONFLICT_MOVED names them, then it can be decided', async () => {
      const ann = world().person(world().engineFor('MANUAL_RESOLUTION'));
      const memory = await ann.newMemory(await ann.newTrip());
      await ann.tablet.ack(change.update('Memory', memory, 1, { title: 'Theirs' }, at(5)));
      const { conflict } = await ann.phone.ack(change.remove('Memory', memory, 1, at(8)));
      const media = newId();
      await ann.tablet.ack(change.media(media, memory, {}, at(7)));
      const id = conflict?.id ?? '';
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({
        code: 'CONFLICT_MOVED',
        conflict: { fields: [`MediaItem:${media}`], status: 'pending' },
      });
      expect(await ann.resolve(id, 'LAST_WRITE_WINS')).toMatchObject({ ok: true });
      expect(await ann.sees('Memory', memory)).toBeNull();
    });
  });
}
