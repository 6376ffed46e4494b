/** Which users a caller knows: itself, and those who share a tenant with it. */
import type { Actor, User } from '@ackord/server';
import { type Caller, tenantScope } from '../access.ts';
import type { FinanceTools } from '../tools.ts';

/** Oldest first. */
export async function knownUsers(
  { engine, users }: Pick<FinanceTools, 'engine' | 'users'>,
  actor: Actor,
): Promise<readonly User[]> {
  const scopes = [...(await engine.scopes(actor)).keys()].filter((scope) =>
    scope.startsWith(tenantScope('')),
  );
  const ids = new Set([actor.userId]);
  for (const scope of scopes) {
    const found = await engine.members({ actor, scope });
    for (const { userId } of found.ok ? found.members : []) ids.add(userId);
  }
  const known = await users.usersById([...ids]);
  return known.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

type Admitted = Exclude<Caller, { kind: 'refused' }>;

export const mayEveryone = (caller: Admitted): caller is Extract<Admitted, { kind: 'open' }> =>
  caller.kind === 'open';

/** May it act for this user? */
export const mayAct = (caller: Admitted, userId: string): boolean =>
  mayEveryone(caller) || caller.userId === userId;
