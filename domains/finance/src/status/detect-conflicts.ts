/**
 * Where an app and the server differ: what both have in different forms, what only one of them has. Checksums and times
 * are compared; types that the app does not mention are not looked at.
 */
import type { Actor, CallResult } from '@ackord/server';
import { type TypeName, typeNameOf } from '../wire/type-names.ts';
import type { EntityChecksum, TenantChecksums } from './tenant-checksums.ts';

export interface ClientChecksum {
  readonly entity_id: string;
  readonly checksum: string;
  /** Seconds or milliseconds since 1970. */
  readonly last_modified?: number | null | undefined;
}

/** By entity type, named in any case. */
export type ClientChecksums = { readonly [type: string]: readonly ClientChecksum[] };

export interface DetectedConflict {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly local_checksum: string;
  readonly server_checksum: string;
  /** As the app sent it. */
  readonly local_last_modified: number | null;
  /** Seconds since 1970. */
  readonly server_last_modified: number;
}

export interface EntityName {
  readonly entity_type: string;
  readonly entity_id: string;
}

export interface Detected {
  readonly conflicts: readonly DetectedConflict[];
  readonly local_only: readonly EntityName[];
  readonly server_only: readonly EntityName[];
}

export async function detectConflicts(
  { checksums }: { readonly checksums: TenantChecksums },
  actor: Actor,
  tenantId: string,
  sent: ClientChecksums,
): Promise<CallResult<{ readonly detected: Detected }>> {
  const known = Object.keys(sent).flatMap((name) => typeNameOf(name) ?? []);
  const read = await checksums.of(actor, tenantId, known);
  if (!read.ok) return read;
  const detected: { [Key in keyof Detected]: Detected[Key][number][] } = {
    conflicts: [],
    local_only: [],
    server_only: [],
  };
  for (const [typeName, mine] of byType(sent)) {
    const theirs = new Map(
      (typeNameOf(typeName) === null ? [] : (read.entityChecksums[typeName as TypeName] ?? [])).map((one) => [
        one.entity_id,
        one,
      ]),
    );
    for (const one of mine) {
      const name = { entity_type: typeName, entity_id: one.entity_id };
      const other = theirs.get(one.entity_id);
      if (!other) detected.local_only.push(name);
      else if (differs(one, other)) detected.conflicts.push(conflictOf(typeName, one, other));
    }
    const mentioned = new Set(mine.map(({ entity_id }) => entity_id));
    for (const entityId of theirs.keys())
      if (!mentioned.has(entityId)) detected.server_only.push({ entity_type: typeName, entity_id: entityId });
  }
  return { ok: true, detected };
}

/** One list per type, though it may be named twice in different cases. What is no type here is the app's alone. */
function byType(sent: ClientChecksums): ReadonlyMap<string, readonly ClientChecksum[]> {
  const lists = new Map<string, readonly ClientChecksum[]>();
  for (const [name, list] of Object.entries(sent)) {
    const typeName = typeNameOf(name) ?? name;
    lists.set(typeName, [...(lists.get(typeName) ?? []), ...list]);
  }
  return lists;
}

/** A moment in milliseconds is far in the future when it is read as one in seconds. */
const SECONDS_MAX = 100_000_000_000;

function differs(mine: ClientChecksum, theirs: EntityChecksum): boolean {
  if (mine.checksum.toLowerCase() !== theirs.checksum) return true;
  const time = mine.last_modified ?? null;
  if (time === null) return false;
  return Math.floor(time > SECONDS_MAX ? time / 1_000 : time) !== theirs.last_modified;
}

const conflictOf = (typeName: string, mine: ClientChecksum, theirs: EntityChecksum): DetectedConflict => ({
  entity_type: typeName,
  entity_id: theirs.entity_id,
  local_checksum: mine.checksum,
  server_checksum: theirs.checksum,
  local_last_modified: mine.last_modified ?? null,
  server_last_modified: theirs.last_modified,
});
