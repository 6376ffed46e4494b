/** Tenants: making, reading, renaming and deleting them. */
import { answerJson, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, NO_TENANT, userOf } from '../access.ts';
import type { FinanceTools } from '../tools.ts';
import { callerIn, nameText, TENANT_PARAMS, tenantIdText, USER_QUERY, userIdText } from './calls.ts';
import { removeLogosOf } from './logos-of-tenant.ts';
import { claimTenant, deleteTenant, makeTenant, readTenant, renameTenant, tenantsOf } from './tenants.ts';
import { TENANT, tenantJson } from './wire.ts';

const TAG = 'Tenants';
const MEMBERS = { token: 'optional', note: 'members of the tenant; in the open mode everybody.' } as const;
const OWNER = { token: 'optional', note: 'the tenant’s owner; in the open mode everybody.' } as const;
const DUPLICATE = { description: 'It already exists for this user, by its id or by its name.' };
const UNKNOWN = { description: 'No tenant of the caller has this id.' };
const ROLE = { description: 'The caller’s role does not allow this, or the request names another user.' };

export const tenantRoutes = (tools: FinanceTools): RestRoute[] => [
  listTenants(tools),
  createTenant(tools),
  readOne(tools),
  rename(tools),
  remove(tools, '/tenants/{tenant_id}', 'Deletes a tenant'),
  remove(tools, '/tenants/{tenant_id}/complete', 'Deletes a tenant, as apps call it'),
];

const listTenants = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/tenants',
    alsoWithSlash: true,
    tag: TAG,
    summary: 'Lists the tenants in which a user has a role',
    access: { token: 'optional', note: 'the user itself; in the open mode everybody who names a user.' },
    query: USER_QUERY,
    answers: { 200: { description: 'As they were made.', schema: z.array(TENANT) } },
    async handle(call) {
      const user = userOf(callerIn(tools, call, call.query.user_id));
      if (!user.ok) return refuse(user.refusal);
      return answerJson((await tenantsOf(tools, user.actor)).map(tenantJson));
    },
  });

const createTenant = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/tenants',
    alsoWithSlash: true,
    tag: TAG,
    summary: 'Makes a tenant',
    description: 'Whoever makes it becomes its owner.',
    access: { token: 'optional', note: 'every user; in the open mode everybody who names a user.' },
    body: z.object({ uuid: tenantIdText, name: nameText, user_id: userIdText.optional() }),
    answers: {
      200: { description: 'The tenant.', schema: TENANT },
      400: DUPLICATE,
      404: { description: 'There is no such user.' },
    },
    async handle(call) {
      const { uuid, name, user_id } = call.body;
      const caller = callerIn(tools, call, user_id);
      const user = userOf(caller);
      if (!user.ok) return refuse(user.refusal);
      const [known] = await tools.users.usersById([user.userId]);
      if (!known) return refuse({ status: 404, code: 'NOT_FOUND', detail: 'There is no such user.' });
      const made = await makeTenant(tools, user.actor, uuid, name);
      if (made.ok) return answerJson(tenantJson(made.tenant));
      if (caller.kind !== 'open' || made.answer.status !== 404) return made.answer;
      const claimed = await claimTenant(tools, user.userId, uuid, name);
      return claimed.ok ? answerJson(tenantJson(claimed.tenant)) : claimed.answer;
    },
  });

const readOne = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/tenants/{tenant_id}',
    tag: TAG,
    summary: 'Reads a tenant',
    access: MEMBERS,
    params: TENANT_PARAMS,
    query: USER_QUERY,
    answers: { 200: { description: 'The tenant.', schema: TENANT }, 404: UNKNOWN },
    async handle(call) {
      const caller = callerIn(tools, call, call.query.user_id);
      const access = await accessToTenant(tools.engine, caller, call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const tenant = await readTenant(tools, access.tenantId);
      return tenant ? answerJson(tenantJson(tenant)) : refuse(NO_TENANT);
    },
  });

const rename = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'PUT',
    path: '/tenants/{tenant_id}',
    tag: TAG,
    summary: 'Renames a tenant',
    access: OWNER,
    params: TENANT_PARAMS,
    query: USER_QUERY,
    body: z.object({ name: nameText }),
    answers: { 200: { description: 'The tenant.', schema: TENANT }, 400: DUPLICATE, 403: ROLE, 404: UNKNOWN },
    async handle(call) {
      const caller = callerIn(tools, call, call.query.user_id);
      const access = await accessToTenant(tools.engine, caller, call.params.tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const tenant = await readTenant(tools, tenantId);
      if (!tenant) return refuse(NO_TENANT);
      const owner = { userId: tenant.createdBy };
      const renamed = await renameTenant(tools, { actor, owner, tenantId, name: call.body.name });
      return renamed.ok ? answerJson(tenantJson(renamed.tenant)) : renamed.answer;
    },
  });

const remove = (tools: FinanceTools, path: string, summary: string): RestRoute =>
  restRoute({
    method: 'DELETE',
    path,
    tag: TAG,
    summary,
    description:
      'With all that is in it, by one change that apps hear of. Its sockets are closed with 1001 and its logos removed.',
    access: OWNER,
    params: TENANT_PARAMS,
    query: USER_QUERY,
    answers: { 200: { description: 'The tenant as it was.', schema: TENANT }, 403: ROLE, 404: UNKNOWN },
    async handle(call) {
      const caller = callerIn(tools, call, call.query.user_id);
      const access = await accessToTenant(tools.engine, caller, call.params.tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      const removeLogos = await removeLogosOf(tools, tenantId);
      const deleted = await deleteTenant(tools, actor, tenantId);
      if (!deleted.ok) return deleted.answer;
      tools.retryQueue.clear(tenantId);
      tools.live.closeTenant(tenantId, 1001);
      await removeLogos();
      return answerJson(tenantJson(deleted.tenant));
    },
  });
