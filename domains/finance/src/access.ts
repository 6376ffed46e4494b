/**
 * Who calls, and what that caller may touch. A token names a user, who sees the tenants in which it has a role. In the
 * open mode an app without a token is believed: it acts as the user whom it names, and in a tenant as the tenant itself.
 * Promise: what a caller may not see is answered exactly like what is not there.
 */
import { isTenantId, isUuid, type Role, roleReaches } from '@ackord/core';
import { type Actor, type Authentication, type Engine, isUnavailable, type Refusal } from '@ackord/server';

export type Caller =
  /** By a token. */
  | { readonly kind: 'user'; readonly userId: string; readonly actor: Actor }
  /** Nobody has checked it; `userId` is what the app says, if it says anything. */
  | { readonly kind: 'open'; readonly userId: string | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface CallFacts {
  readonly authentication: Authentication;
  /** Ids of users that the request names as its sender: `user_id`, then X-User-Id. The first that is there counts. */
  readonly claimed?: readonly (string | null | undefined)[];
  readonly openAccess: boolean;
}

/** The header in which apps name their user. */
export const USER_HEADER = 'x-user-id';

export function callerOf({ authentication, claimed = [], openAccess }: CallFacts): Caller {
  const names = claimed.flatMap((name) => (name ? [name.toLowerCase()] : []));
  switch (authentication.outcome) {
    case 'actor': {
      const { actor } = authentication;
      return names.every((name) => name === actor.userId)
        ? { kind: 'user', userId: actor.userId, actor }
        : { kind: 'refused', refusal: ANOTHER_USER };
    }
    case 'anonymous':
      // A token that is not accepted is never taken for none: its sender believes to be signed in.
      return openAccess && authentication.reason === 'no-token'
        ? { kind: 'open', userId: names[0] ?? null }
        : { kind: 'refused', refusal: { status: 401, code: 'UNAUTHENTICATED' } };
    case 'unavailable':
      return { kind: 'refused', refusal: { status: 503, code: 'UNAVAILABLE', retryAfterMs: 1_000 } };
  }
}

/** Who acts in a tenant without a user: it owns that one scope and nothing else. No user has such an id. */
export const tenantActor = (tenantId: string): Actor => ({ userId: tenantScope(tenantId) });

export const tenantScope = (tenantId: string): string => `tenant:${tenantId}`;

export type TenantAccess =
  | { readonly ok: true; readonly tenantId: string; readonly actor: Actor; readonly role: Role }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * May this caller act in this tenant, in a role that reaches `least`? 404 for tenants that are unknown or somebody
 * else's, 403 for members whose role is less, and whatever the caller itself was refused with.
 */
export async function accessToTenant(
  engine: Pick<Engine, 'roleIn'>,
  caller: Caller,
  tenantId: string,
  least: Role = 'VIEWER',
): Promise<TenantAccess> {
  if (caller.kind === 'refused') return { ok: false, refusal: caller.refusal };
  if (!isTenantId(tenantId)) return { ok: false, refusal: NO_TENANT };
  const actor = caller.kind === 'open' ? tenantActor(tenantId) : caller.actor;
  const role = await engine.roleIn(actor, tenantScope(tenantId)).catch(ownerIfAway(caller));
  if (role === null) return { ok: false, refusal: NO_TENANT };
  if (!roleReaches(role, least)) return { ok: false, refusal: ROLE_TOO_SMALL };
  return { ok: true, tenantId, actor, role };
}

/** Who needs no token needs no database to be let in; what is deleted says so when it is back. */
const ownerIfAway =
  (caller: Caller) =>
  (cause: unknown): Role => {
    if (caller.kind === 'open' && isUnavailable(cause)) return 'OWNER';
    throw cause;
  };

export type UserAccess =
  | { readonly ok: true; readonly userId: string; readonly actor: Actor }
  | { readonly ok: false; readonly refusal: Refusal };

/** The user for whom the caller acts; 422 where the open mode is told no user. */
export function userOf(caller: Caller): UserAccess {
  switch (caller.kind) {
    case 'refused':
      return { ok: false, refusal: caller.refusal };
    case 'user':
      return { ok: true, userId: caller.userId, actor: caller.actor };
    case 'open': {
      const { userId } = caller;
      return userId === null || !isUuid(userId)
        ? { ok: false, refusal: NO_USER_NAMED }
        : { ok: true, userId, actor: { userId } };
    }
  }
}

export const NO_TENANT: Refusal = {
  status: 404,
  code: 'FORBIDDEN',
  detail: 'No tenant of yours has this id.',
};

const ROLE_TOO_SMALL: Refusal = { status: 403, code: 'FORBIDDEN' };

const ANOTHER_USER: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  detail: 'The request names another user than its token does.',
};

const NO_USER_NAMED: Refusal = {
  status: 422,
  code: 'BAD_USER_INPUT',
  detail: 'Name the user by its UUID, as user_id or in the header X-User-Id.',
};
