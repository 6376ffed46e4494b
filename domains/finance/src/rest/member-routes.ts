/** Who shares a tenant: an owner lets others in by their e-mail or their id, and takes access away again. */
import { isUuid } from '@ackord/core';
import { answerJson, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, tenantScope } from '../access.ts';
import type { FinanceTools } from '../tools.ts';
import { callerIn, TENANT_PARAMS, userIdText } from './calls.ts';
import { refusedCall } from './sync-tools.ts';

const TAG = 'Tenants';
const MEMBERS = { token: 'optional', note: 'members of the tenant; in the open mode everybody.' } as const;
const OWNER = {
  token: 'optional',
  note: 'the tenant’s owner; in the open mode everybody. Members may leave by themselves.',
} as const;

const ROLES = ['OWNER', 'EDITOR', 'VIEWER'] as const;
const MEMBER = z
  .object({ user_id: z.string(), name: z.string(), email: z.string(), role: z.enum(ROLES) })
  .meta({ id: 'Member', description: 'Somebody who shares a tenant. EDITORs sync; VIEWERs read over REST.' });
const LIST = z.array(MEMBER);
const ANSWERS = {
  200: { description: 'Who shares it now.', schema: LIST },
  403: { description: 'The caller’s role does not allow this, or the request names another user.' },
  404: { description: 'No tenant of the caller has this id, or there is no such user.' },
};

export function memberRoutes(tools: FinanceTools): RestRoute[] {
  const { engine, users } = tools;

  const listed = async (actor: { readonly userId: string }, tenantId: string) => {
    const result = await engine.members({ actor, scope: tenantScope(tenantId) });
    if (!result.ok) return refusedCall(result);
    const known = await users.usersById(result.members.map(({ userId }) => userId));
    const byId = new Map(known.map((user) => [user.id, user]));
    return answerJson(
      result.members.flatMap(({ userId, role }) => {
        const user = byId.get(userId);
        return user ? [{ user_id: userId, name: user.username, email: user.email, role }] : [];
      }),
    );
  };

  return [
    restRoute({
      method: 'GET',
      path: '/tenants/{tenant_id}/members',
      tag: TAG,
      summary: 'Lists who shares a tenant',
      access: MEMBERS,
      params: TENANT_PARAMS,
      answers: ANSWERS,
      async handle(call) {
        const access = await accessToTenant(engine, callerIn(tools, call), call.params.tenant_id);
        return access.ok ? listed(access.actor, access.tenantId) : refuse(access.refusal);
      },
    }),
    restRoute({
      method: 'PUT',
      path: '/tenants/{tenant_id}/members',
      tag: TAG,
      summary: 'Shares a tenant with a user, or gives it another role',
      access: OWNER,
      params: TENANT_PARAMS,
      body: z.object({
        user: z.string().min(1).max(254).describe('The user’s id or e-mail.'),
        role: z.enum(['EDITOR', 'VIEWER']).default('EDITOR'),
      }),
      answers: ANSWERS,
      async handle(call) {
        const access = await accessToTenant(engine, callerIn(tools, call), call.params.tenant_id, 'OWNER');
        if (!access.ok) return refuse(access.refusal);
        const userId = await findUser(users, call.body.user);
        if (userId === null)
          return refuse({ status: 404, code: 'NOT_FOUND', detail: 'There is no such user.' });
        const { actor, tenantId } = access;
        const { role } = call.body;
        const result = await engine.setMember({ actor, scope: tenantScope(tenantId), userId, role });
        return result.ok ? listed(actor, tenantId) : refusedCall(result);
      },
    }),
    restRoute({
      method: 'DELETE',
      path: '/tenants/{tenant_id}/members/{user_id}',
      tag: TAG,
      summary: 'Takes a user’s access to a tenant away; its sockets are closed',
      access: OWNER,
      params: TENANT_PARAMS.extend({ user_id: userIdText }),
      answers: {
        ...ANSWERS,
        200: { description: 'It has none any more.', schema: z.object({ user_id: z.string() }) },
      },
      async handle(call) {
        const access = await accessToTenant(engine, callerIn(tools, call), call.params.tenant_id);
        if (!access.ok) return refuse(access.refusal);
        const { user_id: userId } = call.params;
        const scope = tenantScope(access.tenantId);
        const result = await engine.setMember({ actor: access.actor, scope, userId, role: null });
        return result.ok ? answerJson({ user_id: userId }) : refusedCall(result);
      },
    }),
  ];
}

async function findUser(users: FinanceTools['users'], named: string): Promise<string | null> {
  if (isUuid(named)) return (await users.usersById([named.toLowerCase()]))[0]?.id ?? null;
  return (await users.credentialsByEmail(named.trim()))?.user.id ?? null;
}
