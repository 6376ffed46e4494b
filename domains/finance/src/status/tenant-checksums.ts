/**
 * The checksums of all records of a tenant, in the form of the wire. Each is computed once per version of its record and
 * kept in memory; who asks reads only what has moved since, so a look at a tenant in which nothing has happened costs two
 * short questions to the database. Tenants that nobody asks for are forgotten, beyond LIMITS.checksumsKeptMax records; a
 * server that has forgotten one, or has just begun, finds it in the cache, if the tenant has not moved since it was put there.
 * Promise: an answer holds all that was committed before it was asked for; nobody is answered who has no role there.
 */
import { bareId, errorText, LIMITS, parseInstant, type RecordState } from '@ackord/core';
import type { Actor, CachedPages, CallResult, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { entityChecksum } from '../checksum/entity-checksum.ts';
import { TYPE_NAMES, type TypeName, typeNameOf } from '../wire/type-names.ts';
import { cacheChecksums, readCachedChecksums } from './cached-checksums.ts';

export interface EntityChecksum {
  readonly entity_id: string;
  /** MD5, 32 hex digits. */
  readonly checksum: string;
  /** Seconds since 1970. */
  readonly last_modified: number;
}

export type EntityChecksums = { readonly [Type in TypeName]?: readonly EntityChecksum[] };

export interface TenantChecksums {
  /** `types`: null: all nine. */
  of(
    actor: Actor,
    tenantId: string,
    types: readonly TypeName[] | null,
  ): Promise<CallResult<{ readonly entityChecksums: EntityChecksums }>>;
}

export type ChecksumsByType = ReadonlyMap<TypeName, Map<string, EntityChecksum>>;

interface Kept {
  position: number;
  byType: ChecksumsByType;
  /** Records that are counted in the sum over all tenants. */
  counted: number;
  /** Reads take turns. */
  tail: Promise<unknown>;
  /** When the last read that came to its end began, by a counter. */
  readAt: number;
  /** When it was put into the cache, or came from there, milliseconds; and what position that was. */
  cachedAt: number;
  cachedPosition: number;
}

const nothing = (): ChecksumsByType =>
  new Map(TYPE_NAMES.map((name) => [name, new Map<string, EntityChecksum>()]));
const done = { ok: true } as const;

export interface TenantChecksumsParts {
  readonly engine: Pick<Engine, 'scopes' | 'news' | 'wholeScope' | 'scopeDigests'>;
  readonly cache: CachedPages;
  readonly keptMax?: number;
}

export function createTenantChecksums({
  engine,
  cache,
  keptMax = LIMITS.checksumsKeptMax,
}: TenantChecksumsParts): TenantChecksums {
  const tenants = new Map<string, Kept>();
  let total = 0;
  let clock = 0;

  const use = (tenantId: string): Kept => {
    const kept = tenants.get(tenantId) ?? {
      position: 0,
      byType: nothing(),
      counted: 0,
      tail: Promise.resolve(),
      readAt: 0,
      cachedAt: Number.NEGATIVE_INFINITY,
      cachedPosition: 0,
    };
    // The one that was used last stands last.
    tenants.delete(tenantId);
    tenants.set(tenantId, kept);
    return kept;
  };

  const count = (tenantId: string, kept: Kept): void => {
    if (tenants.get(tenantId) !== kept) return;
    let size = 0;
    for (const records of kept.byType.values()) size += records.size;
    total += size - kept.counted;
    kept.counted = size;
    for (const [oldest, other] of tenants) {
      if (total <= keptMax) break;
      tenants.delete(oldest);
      total -= other.counted;
    }
  };

  const takeCached = async (actor: Actor, tenantId: string, kept: Kept): Promise<void> => {
    const cached = await readCachedChecksums({ engine, cache }, actor, tenantId);
    if (!cached) return;
    kept.byType = cached.byType;
    kept.position = cached.head;
    kept.cachedPosition = cached.head;
    kept.cachedAt = performance.now();
  };

  const keepCached = (tenantId: string, kept: Kept): void => {
    const { position, byType, cachedAt, cachedPosition } = kept;
    const now = performance.now();
    if (position === cachedPosition || now - cachedAt < LIMITS.checksumsCachedMs) return;
    kept.cachedAt = now;
    kept.cachedPosition = position;
    cacheChecksums(cache, tenantId, position, byType);
  };

  /** Brings it to where the tenant is now. A read that began after the question was asked answers it too. */
  const refresh = (actor: Actor, tenantId: string, kept: Kept): Promise<CallResult<object>> => {
    const askedAt = clock++;
    const turn = kept.tail.then(async () => {
      if (kept.readAt > askedAt) return done;
      const beganAt = clock++;
      if (kept.position === 0) await takeCached(actor, tenantId, kept);
      const read = kept.position === 0 ? await readAll(engine, actor, tenantId, kept) : done;
      const result = read.ok ? await readNews(engine, actor, tenantId, kept) : read;
      if (result.ok) {
        kept.readAt = beganAt;
        keepCached(tenantId, kept);
      }
      count(tenantId, kept);
      return result;
    });
    kept.tail = turn.catch(() => {});
    return turn;
  };

  return {
    async of(actor, tenantId, types) {
      if (!(await engine.scopes(actor)).has(tenantScope(tenantId)))
        return { ok: false, code: 'FORBIDDEN', message: errorText('FORBIDDEN') };
      const kept = use(tenantId);
      const result = await refresh(actor, tenantId, kept);
      if (!result.ok) return result;
      const wanted = TYPE_NAMES.filter((name) => types === null || types.includes(name));
      const lists = wanted.map((name) => [name, [...(kept.byType.get(name)?.values() ?? [])]] as const);
      return { ok: true, entityChecksums: Object.fromEntries(lists) };
    },
  };
}

async function readAll(
  engine: Pick<Engine, 'wholeScope'>,
  actor: Actor,
  tenantId: string,
  kept: Kept,
): Promise<CallResult<object>> {
  const byType = nothing();
  const onPage = (records: readonly RecordState[]): void => {
    for (const record of records) note(byType, record);
  };
  const result = await engine.wholeScope({ actor, domain: 'finance', scope: tenantScope(tenantId), onPage });
  if (!result.ok) return result;
  kept.byType = byType;
  kept.position = result.head;
  return done;
}

async function readNews(
  engine: Pick<Engine, 'news'>,
  actor: Actor,
  tenantId: string,
  kept: Kept,
): Promise<CallResult<object>> {
  for (;;) {
    const read = await engine.news(actor, 'finance', { scope: tenantScope(tenantId), after: kept.position });
    if (!read.ok) return read;
    const { news } = read;
    if (news === null) return done;
    for (const { record } of news.moved) note(kept.byType, record);
    if (news.closed) kept.byType = nothing();
    kept.position = news.to;
    if (news.to >= news.head) return done;
  }
}

function note(byType: ChecksumsByType, { type, id, fields, tombstone, updatedAt }: RecordState): void {
  const typeName = typeNameOf(type.slice(type.indexOf('.') + 1));
  const records = typeName && byType.get(typeName);
  if (!records) return;
  const entityId = bareId(id);
  if (tombstone !== null) {
    records.delete(entityId);
    return;
  }
  const { editedAt } = fields;
  const modified = (typeof editedAt === 'string' ? parseInstant(editedAt) : null) ?? updatedAt;
  records.set(entityId, {
    entity_id: entityId,
    checksum: entityChecksum(typeName, entityId, fields),
    last_modified: Math.floor(modified / 1_000),
  });
}
