/** enhancedSync: one page of the feed, its rows by type, with what the caller must drop. */
import { LIMITS, PRIORITIES, type RecordState } from '@ackord/core';
import type { Page } from '../../../engine/engine.ts';
import type { RecordKey } from '../../../engine/ports.ts';
import { recordKey } from '../../../engine/unit.ts';
import { type GraphQLContext, requireActor } from '../context.ts';
import { encodeConflict } from '../encode-conflict.ts';
import { orRefuse, refusal } from '../errors.ts';
import { inRange } from '../in-range.ts';
import type { RecordView } from '../record-view.ts';
import type { Resolver } from '../resolver.ts';
import { selects } from '../selection.ts';
import type { WireDomain } from '../wire-type.ts';

interface SyncArgs {
  /** Milliseconds since 1970. */
  readonly lastSyncedAt: number;
  readonly syncPriority?: (typeof PRIORITIES)[number] | null;
  readonly entityTypes?: readonly string[] | null;
  readonly batchSize?: number | null;
  readonly cursor?: string | null;
}

/** Fields of rows that tell of refused changes too. */
const STATE_FIELDS = ['syncStatus', 'lastSyncAttempt', 'syncErrorMessage'];

export const enhancedSync: Resolver<unknown, SyncArgs> = async (_source, args, context, info) => {
  const { engine, wire } = context;
  const actor = requireActor(context);
  const limit = batchSizeOf(args.batchSize, context.pageRowsDefault);
  const pulling = engine.pull({
    actor,
    domain: wire.name,
    device: context.device,
    cursor: args.cursor ?? null,
    // "Never" is the year 0 or 1 to some clients. The future is left to the engine, which has the database's clock.
    since: Math.max(0, args.lastSyncedAt),
    types: typesOf(wire, args.entityTypes),
    priority: args.syncPriority ? asPriority(args.syncPriority) : null,
    limit,
  });
  const [pulled] = await Promise.all([pulling, showsState(wire, info) && context.reads.loadFailures()]);
  return answerOf(context, orRefuse(pulled).page, limit);
};

/** A page as the wire has it. `limit`: rows that were asked for. */
export async function answerOf(
  context: GraphQLContext,
  page: Omit<Page, 'positions'>,
  limit: number,
): Promise<Record<string, unknown>> {
  const live = page.records.filter((record) => record.tombstone === null);
  context.reads.remember({ records: context.reads.counted(live), roles: page.roles });
  // Only the last page of a run brings them.
  if (!page.hasMore) context.reads.remember({ conflicts: page.conflicts });
  return {
    ...rowsByType(context, live),
    deleted: await deletedIds(context, page),
    conflicts: page.conflicts.map((conflict) => encodeConflict(context.wire, conflict)),
    serverTimestamp: page.serverTime,
    hasMore: page.hasMore,
    nextCursor: page.cursor,
    totalCount: page.total,
    batchSize: limit,
    fullResyncRequired: page.fullResync,
    consistent: page.consistent,
    aliases: aliasesOf(context, page),
    droppedScopes: page.droppedScopes,
    roles: [...page.roles].map(([scope, role]) => ({ scope, role })),
  };
}

const showsState = (wire: WireDomain, info: Parameters<typeof selects>[0]): boolean =>
  wire.types.some(({ entity }) => STATE_FIELDS.some((field) => selects(info, entity.plural, field)));

const asPriority = (name: (typeof PRIORITIES)[number]) => PRIORITIES.indexOf(name) as 0 | 1 | 2 | 3;

/** Views of live records, in the lists of an answer. */
export function rowsByType(
  { wire, toView }: GraphQLContext,
  live: readonly RecordState[],
): Record<string, RecordView[]> {
  const lists = new Map(wire.types.map(({ entity }) => [entity.key, [] as RecordView[]]));
  for (const record of live) lists.get(record.type)?.push(toView(record));
  return Object.fromEntries(wire.types.map(({ entity }) => [entity.plural, lists.get(entity.key) ?? []]));
}

/** Ids to drop, by type. What only moved to a scope that the caller can read too is not among them. */
export async function deletedIds(
  context: GraphQLContext,
  page: Pick<Page, 'records' | 'dropped'>,
): Promise<Record<string, string[]>> {
  const gone: RecordKey[] = [...page.dropped];
  const moved: RecordKey[] = [];
  for (const { type, id, tombstone } of page.records) {
    if (tombstone) (tombstone.kind === 'moved' ? moved : gone).push({ type, id });
  }
  const found = await Promise.all(moved.map((key) => context.reads.record(key)));
  const stillThere = new Set(found.flatMap((record) => (record ? [recordKey(record.type, record.id)] : [])));
  gone.push(...moved.filter(({ type, id }) => !stillThere.has(recordKey(type, id))));
  return Object.fromEntries(
    context.wire.types.map(({ entity }) => [
      entity.plural,
      [...new Set(gone.filter(({ type }) => type === entity.key).map(({ id }) => id))],
    ]),
  );
}

function aliasesOf({ wire }: GraphQLContext, page: Pick<Page, 'records'>) {
  return page.records.flatMap(({ type, id, tombstone }) =>
    tombstone?.kind === 'alias'
      ? [{ entityType: wire.byKey.get(type)?.entity.name, id, canonicalId: tombstone.of }]
      : [],
  );
}

export function typesOf(wire: WireDomain, names: readonly string[] | null | undefined): string[] | null {
  if (!names || names.length === 0) return null;
  const wanted = new Set(names);
  for (const name of wanted) checkType(wire, name);
  return wire.types.map(({ entity }) => entity.name).filter((name) => wanted.has(name));
}

export function checkType(wire: WireDomain, name: string): void {
  if (wire.byName.has(name)) return;
  const known = wire.types.map(({ entity }) => entity.name).join(', ');
  throw refusal(
    'BAD_USER_INPUT',
    `There is no entity type ${JSON.stringify(name.slice(0, 40))}; known: ${known}.`,
  );
}

export function batchSizeOf(sent: number | null | undefined, usual: number): number {
  return inRange('batchSize', sent ?? usual, LIMITS.pageRowsMax);
}
