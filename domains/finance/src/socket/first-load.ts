/**
 * All of a tenant for an app that has just connected: the load itself, and behind it what the app does not take from a
 * load: deletions, and categories that it knows in an older form. Encoded once for a position of the tenant, and kept
 * for others who ask at the same position.
 */
import { bareId, LIMITS, type RecordState } from '@ackord/core';
import type { Actor, CallResult, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateText } from '../messages/data-update.ts';
import { encodeEntity } from '../wire/encode.ts';
import { LIST_KEYS, TYPE_NAMES, type TypeName, typeNameOf } from '../wire/type-names.ts';

export interface FirstLoad {
  /** The position of the tenant that it stands for. */
  readonly head: number;
  readonly records: number;
  /**
   * `initial_data_load`, then updates, in the order in which they are to be sent. Apps take no second load of a socket, but
   * they would take its updates, whatever they have done meanwhile: so the first frame alone is sent again.
   */
  readonly frames: readonly Uint8Array[];
}

export interface FirstLoads {
  of(actor: Actor, tenantId: string): Promise<CallResult<{ readonly load: FirstLoad }>>;
}

const encoder = new TextEncoder();

export function createFirstLoads(engine: Pick<Engine, 'wholeScope' | 'scopes' | 'news'>): FirstLoads {
  const kept = new Map<string, { readonly load: FirstLoad; readonly bytes: number }>();
  const underWay = new Map<string, Promise<CallResult<{ readonly load: FirstLoad }>>>();
  let keptBytes = 0;

  const keep = (tenantId: string, load: FirstLoad): void => {
    forget(tenantId);
    const bytes = load.frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    if (bytes > LIMITS.loadsKeptBytesMax / 4) return;
    kept.set(tenantId, { load, bytes });
    keptBytes += bytes;
    for (const oldest of kept.keys()) {
      if (keptBytes <= LIMITS.loadsKeptBytesMax) break;
      forget(oldest);
    }
  };
  const forget = (tenantId: string): void => {
    keptBytes -= kept.get(tenantId)?.bytes ?? 0;
    kept.delete(tenantId);
  };

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
    keep(tenantId, load);
    return { ok: true, load };
  };

  return {
    async of(actor, tenantId) {
      // Also looks at whether the caller may see it: what is kept was read for somebody else.
      const known = kept.get(tenantId);
      const scope = tenantScope(tenantId);
      if (known) {
        const news = await engine.news(actor, 'finance', { scope, after: known.load.head });
        if (!news.ok) return news;
        if (news.news === null) return { ok: true, load: known.load };
      }
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
