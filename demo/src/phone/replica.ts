/**
 * What a phone knows of the server's records: each at the version that it was received in. Edits that the server has
 * not answered yet are not in here (they wait in the outbox), so the digest of the replica can be compared.
 */
import { createHash } from 'node:crypto';
import { type Digest, DigestDelta, type EntityType, type Fields, recordChecksum } from '@ackord/core';
import { type EntityName, entityTypeOf, entityTypes, registry } from './wire.ts';

export interface ReplicaRecord {
  readonly type: EntityType;
  readonly id: string;
  readonly version: number;
  /** Every field of the type, under its stored name. */
  readonly fields: Fields;
}

export interface ScopeTypeDigest {
  readonly scope: string;
  readonly entityType: string;
  readonly digest: Digest;
}

export interface Replica {
  get(name: EntityName, id: string): ReplicaRecord | null;
  all(name: EntityName): readonly ReplicaRecord[];
  /** An older version than the one that is there changes nothing: a repeated answer never takes a replica back. */
  put(record: ReplicaRecord): void;
  /** Takes a record away, and all that belongs to it. */
  drop(name: EntityName, id: string): void;
  dropScope(scope: string): void;
  /** The id has turned out to mean another record. Records keep naming it as they did; `canonical` says what it means. */
  alias(name: EntityName, id: string, canonicalId: string): void;
  canonical(name: EntityName, id: string): string;
  clear(): void;
  readonly size: number;
  /** Per scope and type, as the server keeps them; scopes and types without records are not among them. */
  digests(): readonly ScopeTypeDigest[];
}

/** `userId`: whose journal it is; tags, categories and wishes lie in that user's own scope. */
export function createReplica(userId: string): Replica {
  const records = new Map(entityTypes.map(({ key }) => [key, new Map<string, ReplicaRecord>()]));
  const of = (key: string): Map<string, ReplicaRecord> => {
    const found = records.get(key);
    if (!found) throw new Error(`The journal has no type ${key}`);
    return found;
  };
  const aliases = new Map<string, string>();
  const everything = () => [...records.values()].flatMap((byId) => [...byId.values()]);

  const scopeOf = ({ type, id, fields }: ReplicaRecord): string => {
    if (typeof type.scope === 'object') return `${type.scope.root}:${id}`;
    if (type.scope !== 'owner' || !type.owner) return `user:${userId}`;
    const owner = of(type.owner.type).get(String(fields[type.owner.field]));
    if (!owner) throw new Error(`${type.name} ${id} has come without what it belongs to`);
    return scopeOf(owner);
  };

  const dropWithChildren = (type: EntityType, id: string): void => {
    of(type.key).delete(id);
    for (const key of type.children) {
      const child = registry.type(key);
      if (child.internal) continue;
      for (const record of of(key).values()) {
        if (record.fields[child.owner?.field ?? ''] === id) dropWithChildren(child, record.id);
      }
    }
  };

  return {
    get: (name, id) => of(entityTypeOf(name).key).get(id) ?? null,
    all: (name) => [...of(entityTypeOf(name).key).values()],
    put(record) {
      const known = of(record.type.key).get(record.id);
      if (!known || known.version <= record.version) of(record.type.key).set(record.id, record);
    },
    drop(name, id) {
      dropWithChildren(entityTypeOf(name), id);
      aliases.delete(`${name} ${id}`);
    },
    alias: (name, id, canonicalId) => void aliases.set(`${name} ${id}`, canonicalId),
    canonical: (name, id) => aliases.get(`${name} ${id}`) ?? id,
    dropScope(scope) {
      for (const record of everything().filter((one) => scopeOf(one) === scope))
        of(record.type.key).delete(record.id);
    },
    clear() {
      for (const byId of records.values()) byId.clear();
      aliases.clear();
    },
    get size() {
      return [...records.values()].reduce((sum, { size }) => sum + size, 0);
    },
    digests: () => digestsOf(everything(), scopeOf),
  };
}

function digestsOf(
  records: readonly ReplicaRecord[],
  scopeOf: (record: ReplicaRecord) => string,
): ScopeTypeDigest[] {
  const sums = new Map<string, { scope: string; entityType: string; sum: DigestDelta }>();
  for (const record of records) {
    const [scope, entityType] = [scopeOf(record), record.type.name];
    const key = `${scope} ${entityType}`;
    const entry = sums.get(key) ?? { scope, entityType, sum: new DigestDelta() };
    const { id, version, fields } = record;
    entry.sum.add(recordChecksum({ type: record.type.key, id, version, fields }, sha256));
    sums.set(key, entry);
  }
  return [...sums.values()].map(({ scope, entityType, sum }) => ({
    scope,
    entityType,
    digest: sum.digest(),
  }));
}

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
