/** I12: no text of one user is given to another who has no access to where it was written. */
import type { Truth } from '../truth.ts';
import { markOf } from '../values.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';

export function checkPrivacy(world: World, truth: Truth): void {
  const scopesOf = new Map<string, Set<string>>();
  for (const [scope, lines] of truth.logs) {
    for (const { id } of lines) scopesOf.set(id, (scopesOf.get(id) ?? new Set()).add(scope));
  }
  const sent = new Map(
    world.users.map((user) => [
      user,
      JSON.stringify(
        world.observer.changes.filter(({ actor }) => actor === user).map(({ fields }) => fields),
      ),
    ]),
  );
  for (const given of world.observer.given) {
    for (const mark of given.marks) {
      // What a user sends comes back to it: it had been shown the texts before.
      if (sent.get(given.to)?.includes(markOf(mark.user, mark.record))) continue;
      // A receipt is answered again as it was, also when access has ended since.
      const since = given.what === 'receipts' ? 0 : given.since;
      const shared = [...(scopesOf.get(mark.record) ?? [])].some((scope) =>
        world.observer.hadAccess(given.to, scope, since, given.until),
      );
      holds('I12', shared, 'a text of another user was given away', () => ({ given, mark }));
    }
  }
}
