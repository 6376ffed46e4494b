/**
 * A view of one moment of the memory store: it reads a state that is replaced, not changed, as long as it is open.
 * The feed is read here as the port words it, without any index.
 */
import { type RecordState, type Registry, toWireRecord } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import { firstMade, inOrderOfMaking } from '../engine/order-of-making.ts';
import type {
  ConflictQuery,
  FeedQuery,
  FeedRows,
  FeedScope,
  ListQuery,
  Location,
  LogPart,
  Membership,
  ReadLine,
  RecordKey,
  RecordText,
  RecordWrite,
  ScopeDigest,
  ScopeState,
  Snapshot,
} from '../engine/ports.ts';
import { isOwnedBy, linesOf, type MemoryState, recordKey, recordsByKey, rowsOf } from './memory-state.ts';

export class MemorySnapshot implements Snapshot {
  readonly #now: number;
  readonly #state: MemoryState;
  readonly #registry: Registry | null;
  readonly #turn: () => Promise<void>;
  #ended = false;

  constructor(state: MemoryState, now: number, registry: Registry | null, turn: () => Promise<void>) {
    this.#state = state;
    this.#now = now;
    this.#registry = registry;
    this.#turn = turn;
  }

  async now(): Promise<number> {
    return this.#now;
  }

  end(): void {
    this.#ended = true;
  }

  async movedMembers(userIds: readonly string[], after: number): Promise<readonly Membership[]> {
    const state = await this.#read();
    const asked = new Set(userIds);
    return [...state.memberships.values()].filter(
      ({ userId, grantedAt, revokedAt }) =>
        asked.has(userId) && (grantedAt > after || (revokedAt ?? 0) > after),
    );
  }

  async memberships(userId: string): Promise<readonly Membership[]> {
    const state = await this.#read();
    return [...state.memberships.values()].filter((member) => member.userId === userId);
  }

  async members(scopes: readonly string[]): Promise<readonly Membership[]> {
    const state = await this.#read();
    return [...state.memberships.values()].filter((member) => scopes.includes(member.scope));
  }

  async list({ places, type, contains, after, limit }: ListQuery): Promise<readonly RecordState[]> {
    const state = await this.#read();
    const found = places.flatMap((place) =>
      rowsOf(state, place.scope)
        .filter((row) => place.owner === null || row.owner === place.owner)
        .map(({ record }) => record)
        .filter((record) => record.type === type && record.tombstone === null)
        .filter((record) => after === null || inOrderOfMaking(after, record) < 0)
        .filter((record) => contains === null || hasText(record, contains)),
    );
    return firstMade(found, limit);
  }

  async scopes(ids: readonly string[]): Promise<readonly ScopeState[]> {
    const state = await this.#read();
    return [...new Set(ids)].flatMap((id) => state.scopes.get(id) ?? []);
  }

  async feed(query: FeedQuery): Promise<FeedRows> {
    const state = await this.#read();
    const rows = feedRows(state, query).slice(0, query.limit);
    const ancestors = ancestorsBehind(state, query, rows, this.#registry);
    return { rows: rows.map(({ record }) => record), ancestors };
  }

  async feedTexts(query: FeedQuery): Promise<FeedRows<RecordText>> {
    const { rows, ancestors } = await this.feed(query);
    return { rows: rows.map(textOf), ancestors: ancestors.map(textOf) };
  }

  async lines(parts: readonly LogPart[], limit: number): Promise<readonly ReadLine[]> {
    const state = await this.#read();
    return parts.flatMap(({ scope, after, upTo }) =>
      linesOf(state, scope)
        .filter(({ seq }) => seq > after && seq <= upTo)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit),
    );
  }

  async count(query: FeedQuery, countMax: number): Promise<number> {
    return Math.min(feedRows(await this.#read(), query).length, countMax);
  }

  async seqsAt(scopes: readonly string[], moment: number): Promise<ReadonlyMap<string, number>> {
    const state = await this.#read();
    const seqs = new Map<string, number>();
    for (const scope of scopes) {
      const passed = linesOf(state, scope).filter(({ at }) => at <= moment);
      if (passed.length > 0)
        seqs.set(
          scope,
          passed.reduce((last, { seq }) => Math.max(last, seq), 0),
        );
    }
    return seqs;
  }

  async digests(scopes: readonly string[]): Promise<readonly ScopeDigest[]> {
    const state = await this.#read();
    return [...state.digests.values()].filter(({ scope }) => scopes.includes(scope));
  }

  async records(scopes: readonly string[], keys: readonly RecordKey[]): Promise<readonly RecordState[]> {
    return recordsByKey(await this.#read(), scopes, keys);
  }

  async children(
    scopes: readonly string[],
    type: string,
    owners: readonly string[],
  ): Promise<readonly RecordState[]> {
    const state = await this.#read();
    return [...new Set(scopes)]
      .flatMap((scope) => rowsOf(state, scope))
      .filter(({ owner, record }) => record.type === type && owner !== null && owners.includes(owner))
      .map(({ record }) => record)
      .filter(({ tombstone }) => tombstone === null);
  }

  async locations(keys: readonly RecordKey[]): Promise<readonly Location[]> {
    const state = await this.#read();
    return [...new Set(keys.map(recordKey))].flatMap((key) => state.locations.get(key) ?? []);
  }

  async conflicts(query: ConflictQuery): Promise<readonly ConflictView[]> {
    const state = await this.#read();
    return [...state.conflicts.values()]
      .filter((conflict) => isAskedFor(conflict, query))
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .slice(0, query.limit);
  }

  async #read(): Promise<MemoryState> {
    await this.#turn();
    if (this.#ended) throw new Error('The snapshot ended with its work.');
    return this.#state;
  }
}

const hasText = ({ fields }: RecordState, wanted: NonNullable<ListQuery['contains']>): boolean =>
  wanted.fields.some((field) => {
    const value = fields[field];
    return typeof value === 'string' && value.includes(wanted.text);
  });

const textOf = (record: RecordState): RecordText => ({
  ...record,
  text: JSON.stringify(toWireRecord(record)),
});

/** All rows of the feed, in the order of the scopes in the query, then of seq. */
function feedRows(state: MemoryState, query: FeedQuery): RecordWrite[] {
  return query.scopes.flatMap((part) =>
    rowsOf(state, part.scope)
      .filter(({ record }) => record.seq <= part.upTo && belongs(record, part, query))
      .sort((a, b) => a.record.seq - b.record.seq),
  );
}

function belongs(record: RecordState, part: FeedScope, { types, priority }: FeedQuery): boolean {
  return (
    record.seq > part.after &&
    (part.createdUntil === null || record.createdAt < part.createdUntil) &&
    (types === null || types.includes(record.type)) &&
    (record.priority >= priority || record.tombstone !== null)
  );
}

/**
 * Owners of the rows, and theirs, that the feed gives only after this page. An owner that moved on since the run
 * began (beyond `upTo`) is one of them: the caller may never have seen it.
 */
function ancestorsBehind(
  state: MemoryState,
  query: FeedQuery,
  page: readonly RecordWrite[],
  registry: Registry | null,
): RecordState[] {
  const onPage = new Set(page);
  const found = new Map<RecordWrite, RecordState>();
  for (const part of query.scopes) {
    const alive = rowsOf(state, part.scope).filter(({ record }) => record.tombstone === null);
    const visited = new Set<RecordWrite>();
    const climb = (row: RecordWrite): void => {
      if (visited.has(row)) return;
      visited.add(row);
      for (const parent of alive) {
        if (!isOwnedBy(row, parent.record, registry)) continue;
        if (!onPage.has(parent) && belongs(parent.record, part, query)) found.set(parent, parent.record);
        climb(parent);
      }
    };
    for (const row of page) if (row.record.scope === part.scope && !row.record.tombstone) climb(row);
  }
  return [...found.values()];
}

/** A caller's own list: what is open, and what it lost. Asked for by id, a conflict shows whoever won. */
function isAskedFor(conflict: ConflictView, query: ConflictQuery): boolean {
  const { scopes, id, actor, types, openOnly } = query;
  if (!scopes.includes(conflict.scope)) return false;
  if (id !== null && conflict.id !== id) return false;
  if (types !== null && !types.includes(conflict.type)) return false;
  if (openOnly && conflict.status !== 'pending') return false;
  if (actor === null) return true;
  const mine =
    conflict.actor === actor && (id !== null || conflict.status === 'pending' || lost(conflict, 'server'));
  return mine || (conflict.rival === actor && lost(conflict, 'client'));
}

const lost = ({ status, winner }: ConflictView, to: 'server' | 'client'): boolean =>
  status === 'resolved' && (winner === to || winner === 'mixed');
