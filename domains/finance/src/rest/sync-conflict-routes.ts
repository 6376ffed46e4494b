/** A tenant's conflicts: the list, deciding one, and bringing the loser of one back. */
import { equalJson, type JsonValue } from '@ackord/core';
import {
  answerJson,
  type ConflictView,
  type RestAnswer,
  type RestRoute,
  refuse,
  refuseFaults,
  restRoute,
} from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, type TenantAccess } from '../access.ts';
import { CONFLICT, conflictJson, typeOfConflict } from '../models/conflict-json.ts';
import { manualFields } from '../models/manual-fields.ts';
import { typeNameOf } from '../wire/type-names.ts';
import { type Call, callerIn, TENANT_PARAMS } from './calls.ts';
import {
  CURSOR_REFUSED,
  EDITOR,
  LIST_QUERY,
  MEMBER,
  NEXT_CURSOR,
  NOT_YOURS,
  noteAct,
  refusedCall,
  SYNC,
  type SyncTools,
  seconds,
  typeText,
} from './sync-tools.ts';

export const syncConflictRoutes = (tools: SyncTools): RestRoute[] => [
  list(tools),
  resolve(tools),
  undo(tools),
];

const STATUSES = { pending: 'pending', resolved: 'resolved' } as const;

const list = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/conflicts/{tenant_id}',
    tag: SYNC,
    summary: 'Lists the conflicts of a tenant, newest first',
    description: 'Also those that were resolved by themselves: each can be undone.',
    access: MEMBER,
    params: TENANT_PARAMS,
    query: LIST_QUERY.extend({
      status: z.enum(['pending', 'resolved']).optional(),
      entity_type: typeText.optional().describe('In any case.'),
    }),
    answers: {
      200: {
        description: 'A page.',
        schema: z.object({
          tenant_id: z.string(),
          conflicts: z.array(CONFLICT),
          last_check: seconds,
          next_cursor: NEXT_CURSOR,
        }),
      },
      ...NOT_YOURS,
    },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.params.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { limit, cursor = null, since = null, status, entity_type } = call.query;
      const { tenantId } = access;
      const page = await tools.models.listConflicts({
        tenantId,
        limit,
        cursor,
        since,
        status: status ? STATUSES[status] : null,
        // What is no type has no conflicts.
        entityType: entity_type === undefined ? null : (typeNameOf(entity_type) ?? entity_type.slice(0, 64)),
      });
      if (page === null) return CURSOR_REFUSED;
      return answerJson({
        tenant_id: tenantId,
        conflicts: page.rows.flatMap((row) => conflictJson(row) ?? []),
        last_check: Math.floor(tools.now() / 1_000),
        next_cursor: page.cursor,
      });
    },
  });

const PARAMS = TENANT_PARAMS.extend({ conflict_id: z.string().max(64) });
const DECIDED = z
  .object({ success: z.literal(true), tenant_id: z.string(), conflict: CONFLICT })
  .meta({ id: 'DecidedConflict', description: 'A conflict as it was decided.' });
const ANSWERS = {
  200: { description: 'It is decided; asked again, the same answer.', schema: DECIDED },
  400: { description: 'It can’t be decided in this way.' },
  409: {
    description:
      'The record has changed since, or somebody has decided otherwise; `conflict` is how it stands now.',
  },
  ...NOT_YOURS,
};

const resolve = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/sync/conflicts/{tenant_id}/{conflict_id}/resolve',
    tag: SYNC,
    summary: 'Decides a conflict',
    description: 'The decision is an ordinary change: apps hear of it, and history is kept.',
    access: EDITOR,
    params: PARAMS,
    body: z.object({
      strategy: z.enum(['local', 'server', 'manual']),
      data: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('With `manual`: the fields as they are to be, under their names on the wire.'),
    }),
    answers: ANSWERS,
    async handle(call) {
      const found = await findConflict(tools, call, call.params);
      if (!('conflict' in found)) return found;
      const { strategy, data } = call.body;
      if (strategy !== 'manual')
        return decide(tools, found, { side: strategy === 'local' ? 'client' : 'server' }, 'resolve');
      if (data === undefined)
        return refuseFaults([{ loc: ['body', 'data'], msg: 'Field required', type: 'missing' }]);
      const fields = await readManual(tools, found, data);
      if (fields.ok) return decide(tools, found, { fields: fields.fields }, 'resolve');
      const loc = ['body', 'data', ...(fields.field === null ? [] : [fields.field])];
      return refuseFaults([{ loc, msg: fields.message, type: 'invalid' }]);
    },
  });

const undo = (tools: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/sync/conflicts/{tenant_id}/{conflict_id}/undo',
    tag: SYNC,
    summary: 'Brings back the side that lost',
    access: EDITOR,
    params: PARAMS,
    answers: ANSWERS,
    async handle(call) {
      const found = await findConflict(tools, call, call.params);
      if (!('conflict' in found)) return found;
      const { winner, resolution } = found.conflict;
      if (resolution !== null) return decidedAlready(found.conflict);
      if (winner !== 'client' && winner !== 'server')
        return refuse({
          status: 400,
          code: 'STRATEGY_IMPOSSIBLE',
          detail: 'Neither side has lost it as a whole; decide it with the strategy local, server or manual.',
        });
      return decide(tools, found, { side: winner === 'client' ? 'server' : 'client' }, 'undo');
    },
  });

interface Found {
  readonly access: Extract<TenantAccess, { ok: true }>;
  readonly conflict: ConflictView;
}

async function findConflict(
  tools: SyncTools,
  call: Call,
  params: z.output<typeof PARAMS>,
): Promise<Found | RestAnswer> {
  const access = await accessToTenant(tools.engine, callerIn(tools, call), params.tenant_id, 'EDITOR');
  if (!access.ok) return refuse(access.refusal);
  const isName = params.conflict_id.isWellFormed() && !params.conflict_id.includes('\0');
  const conflict = isName ? await tools.models.conflict(access.tenantId, params.conflict_id) : null;
  if (!conflict || typeOfConflict(conflict) === null)
    return refuse({ status: 404, code: 'NOT_FOUND', detail: 'The tenant has no conflict of this id.' });
  return { access, conflict };
}

async function readManual(
  { engine }: SyncTools,
  { access, conflict }: Found,
  data: { readonly [key: string]: unknown },
) {
  const typeName = typeOfConflict(conflict)!;
  const key = { type: conflict.type, id: conflict.entityId };
  const [record] = await engine.records(access.actor, [key]);
  const current = record?.fields ?? { ...conflict.server, ...conflict.client };
  return manualFields(typeName, conflict.entityId, current, data);
}

type Decision =
  | { readonly side: 'client' | 'server' }
  | { readonly fields: { readonly [field: string]: unknown } };

async function decide(
  tools: SyncTools,
  { access, conflict }: Found,
  decision: Decision,
  act: 'resolve' | 'undo',
): Promise<RestAnswer> {
  const { tenantId, actor } = access;
  if (conflict.resolution !== null && !isSameDecision(conflict, decision)) return decidedAlready(conflict);
  const result = await tools.engine.resolve({
    actor,
    domain: 'finance',
    conflictId: conflict.id,
    strategy: 'MANUAL_RESOLUTION',
    resolvedFields: 'fields' in decision ? decision.fields : null,
    ...('side' in decision && { side: decision.side }),
    device: null,
  });
  if (!result.ok) {
    const refused = refusedCall(result);
    if (!result.conflict) return refused;
    return { ...refused, body: { ...(refused.body as object), conflict: conflictJson(result.conflict) } };
  }
  await noteAct(
    tools,
    tenantId,
    actor,
    act,
    conflict.id,
    'side' in decision ? { side: decision.side } : null,
  );
  const after = await tools.models.conflict(tenantId, conflict.id);
  return answerJson({ success: true, tenant_id: tenantId, conflict: conflictJson(after ?? conflict) });
}

/** A person has decided it: asked for the same again, it is answered alike, and nothing else can be asked of it. */
function isSameDecision({ winner, resolution }: ConflictView, decision: Decision): boolean {
  if ('side' in decision) return winner === decision.side;
  const made = resolution?.resolvedData ?? {};
  return (
    winner === 'mixed' &&
    Object.entries(decision.fields).every(([name, value]) => equalJson(value as JsonValue, made[name]))
  );
}

const decidedAlready = (conflict: ConflictView): RestAnswer =>
  answerJson(
    {
      detail:
        'It was decided before, as `conflict` shows. What was decided is changed by editing the record.',
      code: 'CONFLICT_MOVED',
      conflict: conflictJson(conflict),
    },
    409,
  );
