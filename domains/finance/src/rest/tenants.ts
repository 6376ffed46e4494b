/** Tenants as records of the engine: reading, making, renaming and deleting them. */
import { errorText, LIMITS, type RecordState } from '@ackord/core';
import { type Actor, type Engine, type RestAnswer, statusOfCode } from '@ackord/server';
import { tenantActor, tenantScope } from '../access.ts';
import { refusedBy, submit } from './calls.ts';

const TYPE = 'finance.Tenant';

type Tools = { readonly engine: Engine };
type Result =
  | { readonly ok: true; readonly tenant: RecordState }
  | { readonly ok: false; readonly answer: RestAnswer };

/** Those in which the user has a role, as they were made. */
export async function tenantsOf({ engine }: Tools, actor: Actor): Promise<readonly RecordState[]> {
  const asked = {
    actor,
    type: TYPE,
    owner: null,
    contains: null,
    after: null,
    limit: LIMITS.scopesPerUserMax,
  };
  const found = await engine.list(asked);
  return found.ok ? found.records : [];
}

/** Whoever asks was let in before. null: there is none, or no more. */
export async function readTenant({ engine }: Tools, tenantId: string): Promise<RecordState | null> {
  const [tenant] = await engine.records(tenantActor(tenantId), [{ type: TYPE, id: tenantId }]);
  return tenant ?? null;
}

/** Its maker becomes its owner. */
export async function makeTenant(
  tools: Tools,
  actor: Actor,
  tenantId: string,
  name: string,
): Promise<Result> {
  const mine = await tenantsOf(tools, actor);
  if (mine.some((tenant) => tenant.id === tenantId || isCalled(tenant, name)))
    return { ok: false, answer: DUPLICATE };
  const change = { entityType: 'Tenant', id: tenantId, operation: 'CREATE', fields: { name } };
  const [receipt] = await submit(tools, actor, [change]);
  const answer = refusedBy(receipt);
  if (answer) return { ok: false, answer };
  return readAgain(tools, tenantId);
}

/**
 * For the open mode, where apps fill a tenant before they make it known: makes the tenant in the scope that is there
 * already, and the user its owner. Not for a tenant that another user has made.
 */
export async function claimTenant(
  tools: Tools & { readonly now: () => number },
  userId: string,
  tenantId: string,
  name: string,
): Promise<Result> {
  const actor = tenantActor(tenantId);
  const known = await readTenant(tools, tenantId);
  if (known && known.createdBy !== userId) return { ok: false, answer: GONE };
  if (!known) {
    const created = { by: userId, at: tools.now() };
    const change = { entityType: 'Tenant', id: tenantId, operation: 'CREATE', fields: { name }, created };
    const [receipt] = await submit(tools, actor, [change]);
    const answer = refusedBy(receipt);
    if (answer) return { ok: false, answer };
  }
  const scope = tenantScope(tenantId);
  const owner = await tools.engine.setMember({ actor, scope, userId, role: 'OWNER' });
  if (!owner.ok) {
    const { code, message } = owner;
    return { ok: false, answer: { status: statusOfCode(code), body: { detail: message, code } } };
  }
  return readAgain(tools, tenantId);
}

export async function renameTenant(
  tools: Tools,
  { actor, owner, tenantId, name }: { actor: Actor; owner: Actor; tenantId: string; name: string },
): Promise<Result> {
  const others = (await tenantsOf(tools, owner)).filter(({ id }) => id !== tenantId);
  if (others.some((tenant) => isCalled(tenant, name))) return { ok: false, answer: DUPLICATE };
  const change = { entityType: 'Tenant', id: tenantId, operation: 'UPDATE', fields: { name } };
  const [receipt] = await submit(tools, actor, [change]);
  const answer = refusedBy(receipt);
  return answer ? { ok: false, answer } : readAgain(tools, tenantId);
}

/** The tenant with all that is in it. Answers as it was. */
export async function deleteTenant(tools: Tools, actor: Actor, tenantId: string): Promise<Result> {
  const tenant = await readTenant(tools, tenantId);
  if (!tenant) return { ok: false, answer: GONE };
  const [receipt] = await submit(tools, actor, [
    { entityType: 'Tenant', id: tenantId, operation: 'DELETE', fields: {} },
  ]);
  const answer = refusedBy(receipt);
  return answer ? { ok: false, answer } : { ok: true, tenant };
}

async function readAgain(tools: Tools, tenantId: string): Promise<Result> {
  const tenant = await readTenant(tools, tenantId);
  return tenant ? { ok: true, tenant } : { ok: false, answer: GONE };
}

const isCalled = ({ fields }: RecordState, name: string): boolean => fields.name === name;

const refusal = (status: number, code: 'UNIQUE' | 'FORBIDDEN', detail: string): RestAnswer => ({
  status,
  body: { detail: errorText(code, detail), code },
});

/** Apps look for these words, and take them for success: they send a tenant again when an answer was lost. */
const DUPLICATE = refusal(400, 'UNIQUE', 'A tenant of this id or name already exists for this user.');

const GONE = refusal(404, 'FORBIDDEN', 'No tenant of yours has this id.');
