/** Starting a tenant over: emptying it, and forgetting what waits for another try. */
import { answerJson, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant } from '../access.ts';
import type { FinanceTools } from '../tools.ts';
import { callerIn, MESSAGE, TENANT_PARAMS, USER_QUERY } from './calls.ts';
import { emptyTenant } from './reset-tenant.ts';

const TAG = 'Tenants';
const OWNER = { token: 'optional', note: 'the tenant’s owner; in the open mode everybody.' } as const;
const EMPTIED = MESSAGE.extend({ deleted: z.int() }).meta({
  id: 'EmptiedTenant',
  description: 'How many records are gone.',
});
const REFUSED = {
  403: { description: 'The caller’s role does not allow this, or the request names another user.' },
  404: { description: 'No tenant of the caller has this id.' },
};

export const tenantUpkeepRoutes = (tools: FinanceTools): RestRoute[] => [
  reset(tools, 'reset-to-initial', false),
  reset(tools, 'reset-database', true),
  clearQueue(tools),
];

const reset = (tools: FinanceTools, name: string, closes: boolean): RestRoute =>
  restRoute({
    method: 'POST',
    path: `/tenants/{tenant_id}/${name}`,
    tag: TAG,
    summary: closes ? 'Empties a tenant and closes its sockets' : 'Empties a tenant',
    description: `All its records are deleted, the tenant and its members stay. Apps hear of each deletion${closes ? ', their sockets are closed with 1001, and they connect again' : ''}.`,
    access: OWNER,
    params: TENANT_PARAMS,
    query: USER_QUERY,
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: { description: 'It is empty.', schema: EMPTIED }, ...REFUSED },
    async handle(call) {
      const caller = callerIn(tools, call, call.query.user_id);
      const access = await accessToTenant(tools.engine, caller, call.params.tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const { tenantId, actor } = access;
      tools.retryQueue.clear(tenantId);
      const emptied = await emptyTenant(tools, actor, tenantId);
      if (!emptied.ok) return emptied.answer;
      if (closes) tools.live.closeTenant(tenantId, 1001);
      return answerJson({
        message: 'All records are deleted.',
        tenant_id: tenantId,
        deleted: emptied.deleted,
      });
    },
  });

const clearQueue = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'DELETE',
    path: '/tenants/{tenant_id}/sync-queue',
    tag: TAG,
    summary: 'Forgets the entries that wait for another try',
    access: OWNER,
    params: TENANT_PARAMS,
    query: USER_QUERY,
    answers: {
      200: { description: 'None waits any more.', schema: MESSAGE.extend({ cleared: z.int() }) },
      ...REFUSED,
    },
    async handle(call) {
      const caller = callerIn(tools, call, call.query.user_id);
      const access = await accessToTenant(tools.engine, caller, call.params.tenant_id, 'OWNER');
      if (!access.ok) return refuse(access.refusal);
      const cleared = tools.retryQueue.clear(access.tenantId);
      return answerJson({ message: 'The queue is empty.', tenant_id: access.tenantId, cleared });
    },
  });
