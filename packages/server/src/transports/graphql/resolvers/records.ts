/** Fields of records that need more than the record: its relations, the caller's role, the state of its sync. */
import type { ConflictView } from '../../../engine/conflict-view.ts';
import type { SyncFailure } from '../../../engine/ports.ts';
import type { GraphQLContext } from '../context.ts';
import { wireMessage } from '../encode-receipt.ts';
import { type RecordView, veiled } from '../record-view.ts';
import { type Resolver, type Resolvers, type Soon, whenReady } from '../resolver.ts';
import { selectsOnlyId } from '../selection.ts';
import type { Output, Relation, WireDomain, WireType } from '../wire-type.ts';

type OfRecord = Resolver<RecordView>;

export const recordResolvers = (wire: WireDomain): Resolvers =>
  Object.fromEntries(wire.types.map((type) => [type.entity.name, fieldsOf(type, wire)]));

function fieldsOf(type: WireType, wire: WireDomain): { [field: string]: OfRecord } {
  const relations = type.outputs.flatMap((output) => {
    const resolver = resolverOf(output, type, wire);
    return resolver ? [[output.name, resolver] as const] : [];
  });
  return {
    ...Object.fromEntries(relations),
    ...syncFields(type),
    ...(typeof type.entity.scope === 'object' && { role }),
  };
}

function resolverOf(output: Output, type: WireType, wire: WireDomain): OfRecord | null {
  switch (output.kind) {
    case 'value':
      return null;
    case 'ids':
      return ({ $record }, _args, context) => {
        const value = $record.fields[output.field.name];
        if (typeof value === 'string')
          return whenReady(linkedId(context, $record, output.field, value), (id) => id);
        return Array.isArray(value)
          ? each(context.reads.countedLinks(value), (id) => linkedId(context, $record, output.field, id))
          : null;
      };
    case 'relation':
      return relationResolver(output.relation, type, wire);
    case 'file':
      return ({ $record }, _args, { fileUrl }) => fileUrl($record, output.field.name, output.seconds);
  }
}

type LinkField = Extract<Relation, { by: 'reference' }>['field'];

/** The id under which the linked record lives today; null where it is gone. */
function linkedId(
  context: GraphQLContext,
  from: RecordView['$record'],
  field: LinkField,
  id: string,
): Soon<string | null> {
  const key = { type: field.reference?.type ?? '', id };
  return whenReady(context.reads.linked(from, key), (record) => record?.id ?? null);
}

/** Waits only where one of them has to; those that are gone are left out. */
function each<T>(ids: readonly unknown[], load: (id: string) => Soon<T | null>): Soon<T[]> {
  const found = ids.map((id) => load(String(id)));
  const there = (list: readonly (T | null)[]): T[] => list.filter((item): item is T => item !== null);
  const isReady = (list: readonly Soon<T | null>[]): list is readonly (T | null)[] =>
    !list.some((item) => item instanceof Promise);
  return isReady(found) ? there(found) : Promise.all(found).then(there);
}

function relationResolver(relation: Relation, type: WireType, wire: WireDomain): OfRecord {
  if (relation.by === 'children') {
    return async ({ $record }, _args, { reads, toView }) =>
      (await reads.children(relation.to, $record)).map((record) => toView(record));
  }
  const { field, to } = relation;
  if (field.name === type.entity.owner?.field) return ownerResolver(field.name, to, wire);
  return ({ $record }, _args, context) => {
    const view = (id: string): Soon<RecordView | null> =>
      whenReady(
        context.reads.linked($record, { type: to, id }),
        (record) => record && context.toView(record),
      );
    const value = $record.fields[field.name];
    if (Array.isArray(value)) return each(context.reads.countedLinks(value), view);
    return typeof value === 'string' ? view(value) : null;
  };
}

/**
 * The owner of a visible record is visible and there, except for the moment in which both are deleted: then it reads
 * as empty, for a null here would turn the whole answer into null.
 */
function ownerResolver(field: string, to: string, wire: WireDomain): OfRecord {
  const ownerType = wire.byKey.get(to);
  if (!ownerType) throw new Error(`${to} is no type of ${wire.name}`);
  return ({ $record }, _args, { reads, toView }, info) => {
    const id = String($record.fields[field]);
    if (selectsOnlyId(info)) return { id };
    return whenReady(reads.record({ type: to, id }), (record) =>
      toView(record ?? veiled({ ...$record, type: to, id }, ownerType, NOTHING)),
    );
  };
}

const NOTHING: ReadonlySet<string> = new Set();

const role: OfRecord = ({ $record }, _args, { reads }) => reads.role($record.scope);

/**
 * The state of the record's sync, for the asking device: what waits for a decision goes before what was refused, and
 * that before a file that is still to come.
 */
const syncFields = ({ filePending }: WireType): { [field: string]: OfRecord } => ({
  ...SYNC,
  syncStatus: byState({
    conflict: () => 'CONFLICT',
    failure: () => 'SYNC_ERROR',
    neutral: (record) => (filePending?.(record) ? 'FILES_PENDING' : 'IN_SYNC'),
  }),
});

const SYNC: { [field: string]: OfRecord } = {
  lastSyncAttempt: byState({
    conflict: ({ createdAt }) => createdAt,
    failure: ({ at }) => at,
    neutral: () => null,
  }),
  syncErrorMessage: byState({
    conflict: ({ conflictType, id }) =>
      conflictType === 'DEPENDENCY_CONFLICT'
        ? `A change of it waits for the record that it names as its parent, and is made when that is there: to give it up, resolve conflict ${id} with FIRST_WRITE_WINS.`
        : `A conflict (${conflictType}) waits for a decision: resolve it by its id, ${id}.`,
    failure: ({ type, message, field }, { wire }) => wireMessage(wire.byKey.get(type), message, field),
    neutral: () => null,
  }),
};

interface Told {
  readonly conflict: (conflict: ConflictView) => unknown;
  readonly failure: (failure: SyncFailure, context: GraphQLContext) => unknown;
  readonly neutral: (record: RecordView['$record']) => unknown;
}

function byState({ conflict, failure, neutral }: Told): OfRecord {
  return ({ $record }, _args, context) => {
    const failed = context.reads.failure($record);
    const waits = context.reads.openConflict($record);
    // Nearly always, and for every row.
    if (failed === null && waits === null) return neutral($record);
    return whenReady(waits, (open) =>
      open ? conflict(open) : whenReady(failed, (one) => (one ? failure(one, context) : neutral($record))),
    );
  };
}
