/** Giving and taking roles: who may do what to whom. */
import type { Role } from '@ackord/core';
import { expect, test } from 'vitest';
import { change } from '../support/engine.ts';
import { at, describeOn, type MakeStore, newId, tripScope } from './world.ts';

export function registerMemberTests(name: string, makeStore: MakeStore): void {
  const ROLES = ['OWNER', 'EDITOR', 'VIEWER', null] as const;

  /** Owners are above editors: only an owner makes one, changes one, or takes access away from somebody else. */
  function allowed(actor: Role | null, has: Role | null, gets: Role | null): boolean {
    if (actor === 'OWNER') return true;
    return actor === 'EDITOR' && has !== 'OWNER' && gets !== 'OWNER' && gets !== null;
  }

  describeOn(`members on ${name}`, makeStore, (world) => {
    test.each(ROLES.flatMap((actor) => ROLES.map((has) => [actor, has] as const)))(
      'an actor who is %s, to somebody who is %s',
      async (actorRole, has) => {
        for (const gets of ROLES) {
          const [owner, actor, other] = [world().person(), world().person(), world().person()];
          const trip = await owner.newTrip();
          if (actorRole !== null) await owner.share(trip, actor, actorRole);
          if (has !== null) await owner.share(trip, other, has);
          const answer = await actor.setRole(trip, other, gets);
          const ok = allowed(actorRole, has, gets);
          expect([gets, answer.ok]).toEqual([gets, ok]);
          expect((await other.engine.scopes(other)).get(tripScope(trip)) ?? null).toBe(ok ? gets : has);
          if (!answer.ok) expect(answer.code).toBe('FORBIDDEN');
          else expect(answer.member).toMatchObject(gets === null ? {} : { userId: other.userId, role: gets });
        }
      },
    );

    test.each(ROLES)('oneself, who is %s: leaving, and no more than that', async (mine) => {
      for (const gets of ROLES) {
        const [owner, actor] = [world().person(), world().person()];
        const trip = await owner.newTrip();
        if (mine !== null) await owner.share(trip, actor, mine);
        const answer = await actor.setRole(trip, actor, gets);
        const roleNow = (await actor.engine.scopes(actor)).get(tripScope(trip)) ?? null;
        if (mine === 'OWNER') expect(answer).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
        else if (mine === null) expect(answer).toMatchObject({ ok: false, code: 'FORBIDDEN' });
        else expect(answer.ok).toBe(gets === null || (mine === 'EDITOR' && gets !== 'OWNER'));
        expect(roleNow).toBe(answer.ok ? gets : mine);
      }
    });

    test('ownership passes on: given to somebody else, who then takes it', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'OWNER');
      await bea.share(trip, ann, 'VIEWER');
      expect((await ann.phone.nack(change.update('Trip', trip, 1, { name: 'x' }, at(1)))).code).toBe(
        'FORBIDDEN',
      );
      expect(await bea.phone.ack(change.remove('Trip', trip, 1, at(1)))).toMatchObject({ status: 'applied' });
    });

    test('the same role again: success, and nothing moves', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      const head = await world().head(tripScope(trip));
      const answer = await ann.setRole(trip, bea, 'EDITOR');
      expect(answer).toMatchObject({ ok: true, member: { role: 'EDITOR' } });
      expect(await ann.setRole(trip, world().person(), null)).toMatchObject({ ok: true, member: null });
      expect(await world().head(tripScope(trip))).toBe(head);
    });

    test('a foreign, an unknown, a deleted trip and somebody’s own scope are answered alike', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const foreign = await ann.newTrip();
      const gone = await bea.newTrip();
      await bea.phone.ack(change.remove('Trip', gone, 1, at(1)));
      const unknown = await bea.setRole(newId(), cem, 'VIEWER');
      expect(unknown).toMatchObject({ ok: false, code: 'FORBIDDEN' });
      expect(await bea.setRole(foreign, cem, 'VIEWER')).toEqual(unknown);
      expect(await bea.setRole(gone, cem, 'VIEWER')).toEqual(unknown);
      for (const scope of [ann.scope, bea.scope])
        expect(await bea.engine.setMember({ actor: bea, scope, userId: cem.userId, role: 'VIEWER' })).toEqual(
          unknown,
        );
      const list = (scope: string) => bea.engine.members({ actor: bea, scope });
      expect(await list(tripScope(foreign))).toEqual(await list(tripScope(newId())));
    });

    test('access that is given is a feed event: the scope arrives whole; taken away, it is dropped', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      const memory = await ann.newMemory(trip);
      const first = await bea.phone.pull();
      await ann.share(trip, bea, 'VIEWER');
      const gained = await bea.phone.pull(first.cursor);
      expect(gained.records.map(({ id }) => id)).toEqual([trip, memory]);
      expect(gained.roles.get(tripScope(trip))).toBe('VIEWER');
      await ann.share(trip, bea, 'EDITOR');
      const changed = await bea.phone.pull(gained.cursor);
      expect(changed.roles.get(tripScope(trip))).toBe('EDITOR');
      expect(changed.records.map(({ id }) => id)).toEqual([trip]);
      await ann.share(trip, bea, null);
      const lost = await bea.phone.pull(changed.cursor);
      expect(lost.roles.has(tripScope(trip))).toBe(false);
      expect(lost.droppedScopes).toEqual([tripScope(trip)]);
      expect(lost.dropped.map(({ id }) => id).sort()).toEqual([trip, memory].sort());
      expect((await ann.phone.pull()).droppedScopes).toEqual([]);
    });

    test('members see each other; who has left is not listed', async () => {
      const [ann, bea, cem] = [world().person(), world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'VIEWER');
      await ann.share(trip, cem, 'EDITOR');
      await ann.share(trip, cem, null);
      const answer = await bea.engine.members({ actor: bea, scope: tripScope(trip) });
      if (!answer.ok) throw new Error(answer.message);
      expect(answer.members.map(({ userId, role }) => [userId, role]).sort()).toEqual(
        [
          [ann.userId, 'OWNER'],
          [bea.userId, 'VIEWER'],
        ].sort(),
      );
    });

    test('a role is looked at when the change is decided, not when it was sent', async () => {
      const [ann, bea] = [world().person(), world().person()];
      const trip = await ann.newTrip();
      await ann.share(trip, bea, 'EDITOR');
      await bea.phone.ack(change.update('Trip', trip, 1, { name: 'x' }, at(1)));
      await ann.share(trip, bea, null);
      expect((await bea.phone.nack(change.update('Trip', trip, 2, { name: 'y' }, at(2)))).code).toBe(
        'FORBIDDEN',
      );
      expect(await bea.sees('Trip', trip)).toBeNull();
    });
  });
}
