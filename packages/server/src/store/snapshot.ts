/**
 * A view of one moment on PostgreSQL: REPEATABLE READ, read only. Every read of user data names its scopes first, so
 * that row-level security stands behind it; what none of its callers has named is not there.
 */
import { LIMITS, type RecordState, type Registry } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import { groupBy } from '../engine/group-by.ts';
import { firstMade } from '../engine/order-of-making.ts';
import type {
  ConflictQuery,
  FeedQuery,
  FeedRows,
  ListQuery,
  Location,
  LogPart,
  Membership,
  ReadLine,
  RecordKey,
  RecordText,
  ScopeDigest,
  ScopeState,
  Snapshot,
} from '../engine/ports.ts';
import { Together } from '../engine/together.ts';
import type { Connection } from './connection.ts';
import { countFeed, type Reader, readFeedPage, readFeedPageTexts } from './feed.ts';
import type { Owners } from './owners.ts';
import { distinct, locationsOf, probesByLocation, probesInEach, tryEachScope } from './probes.ts';
import { recordsAt } from './read-batch.ts';
import type { ConflictRow } from './read-details.ts';
import { type RecordRow, recordOf } from './record-row.ts';
import {
  type DigestRow,
  digestOf,
  type MembershipRow,
  membershipOf,
  type ScopeRow,
  scopeOf,
} from './rows.ts';
import { ScopeNames } from './scope-names.ts';
import { readPagesTogether } from './short-pages.ts';
import { bigintArray, textArray } from './sql-arrays.ts';
import { readConflicts } from './statements/conflict/read-conflicts.ts';
import { readDigests } from './statements/digest/read-digests.ts';
import { readLines } from './statements/log/read-lines.ts';
import { readSeqsAt } from './statements/log/read-seqs-at.ts';
import { readMembers } from './statements/member/read-members.ts';
import { readMemberships } from './statements/member/read-memberships.ts';
import { readMovedMembers } from './statements/member/read-moved-members.ts';
import { listByOwner, listByScope } from './statements/record/list.ts';
import { readChildren } from './statements/record/read-children.ts';
import { readScopes } from './statements/scope/read-scopes.ts';

/** Many callers may look at one moment; what they ask in the same turn is asked once. */
const TOGETHER = { tripsAtOnceMax: Number.POSITIVE_INFINITY, askersMax: LIMITS.batchChangesMax };

export class PostgresSnapshot implements Snapshot {
  readonly #now: Promise<number>;
  readonly #connection: Connection;
  readonly #registry: Registry;
  readonly #owners: Owners;
  readonly #names: ScopeNames;
  readonly #texts = new Together(
    (queries: readonly FeedQuery[]) =>
      readPagesTogether(queries, (query) => this.#readPage(readFeedPageTexts, query)),
    TOGETHER,
  );
  readonly #memberships = new Together(
    (userIds: readonly string[]) => this.#membershipsOf(userIds),
    TOGETHER,
  );
  readonly #scopes = new Together((lists: readonly (readonly string[])[]) => this.#scopesIn(lists), TOGETHER);
  #ended = false;

  constructor(connection: Connection, now: Promise<number>, registry: Registry, owners: Owners) {
    this.#connection = connection;
    this.#names = new ScopeNames(connection);
    this.#now = now;
    this.#registry = registry;
    this.#owners = owners;
  }

  now(): Promise<number> {
    return this.#now;
  }

  end(): void {
    this.#ended = true;
  }

  async movedMembers(userIds: readonly string[], after: number): Promise<readonly Membership[]> {
    const rows = await this.#open.rows<MembershipRow>(readMovedMembers, [
      textArray(userIds),
      new Date(after).toISOString(),
    ]);
    return rows.map(membershipOf);
  }

  memberships(userId: string): Promise<readonly Membership[]> {
    return this.#memberships.ask(userId);
  }

  async members(scopes: readonly string[]): Promise<readonly Membership[]> {
    const rows = await this.#open.rows<MembershipRow>(readMembers, [textArray(distinct(scopes)), null]);
    return rows.map(membershipOf);
  }

  async list({ places, type, contains, after, limit }: ListQuery): Promise<readonly RecordState[]> {
    const [ofOwners, ofScopes] = [
      places.filter(({ owner }) => owner !== null),
      places.filter(({ owner }) => owner === null),
    ];
    const more = [
      type,
      contains && textArray(contains.fields),
      contains?.text ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit,
    ];
    const scopesOf = (some: ListQuery['places']): Buffer => textArray(some.map(({ scope }) => scope));
    const scopes = places.map(({ scope }) => scope);
    const rows = await this.#read(scopes, async (connection) => {
      const lists = await Promise.all([
        ofOwners.length > 0 &&
          connection.rows<RecordRow>(listByOwner, [
            scopesOf(ofOwners),
            textArray(ofOwners.map(({ owner }) => owner)),
            ...more,
          ]),
        ofScopes.length > 0 && connection.rows<RecordRow>(listByScope, [scopesOf(ofScopes), null, ...more]),
      ]);
      return lists.flatMap((list) => list || []);
    });
    return firstMade(rows.map(recordOf), limit);
  }

  scopes(ids: readonly string[]): Promise<readonly ScopeState[]> {
    return this.#scopes.ask(ids);
  }

  locations(keys: readonly RecordKey[]): Promise<readonly Location[]> {
    return locationsOf(this.#open, keys);
  }

  feed(query: FeedQuery): Promise<FeedRows> {
    return this.#readPage(readFeedPage, query);
  }

  feedTexts(query: FeedQuery): Promise<FeedRows<RecordText>> {
    return this.#texts.ask(query);
  }

  lines(parts: readonly LogPart[], limit: number): Promise<readonly ReadLine[]> {
    const scopes = parts.map(({ scope }) => scope);
    return this.#read(scopes, (connection) =>
      connection.rows<ReadLine>(readLines, [
        textArray(scopes),
        bigintArray(parts.map(({ after }) => after)),
        bigintArray(parts.map(({ upTo }) => upTo)),
        limit,
      ]),
    );
  }

  count(query: FeedQuery, countMax: number): Promise<number> {
    const scopes = query.scopes.map(({ scope }) => scope);
    return this.#read(scopes, (connection) => countFeed(connection, query, countMax));
  }

  async seqsAt(scopes: readonly string[], moment: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#read(scopes, (connection) =>
      connection.rows<{ scope_id: string; seq: number }>(readSeqsAt, [textArray(distinct(scopes)), moment]),
    );
    return new Map(rows.map(({ scope_id, seq }) => [scope_id, seq]));
  }

  async digests(scopes: readonly string[]): Promise<readonly ScopeDigest[]> {
    const rows = await this.#read(scopes, (connection) =>
      connection.rows<DigestRow>(readDigests, [textArray(distinct(scopes))]),
    );
    return rows.map(digestOf);
  }

  async records(scopes: readonly string[], keys: readonly RecordKey[]): Promise<readonly RecordState[]> {
    const probes = tryEachScope(scopes)
      ? probesInEach(keys, scopes)
      : probesByLocation(await this.locations(keys), scopes);
    return this.#read(
      probes.map(({ scope }) => scope),
      (connection) => recordsAt(connection, probes),
    );
  }

  /** Children live in the scope of their owner, so its location tells where to look. */
  async children(
    scopes: readonly string[],
    type: string,
    owners: readonly string[],
  ): Promise<readonly RecordState[]> {
    const ownerType = this.#registry.types.get(type)?.owner?.type;
    const keys = distinct(owners).map((id) => ({ type: ownerType ?? '', id }));
    const pairs =
      ownerType === undefined || tryEachScope(scopes)
        ? probesInEach(keys, distinct(scopes))
        : probesByLocation(await this.locations(keys), scopes);
    if (pairs.length === 0) return [];
    const places = pairs.map(({ scope }) => scope);
    const rows = await this.#read(places, (connection) =>
      connection.rows<RecordRow>(readChildren, [
        textArray(places),
        textArray(pairs.map(({ id }) => id)),
        type,
      ]),
    );
    return rows.map(recordOf);
  }

  async conflicts(query: ConflictQuery): Promise<readonly ConflictView[]> {
    const { scopes, id, actor, openOnly, limit } = query;
    const types = query.types && textArray(query.types);
    const rows = await this.#read(scopes, (connection) =>
      connection.rows<ConflictRow>(readConflicts, [
        textArray(distinct(scopes)),
        id,
        actor,
        types,
        openOnly,
        limit,
      ]),
    );
    return rows.map(({ body }) => body);
  }

  async #membershipsOf(userIds: readonly string[]): Promise<readonly (readonly Membership[])[]> {
    const rows = await this.#open.rows<MembershipRow>(readMemberships, [textArray(distinct(userIds))]);
    const found = groupBy(rows.map(membershipOf), ({ userId }) => userId);
    return userIds.map((userId) => found.get(userId) ?? []);
  }

  async #scopesIn(lists: readonly (readonly string[])[]): Promise<readonly (readonly ScopeState[])[]> {
    const rows = await this.#open.rows<ScopeRow>(readScopes, [textArray(distinct(lists.flat()))]);
    const found = new Map(rows.map((row) => [row.id, scopeOf(row)]));
    return lists.map((ids) => distinct(ids).flatMap((id) => found.get(id) ?? []));
  }

  #readPage<T>(read: (reader: Reader, query: FeedQuery) => Promise<T>, query: FeedQuery): Promise<T> {
    const scopes = query.scopes.map(({ scope }) => scope);
    const known = { registry: this.#registry, owners: this.#owners };
    return this.#read(scopes, (connection) => read({ connection, ...known }, query));
  }

  get #open(): Connection {
    if (this.#ended) throw new Error('The snapshot ended with its work.');
    return this.#connection;
  }

  /** All reads of user data pass here. Names the scopes, where they are not named yet, and then reads. */
  async #read<T>(scopes: readonly string[], read: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#open;
    const naming = this.#names.name(scopes);
    const [found] = await Promise.all([read(connection), naming]);
    return found;
  }
}
