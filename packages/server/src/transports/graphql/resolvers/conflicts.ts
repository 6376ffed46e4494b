/** getConflicts and resolveConflict. */
import { type ConflictStrategy, LIMITS, validateFields } from '@ackord/core';
import { requireActor } from '../context.ts';
import { encodeConflict, encodeResolution } from '../encode-conflict.ts';
import { CallRefused, refusal } from '../errors.ts';
import { inRange } from '../in-range.ts';
import type { Resolver } from '../resolver.ts';
import { readFieldsText } from '../wire-json.ts';
import type { WireDomain } from '../wire-type.ts';
import { checkType } from './enhanced-sync.ts';

interface ConflictArgs {
  readonly entityType?: string | null;
  readonly limit?: number | null;
}

export const getConflicts: Resolver<unknown, ConflictArgs> = async (
  _source,
  { entityType, limit },
  context,
) => {
  const { engine, wire } = context;
  const actor = requireActor(context);
  if (entityType) checkType(wire, entityType);
  const conflicts = await engine.conflicts({
    actor,
    domain: wire.name,
    type: entityType || null,
    limit: inRange('limit', limit ?? LIMITS.conflictsDefault, LIMITS.conflictsMax),
  });
  return conflicts.map((conflict) => encodeConflict(wire, conflict));
};

interface ResolveArgs {
  readonly conflictId: string;
  readonly strategy: ConflictStrategy;
  readonly resolvedData?: string | null;
}

export const resolveConflict: Resolver<unknown, ResolveArgs> = async (_source, args, context) => {
  const { engine, wire, device } = context;
  const actor = requireActor(context);
  const hasData = (args.resolvedData ?? null) !== null;
  if (hasData && args.strategy !== 'MANUAL_RESOLUTION') throw refusal('BAD_USER_INPUT', DATA_RULE);
  const result = await engine.resolve({
    actor,
    domain: wire.name,
    conflictId: args.conflictId,
    strategy: args.strategy,
    resolvedFields: (entityType) => resolvedFieldsOf(wire, entityType, args.resolvedData),
    device,
  });
  if (result.ok) return encodeResolution(wire, result.resolution);
  const { code, message, conflict } = result;
  throw new CallRefused(code, message, 0, conflict && { conflict: encodeConflict(wire, conflict) });
};

const DATA_RULE =
  'Only MANUAL_RESOLUTION takes resolvedData; the other strategies choose between values that are there.';

function resolvedFieldsOf(
  wire: WireDomain,
  entityType: string,
  text: string | null | undefined,
): Record<string, unknown> | null {
  if (text === undefined || text === null) return null;
  const type = wire.byName.get(entityType);
  if (!type) throw new Error(`${entityType} is no type of ${wire.name}`);
  const read = readFieldsText(type.inputByName, 'resolvedData', text);
  if (!read.ok) throw refusal('BAD_USER_INPUT', `${read.field} ${read.message}.`);
  // The engine asks the same, but knows the stored names alone.
  const valid = validateFields(type.entity, read.fields);
  if (valid.ok) return read.fields;
  const name = valid.field === null ? '' : (type.wireNames.get(valid.field) ?? valid.field);
  throw refusal('BAD_USER_INPUT', `resolvedData.${name} ${valid.message}.`);
}
