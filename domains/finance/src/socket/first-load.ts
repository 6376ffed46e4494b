/**
 * All of a tenant for an app that has just connected: the load itself, and behind it what the app does not take from a
 * load: deletions, and categories that it knows in an older form. Encoded once for a position of the tenant, and cached
 * for others who ask at the same position, here or at another server. Who asks is looked at every time.
 */
import { bareId, LIMITS, type RecordState } from '@ackord/core';
import type { Actor, CachedPages, CallResult, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateText } from '../messages/data-update.ts';
import { encodeEntity } from '../wire/encode.ts';
import { LIST_KEYS, TYPE_NAMES, type TypeName, typeNameOf } from '../wire/type-names.ts';
import { type FirstLoad, packLoad, unpackLoad } from './packed-load.ts';

export interface FirstLoads {
  of(actor: Actor, tenantId: string): Promise<CallResult<{ readonly load: FirstLoad }>>;
}

const encoder = new TextEncoder();

export function createFirstLoads(
  engine: Pick<Engine, 'wholeScope' | 'scopeDigests'>,
  cache: CachedPages,
): FirstLoads {
  const underWay = new Map<string, Promise<CallResult<{ readonly load: FirstLoad }>>>();
  /** What was unpacked before, as long as its bytes are kept. */
  const unpacked = new WeakMap<Uint8Array, FirstLoad>();

  const nameOf = (tenantId: string, head: number) => ({
    scope: tenantScope(tenantId),
    head,
    filter: 'all',
    format: 'finance-load-1',
  });

  const read = async (actor: Actor, tenantId: string): Promise<CallResult<{ readonly load: FirstLoad }>> => {
    const collected = collector(tenantId);
    const result = await engine.wholeScope({
      actor,
      domain: 'finance',
      scope: tenantScope(tenantId),
      onPage: collected.add,
    });
    if (!result.ok) return result;
    const load = collected.load(result.head);
    cache.set(nameOf(tenantId, result.head), packLoad(load));
    return { ok: true, load };
  };

  const kept = async (tenantId: string, head: number): Promise<FirstLoad | null> => {
    const bytes = await cache.get(nameOf(tenantId, head));
    const load = bytes && (unpacked.get(bytes) ?? unpackLoad(bytes));
    if (bytes && load) unpacked.set(bytes, load);
    return load;
  };

  return {
    async of(actor, tenantId) {
      // What is kept was read for somebody else: a scope that is not the caller's is left out here.
      const [state] = await engine.scopeDigests(actor, [tenantScope(tenantId)]);
      const load = state ? await kept(tenantId, state.head) : null;
      if (load) return { ok: true, load };
      const key = `${tenantId} ${actor.userId}`;
      const running = underWay.get(key) ?? read(actor, tenantId).finally(() => underWay.delete(key));
      underWay.set(key, running);
      return running;
    },
  };
}

function collector(tenantId: string): {
  readonly add: (records: readonly RecordState[]) => void;
  readonly load: (head: number) => FirstLoad;
} {
  const lists = new Map<TypeName, string[]>(TYPE_NAMES.map((name) => [name, []]));
  let deletions: { typeName: TypeName; id: string }[] = [];
  let categories: string[] = [];
  let records = 0;
  const add = (page: readonly RecordState[]): void => {
    for (const { type, id: qualified, fields, tombstone } of page) {
      const typeName = typeNameOf(type.slice(type.indexOf('.') + 1));
      if (typeName === null) continue;
      const id = bareId(qualified);
      if (tombstone !== null) {
        deletions.push({ typeName, id });
        continue;
      }
      const entity = encodeEntity(typeName, id, fields);
      lists.get(typeName)?.push(entity);
      if (typeName === 'Category') categories.push(entity);
      records++;
    }
    // Pages come in order of seq: the last ones are the newest.
    if (deletions.length > 2 * LIMITS.deletionsToldMax) deletions = deletions.slice(-LIMITS.deletionsToldMax);
  };
  const load = (head: number): FirstLoad => {
    const tenant = JSON.stringify(tenantId);
    const payload = TYPE_NAMES.map((name) => `"${LIST_KEYS[name]}":[${lists.get(name)?.join(',')}]`);
    const texts = [
      `{"type":"initial_data_load","event_type":"initial_data_load","tenant_id":${tenant},"payload":{${payload.join(',')}}}`,
      ...deletions
        .slice(-LIMITS.deletionsToldMax)
        .map(({ typeName, id }) =>
          dataUpdateText(tenantId, { typeName, id, operation: 'delete', entity: JSON.stringify({ id }) }),
        ),
      ...categories.map((entity) =>
        dataUpdateText(tenantId, { typeName: 'Category', id: '', operation: 'update', entity }),
      ),
    ];
    categories = [];
    return { head, records, frames: texts.map((text) => encoder.encode(text)) };
  };
  return { add, load };
}
