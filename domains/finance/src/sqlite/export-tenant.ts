/** All live records of a tenant, from one moment, as a SQLite file that the original server's tools can read. */
import { bareId, type RecordState } from '@ackord/core';
import type { Actor, CallError, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { encodeEntity } from '../wire/encode.ts';
import { TYPE_NAMES, typeKeyOf } from '../wire/type-names.ts';
import { type TenantRecord, writeTenantDatabase } from './tenant-file.ts';

export type Exported =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly records: number }
  /** `error` null: the server is busy with other files, or the tenant is too large for one. */
  | { readonly ok: false; readonly error: CallError | null };

export async function exportTenant(
  engine: Pick<Engine, 'wholeScope'>,
  actor: Actor,
  tenantId: string,
): Promise<Exported> {
  const records: TenantRecord[] = [];
  const read = await engine.wholeScope({
    actor,
    domain: 'finance',
    scope: tenantScope(tenantId),
    onPage: (page) => {
      for (const record of page) if (record.tombstone === null) records.push(...tenantRecordOf(record));
    },
  });
  if (!read.ok) return { ok: false, error: read };
  const bytes = await writeTenantDatabase(records);
  return bytes === null ? { ok: false, error: null } : { ok: true, bytes, records: records.length };
}

const typesByKey = new Map(TYPE_NAMES.map((name) => [typeKeyOf(name), name]));

/** None for records that apps do not see. */
function tenantRecordOf({ type: key, id, fields }: RecordState): TenantRecord[] {
  const type = typesByKey.get(key);
  const bare = bareId(id);
  return type === undefined ? [] : [{ type, id: bare, fields: JSON.parse(encodeEntity(type, bare, fields)) }];
}
