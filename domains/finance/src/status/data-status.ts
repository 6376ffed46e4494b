/** What a tenant holds, as checksums: `data_status_response` on sockets and `data-status` over REST. */
import type { Actor, CallResult, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { TYPE_NAMES, type TypeName, typeNameOf } from '../wire/type-names.ts';
import type { EntityChecksums, TenantChecksums } from './tenant-checksums.ts';

export interface DataStatus {
  readonly type: 'data_status_response';
  readonly tenant_id: string;
  readonly entity_checksums: EntityChecksums;
  /** When something was last committed in the tenant, seconds since 1970; 0: never. */
  readonly last_sync_time: number;
  readonly server_time: number;
}

export interface StatusTools {
  readonly engine: Pick<Engine, 'lastCommit'>;
  readonly checksums: TenantChecksums;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Types by names in any case; what is no type is left out. null: all nine. */
export function typesNamed(names: readonly unknown[] | null): readonly TypeName[] | null {
  if (names === null) return null;
  const named = new Set(names.map(typeNameOf));
  return TYPE_NAMES.filter((name) => named.has(name));
}

/** `entityTypes`: as the caller named them; null: all nine. */
export async function readDataStatus(
  { engine, checksums, now }: StatusTools,
  actor: Actor,
  tenantId: string,
  entityTypes: readonly unknown[] | null,
): Promise<CallResult<{ readonly status: DataStatus }>> {
  const read = await checksums.of(actor, tenantId, typesNamed(entityTypes));
  if (!read.ok) return read;
  const status: DataStatus = {
    type: 'data_status_response',
    tenant_id: tenantId,
    entity_checksums: read.entityChecksums,
    last_sync_time: (await lastSyncSeconds(engine, actor, tenantId)) ?? 0,
    server_time: Math.floor(now() / 1_000),
  };
  return { ok: true, status };
}

/** null: nothing has ever been committed there. */
export async function lastSyncSeconds(
  engine: Pick<Engine, 'lastCommit'>,
  actor: Actor,
  tenantId: string,
): Promise<number | null> {
  const at = await engine.lastCommit(actor, tenantScope(tenantId));
  return at === null ? null : Math.floor(at / 1_000);
}

/** The text of the answer, with its keys in the order of the original. */
export const dataStatusResponse = (status: DataStatus): string => JSON.stringify(status);
