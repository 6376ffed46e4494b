/** A conflict, and what became of it, in the wire's words: *local* is the server's side, *remote* the client's. */
import type { ConflictResolution, ConflictView } from '../../engine/conflict-view.ts';
import { sideText } from './wire-json.ts';
import type { WireDomain, WireType } from './wire-type.ts';

export interface WireConflict {
  readonly id: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly conflictType: string;
  readonly localVersion: number;
  readonly remoteVersion: number;
  readonly localData: string;
  readonly remoteData: string;
  readonly baseData: string | null;
  readonly conflictedFields: readonly string[];
  readonly timestamp: number;
  readonly localTimestamp: number;
  readonly remoteTimestamp: number;
  readonly status: string;
  readonly strategy: string;
  readonly winner: string | null;
  readonly resolvedAt: number | null;
  readonly clientId: string | null;
  readonly index: number | null;
}

/** `row`: where it stood in the bulk input that met the conflict, if it was one. */
export function encodeConflict(
  wire: WireDomain,
  conflict: ConflictView,
  row: { readonly clientId: string | null; readonly index: number } | null = null,
): WireConflict {
  const type = typeOf(wire, conflict);
  return {
    id: conflict.id,
    entityType: type.entity.name,
    entityId: conflict.entityId,
    conflictType: conflict.conflictType,
    localVersion: conflict.serverVersion,
    remoteVersion: conflict.clientVersion,
    localData: sideText(type, conflict.server),
    remoteData: sideText(type, conflict.clientDeletes ? null : conflict.client),
    baseData: conflict.base && sideText(type, conflict.base),
    conflictedFields: conflict.fields.map((field) => type.wireNames.get(field) ?? field),
    timestamp: conflict.createdAt,
    localTimestamp: conflict.serverTime,
    remoteTimestamp: conflict.clientTime,
    status: conflict.status,
    strategy: conflict.strategy,
    winner: conflict.winner,
    resolvedAt: conflict.resolvedAt,
    clientId: row?.clientId ?? null,
    index: row?.index ?? null,
  };
}

export function encodeResolution(wire: WireDomain, resolution: ConflictResolution) {
  const { conflictId, strategy, resolvedData, resolvedAt, resolvedBy, newEntityId, version } = resolution;
  return {
    conflictId,
    strategy,
    resolvedData: resolvedData && sideText(typeOf(wire, resolution), resolvedData),
    resolvedAt,
    resolvedBy,
    newEntityId,
    syncVersion: version,
  };
}

function typeOf(wire: WireDomain, { type: key }: { readonly type: string }): WireType {
  const type = wire.byKey.get(key);
  if (!type) throw new Error(`${key} is no type of ${wire.name}`);
  return type;
}
