/**
 * What a device holds of the server's state: records as they were received, never its own unsent edits. Applies pages
 * and receipts the way a client has to, and insists on what pages promise while it does.
 */
import {
  addToDigest,
  completeFields,
  type Digest,
  emptyDigest,
  equalJson,
  type Fields,
  type RecordState,
  type Registry,
  type Role,
  recordChecksum,
} from '@ackord/core';
import type { Acknowledged, Page } from '@ackord/server';
import { holds } from './violation.ts';

export const keyOf = (record: { readonly type: string; readonly id: string }): string =>
  `${record.type} ${record.id}`;

export interface Held {
  readonly scope: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly fields: Fields;
}

/** A change as the replica needs to know it when its receipt comes. */
export interface Sent {
  readonly type: string;
  readonly id: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly base: number;
  readonly fields: Fields;
}

export class Replica {
  readonly registry: Registry;
  readonly user: string;
  readonly records = new Map<string, Held>();
  /** Versions of records that are gone. */
  readonly graves = new Map<string, number>();
  readonly aliases = new Map<string, string>();
  /** The newest version that it ever held of each record: what it was told to drop it has seen. */
  readonly seen = new Map<string, number>();
  /** As the last page told: what the device surely had access to. */
  roles: ReadonlyMap<string, Role> = new Map();
  /** Scopes that it was told to drop: late receipts bring nothing of them back. */
  readonly lost = new Set<string>();
  /** Records that went with a lost scope (which one) and have not been named yet, for clients that know no scopes. */
  readonly #unnamed = new Map<string, string>();
  /** Records that came with a receipt, ahead of the feed: what they belong to may still be under way. */
  readonly #ahead = new Set<string>();

  constructor(registry: Registry, user: string) {
    this.registry = registry;
    this.user = user;
  }

  copy(): Replica {
    const copy = new Replica(this.registry, this.user);
    for (const scope of this.lost) copy.lost.add(scope);
    for (const [key, scope] of this.#unnamed) copy.#unnamed.set(key, scope);
    for (const key of this.#ahead) copy.#ahead.add(key);
    for (const [key, held] of this.records) copy.records.set(key, held);
    for (const [key, version] of this.graves) copy.graves.set(key, version);
    for (const [id, of] of this.aliases) copy.aliases.set(id, of);
    for (const [key, version] of this.seen) copy.seen.set(key, version);
    copy.roles = this.roles;
    return copy;
  }

  get(type: string, id: string): Held | null {
    return this.records.get(keyOf({ type, id: this.aliases.get(id) ?? id })) ?? null;
  }

  applyPage(page: Page): void {
    if (page.fullResync) {
      this.records.clear();
      this.graves.clear();
    }
    for (const scope of page.roles.keys()) this.lost.delete(scope);
    for (const record of page.records) {
      this.#ahead.delete(keyOf(record));
      this.receive(record);
    }
    // A lost scope goes at once; its records are named over as many pages as it takes.
    for (const scope of page.droppedScopes) this.#forget(scope);
    for (const key of page.dropped) this.#unnamed.delete(keyOf(key));
    // Access came back before all was named: all of it comes again.
    for (const [key, scope] of this.#unnamed) if (page.roles.has(scope)) this.#unnamed.delete(key);
    if (page.consistent) {
      holds('I5', this.#unnamed.size === 0, 'records of a lost scope that were never named', () => [
        ...this.#unnamed,
      ]);
      // Scopes that it never read, but made or wrote to: nobody knows that it has something of them.
      for (const { scope } of this.records.values()) if (!page.roles.has(scope)) this.#forget(scope);
      this.#unnamed.clear();
      this.#ahead.clear();
      this.roles = page.roles;
    }
  }

  #forget(scope: string): void {
    this.lost.add(scope);
    for (const [key, held] of this.records) {
      if (held.scope !== scope) continue;
      this.records.delete(key);
      if (this.roles.has(scope)) this.#unnamed.set(key, scope);
    }
  }

  /** Takes a state of a record, unless something newer is there. */
  receive(record: RecordState): void {
    if (this.lost.has(record.scope)) return;
    const key = keyOf(record);
    const held = this.records.get(key);
    if (record.tombstone === null) this.#put(record, held);
    else if (record.tombstone.kind === 'moved') {
      if (held?.scope === record.scope) this.records.delete(key);
    } else {
      if (record.tombstone.kind === 'alias') this.aliases.set(record.id, record.tombstone.of);
      else this.aliases.delete(record.id);
      if (held && held.version > record.version) return;
      this.records.delete(key);
      this.#bury(key, record.version);
    }
  }

  #put(record: RecordState, held: Held | undefined): void {
    const key = keyOf(record);
    if ((held?.version ?? this.graves.get(key) ?? 0) > record.version) return;
    if (held?.version === record.version) {
      holds(
        'I10',
        equalJson(held.fields, record.fields),
        'the replica took a version without its data',
        () => ({
          held,
          record,
        }),
      );
    }
    this.graves.delete(key);
    const { scope, type, id, version, fields } = record;
    this.#hold({ scope, type, id, version, fields });
  }

  #hold(held: Held): void {
    const key = keyOf(held);
    this.records.set(key, held);
    this.#noteSeen(key, held.version);
  }

  #bury(key: string, version: number): void {
    this.graves.set(key, Math.max(version, this.graves.get(key) ?? 0));
    this.#noteSeen(key, version);
  }

  #noteSeen(key: string, version: number): void {
    this.seen.set(key, Math.max(version, this.seen.get(key) ?? 0));
  }

  /** A receipt comes with the record wherever that is not exactly what was sent, on what the sender had. */
  acknowledge(sent: Sent, receipt: Acknowledged): void {
    if (receipt.canonicalId !== null) this.aliases.set(receipt.entityId, receipt.canonicalId);
    // It tells of then: the record may have changed since, or gone where its maker can't see it. The feed tells of now.
    if (receipt.replayed) return;
    if (sent.operation === 'DELETE' || receipt.record?.tombstone) this.#goAhead(sent);
    if (receipt.record) {
      this.#ahead.add(keyOf(receipt.record));
      this.receive(receipt.record);
    } else if (receipt.version !== null) this.#confirm(sent, receipt.version);
  }

  /** What a deleted record owned is still to go. */
  #goAhead(parent: { readonly type: string; readonly id: string }): void {
    for (const [key, held] of this.records) {
      const { owner } = this.registry.type(held.type);
      if (owner?.type !== parent.type || held.fields[owner.field] !== parent.id) continue;
      this.#ahead.add(key);
      this.#goAhead(held);
    }
  }

  #confirm(sent: Sent, version: number): void {
    const key = keyOf(sent);
    const held = this.records.get(key);
    if ((held?.version ?? this.graves.get(key) ?? 0) > version) return;
    if (sent.operation === 'DELETE') {
      this.records.delete(key);
      this.#bury(key, version);
      return;
    }
    // Something came in between: the feed brings what it is.
    if ((held?.version ?? 0) !== sent.base) return;
    const type = this.registry.type(sent.type);
    const fields = held ? { ...held.fields, ...sent.fields } : completeFields(type, sent.fields);
    const scope = held?.scope ?? this.#scopeOfNew(sent, fields);
    if (scope === null) return;
    this.graves.delete(key);
    this.#ahead.add(key);
    this.#hold({ scope, type: sent.type, id: sent.id, version, fields });
  }

  #scopeOfNew(sent: Sent, fields: Fields): string | null {
    const type = this.registry.type(sent.type);
    if (typeof type.scope === 'object') return `${type.scope.root}:${sent.id}`;
    if (type.owner) return this.get(type.owner.type, String(fields[type.owner.field]))?.scope ?? null;
    return `user:${this.user}`;
  }

  /** Records whose hard parent is not there, but for those that came ahead of the feed. */
  orphans(): readonly Held[] {
    return [...this.records.values()].filter((held) => {
      const { owner } = this.registry.type(held.type);
      if (owner === null || this.#ahead.has(keyOf(held))) return false;
      return !this.records.has(keyOf({ type: owner.type, id: String(held.fields[owner.field]) }));
    });
  }

  digest(scope: string, type: string): Digest {
    let digest = emptyDigest;
    for (const held of this.records.values())
      if (held.scope === scope && held.type === type) digest = addToDigest(digest, recordChecksum(held));
    return digest;
  }
}
