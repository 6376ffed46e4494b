/**
 * Which ids in a record's lists a writer can't see: those of nothing, and those of records in the own scope of somebody
 * who is no member of the scope in which they are used. (Reads show what a member has put there, see reads.ts.)
 */
import type { RecordState, Registry } from '@ackord/core';
import type { BatchState, RecordKey, StoreTransaction } from './ports.ts';
import { recordKey, type Task } from './unit.ts';
import type { WorkingCopy } from './working-copy.ts';

const OWN_SCOPE = 'user:';

export function isHidden(
  copy: WorkingCopy,
  writer: string,
  usedIn: string,
  { type, id }: RecordKey,
): boolean {
  const location = copy.locate(type, id);
  if (location === null) return true;
  if (!location.scope.startsWith(OWN_SCOPE)) return false;
  const owner = location.scope.slice(OWN_SCOPE.length);
  return owner !== writer && copy.role(usedIn, owner) === null;
}

/** Reads where the ids lie that some list no longer has, and whether their owners are members. Mostly there are none. */
export async function withOwnersOfListed(
  transaction: StoreTransaction,
  registry: Registry,
  state: BatchState,
  scopes: readonly string[],
  tasks: readonly Task[],
): Promise<BatchState> {
  const aliases = new Map(
    state.locations.map(({ type, id, aliasOf }) => [recordKey(type, id), aliasOf ?? id]),
  );
  const records = new Map(state.records.map((record) => [recordKey(record.type, record.id), record]));
  const recordOf = ({ type, id }: RecordKey) =>
    records.get(recordKey(type, aliases.get(recordKey(type, id)) ?? id));
  const missing = tasks.flatMap((task) => idsLeftOut(registry, recordOf, task));
  if (missing.length === 0) return state;
  const known = new Set(state.locations.map(({ type, id }) => recordKey(type, id)));
  const keys = missing.filter(({ type, id }) => !known.has(recordKey(type, id)));
  const located = keys.length === 0 ? null : await ask(transaction, scopes, keys, []);
  const wanted = new Set(missing.map(({ type, id }) => recordKey(type, id)));
  const locations = [...state.locations, ...(located?.locations ?? [])];
  const owners = locations
    .filter(({ type, id, scope }) => wanted.has(recordKey(type, id)) && scope.startsWith(OWN_SCOPE))
    .map(({ scope }) => scope.slice(OWN_SCOPE.length));
  const roles = owners.length === 0 ? null : await ask(transaction, scopes, [], [...new Set(owners)]);
  return {
    ...state,
    locations,
    records: [...state.records, ...(located?.records ?? [])],
    memberships: [...state.memberships, ...(roles?.memberships ?? [])],
  };
}

const ask = (
  transaction: StoreTransaction,
  scopes: readonly string[],
  keys: readonly RecordKey[],
  actors: readonly string[],
): Promise<BatchState> => transaction.read({ keys, receipts: [], scopes, actors });

/** Of the lists that are sent, the stored ids that they lack; of a decision on a conflict, all: its lists come later. */
function idsLeftOut(
  registry: Registry,
  recordOf: (key: RecordKey) => RecordState | undefined,
  task: Task,
): RecordKey[] {
  if (task.kind === 'member') return [];
  const keys = task.kind === 'resolution' ? task.related : [task.change];
  const sent = task.kind === 'resolution' ? null : task.change.fields;
  return keys.flatMap(({ type, id }) => {
    const lists = [...registry.type(type).fields.values()].filter(
      ({ name, reference }) => reference?.many && (sent === null || sent[name] !== undefined),
    );
    const record = lists.length === 0 ? undefined : recordOf({ type, id });
    return lists.flatMap(({ name, reference }) => {
      const stored = record?.fields[name];
      const list = sent === null ? [] : sent[name];
      if (!reference || !Array.isArray(stored) || !Array.isArray(list)) return [];
      return stored
        .filter((one) => !list.includes(one))
        .map((one) => ({ type: reference.type, id: String(one) }));
    });
  });
}
