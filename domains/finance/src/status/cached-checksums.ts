/**
 * The checksums of a tenant as caches keep them: JSON of all lists, for one position of the tenant. Only what stands for
 * the tenant's newest position is used, for nobody could tell what has been trimmed behind an older one.
 */
import type { Actor, CachedPages, Engine, PageName } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { TYPE_NAMES, type TypeName } from '../wire/type-names.ts';
import type { ChecksumsByType, EntityChecksum } from './tenant-checksums.ts';

export interface CachedChecksums {
  readonly head: number;
  readonly byType: ChecksumsByType;
}

type List = readonly [type: TypeName, checksums: readonly EntityChecksum[]];

const pageOf = (tenantId: string, head: number): PageName => ({
  scope: tenantScope(tenantId),
  head,
  filter: 'all',
  format: 'finance-checksums-1',
});

/** null: there are none for where the tenant is now, or it is not the caller's. */
export async function readCachedChecksums(
  { engine, cache }: { readonly engine: Pick<Engine, 'scopeDigests'>; readonly cache: CachedPages },
  actor: Actor,
  tenantId: string,
): Promise<CachedChecksums | null> {
  const [state] = await engine.scopeDigests(actor, [tenantScope(tenantId)]);
  const bytes = state && (await cache.get(pageOf(tenantId, state.head)));
  const byType = bytes ? listsIn(bytes) : null;
  return state && byType ? { head: state.head, byType } : null;
}

export function cacheChecksums(
  cache: CachedPages,
  tenantId: string,
  head: number,
  byType: ChecksumsByType,
): void {
  const lists: readonly List[] = TYPE_NAMES.map((name) => [name, [...(byType.get(name)?.values() ?? [])]]);
  cache.set(pageOf(tenantId, head), new TextEncoder().encode(JSON.stringify(lists)));
}

/** null: they are no lists of checksums. */
function listsIn(bytes: Uint8Array): ChecksumsByType | null {
  try {
    const lists = JSON.parse(new TextDecoder().decode(bytes)) as readonly List[];
    const byType = new Map(
      lists.map(([name, list]) => [name, new Map(list.map((one) => [one.entity_id, one]))]),
    );
    return TYPE_NAMES.every((name) => byType.has(name)) ? byType : null;
  } catch {
    return null;
  }
}
