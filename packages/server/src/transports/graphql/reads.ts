/**
 * What one request reads beyond its first answer, gathered into few calls: records by id, children, links, roles, open
 * conflicts, failures, users. What is already known is answered at once, without a promise.
 */
import { LIMITS, type RecordState, type Role } from '@ackord/core';
import DataLoader from 'dataloader';
import type { User } from '../../auth/ports.ts';
import type { ConflictView } from '../../engine/conflict-view.ts';
import { groupBy } from '../../engine/group-by.ts';
import { userScope } from '../../engine/place.ts';
import type { RecordKey, SyncFailure } from '../../engine/ports.ts';
import type { Actor } from '../../engine/submission.ts';
import { recordKey } from '../../engine/unit.ts';
import type { GraphQLServices } from './context.ts';
import { refusal } from './errors.ts';
import { veiled } from './record-view.ts';
import { type Soon, whenReady } from './resolver.ts';

export interface Reads {
  /** Takes note of live records that the caller has just been shown, and of what came with them. */
  remember(facts: {
    readonly records?: readonly RecordState[];
    readonly roles?: ReadonlyMap<string, Role>;
    readonly conflicts?: readonly ConflictView[];
    /** Of the device that calls. */
    readonly failures?: readonly SyncFailure[];
  }): void;
  /** The live record, if the caller may see it. */
  record(key: RecordKey): Soon<RecordState | null>;
  /** What a record's link leads to; a record of another user's own scope comes veiled. null: it dangles. */
  linked(from: RecordState, to: RecordKey): Soon<RecordState | null>;
  /** Live records of a type that belong to this one. */
  children(type: string, owner: Pick<RecordState, 'id' | 'scope'>): Promise<readonly RecordState[]>;
  role(scope: string): Soon<Role | null>;
  /** The open conflict of this caller, and of this device where it has named itself, about a record. */
  openConflict(record: RecordState): Soon<ConflictView | null>;
  /** The last change of this device to the record, if it was rejected and the record is still what it was then. */
  failure(record: RecordState): Soon<SyncFailure | null>;
  /** Asks for what `failure` needs, so that it can then answer at once. */
  loadFailures(): Promise<void>;
  user(id: string): Promise<User | null>;
  /** Counts objects that go into the answer, and gives them back; refuses the call when there are too many. */
  counted<T>(found: readonly T[]): readonly T[];
  /** The same for links before they are followed. */
  countedLinks<T>(ids: readonly T[]): readonly T[];
}

export function createReads(services: GraphQLServices, actor: Actor, device: string | null): Reads {
  const { engine, wire, users } = services;
  const mine = userScope(actor.userId);
  const known = new Map<string, RecordState>();
  let roles: Soon<ReadonlyMap<string, Role>> | null = null;
  let conflicts: Soon<ReadonlyMap<string, ConflictView>> | null = null;
  let failures: Soon<ReadonlyMap<string, SyncFailure>> | null = device === null ? new Map() : null;
  let budget: number = LIMITS.graphqlRecordsMax;
  let linkBudget: number = LIMITS.graphqlLinksMax;

  let isTooMuch = false;

  /** Refuses once. All that is asked for afterwards is quickly nothing, for no part of the answer will be told. */
  const refuseMore = (what: string): void => {
    if (isTooMuch) return;
    isTooMuch = true;
    throw refusal('QUERY_TOO_COMPLEX', `The answer has more than ${what}.`);
  };
  /** Relations can multiply a small question into an endless answer, also of records that were read once. */
  const counted = <T>(found: readonly T[]): readonly T[] => {
    budget -= found.length;
    if (budget >= 0) return found;
    refuseMore(`${LIMITS.graphqlRecordsMax} records`);
    return [];
  };
  const countedLinks = <T>(ids: readonly T[]): readonly T[] => {
    linkBudget -= ids.length;
    if (linkBudget >= 0) return ids;
    refuseMore(`${LIMITS.graphqlLinksMax} links`);
    return [];
  };

  const records = new DataLoader<RecordKey, RecordState | null, string>(
    async (keys) => matched(keys, await engine.records(actor, keys), (key) => engine.records(actor, [key])),
    { cacheKeyFn: ({ type, id }) => recordKey(type, id) },
  );

  const links = new DataLoader<{ from: RecordState; to: RecordKey }, RecordState | null, string>(
    async (wanted) => {
      const found = await engine.linked(actor, wanted);
      const keys = wanted.map(({ to }) => to);
      const records = await matched(keys, found, (_to, at) => engine.linked(actor, wanted.slice(at, at + 1)));
      return records.map((record) => record && veiledIfForeign(record));
    },
    // Who may see it depends on the scope in which it is used alone: hundreds of memories have the same few tags.
    { cacheKeyFn: ({ from, to }) => `${from.scope} ${recordKey(to.type, to.id)}` },
  );

  const children = new DataLoader<RecordKey & { scope: string }, readonly RecordState[], string>(
    async (owners) => {
      const found = await Promise.all(
        [...groupBy(owners, ({ type }) => type)].map(([type, of]) =>
          engine.children(
            actor,
            type,
            of.map(({ id }) => id),
            of.map(({ scope }) => scope),
          ),
        ),
      );
      const byOwner = groupBy(found.flat(), (child) => {
        const { owner } = engine.registry.type(child.type);
        return recordKey(child.type, String(owner && child.fields[owner.field]));
      });
      return owners.map(({ type, id }) => byOwner.get(recordKey(type, id)) ?? []);
    },
    { cacheKeyFn: ({ type, id }) => recordKey(type, id) },
  );

  const people = new DataLoader<string, User | null>(async (ids) => {
    const byId = new Map((await users.usersById(ids)).map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id) ?? null);
  });

  const veiledIfForeign = (record: RecordState): RecordState => {
    const type = wire.byKey.get(record.type);
    return type?.entity.scope === 'user' && record.scope !== mine
      ? veiled(record, type, type.shownToOthers)
      : record;
  };

  const conflictsByRecord = (all: readonly ConflictView[]): ReadonlyMap<string, ConflictView> => {
    const ofThisDevice = all.filter(
      (conflict) =>
        conflict.status === 'pending' &&
        conflict.actor === actor.userId &&
        (device === null || conflict.device === null || conflict.device === device),
    );
    return new Map(ofThisDevice.map((conflict) => [recordKey(conflict.type, conflict.entityId), conflict]));
  };

  const readFailures = async (of: string): Promise<ReadonlyMap<string, SyncFailure>> => {
    const byRecord = failuresByRecord(await engine.failures(actor, of));
    failures = byRecord;
    return byRecord;
  };

  return {
    remember(facts) {
      for (const record of facts.records ?? []) known.set(recordKey(record.type, record.id), record);
      if (facts.roles) roles = facts.roles;
      if (facts.conflicts) conflicts = conflictsByRecord(facts.conflicts);
      if (facts.failures) failures = failuresByRecord(facts.failures);
    },
    counted,
    countedLinks,
    record: (key) => known.get(recordKey(key.type, key.id)) ?? records.load(key),
    linked(from, to) {
      const seen = known.get(recordKey(to.type, to.id));
      if (seen) return seen;
      // Only from a shared scope can a link lead into the own scope of somebody else.
      const leadsAway = wire.byKey.get(to.type)?.entity.scope === 'user' && from.scope !== mine;
      return leadsAway ? links.load({ from, to }) : records.load(to);
    },
    children: async (type, owner) => counted(await children.load({ type, id: owner.id, scope: owner.scope })),
    role(scope) {
      roles ??= engine.scopes(actor);
      return whenReady(roles, (all) => all.get(scope) ?? null);
    },
    openConflict(record) {
      conflicts ??= engine
        .conflicts({ actor, domain: wire.name, type: null, openOnly: true, limit: LIMITS.conflictsMax })
        .then(conflictsByRecord);
      // Nearly always there is none, and this is asked for every row.
      if (!(conflicts instanceof Promise) && conflicts.size === 0) return null;
      return whenReady(conflicts, (all) => all.get(recordKey(record.type, record.id)) ?? null);
    },
    failure(record) {
      failures ??= readFailures(device ?? '');
      if (!(failures instanceof Promise) && failures.size === 0) return null;
      return whenReady(failures, (all) => {
        const failure = all.get(recordKey(record.type, record.id));
        return failure?.version === record.version ? failure : null;
      });
    },
    async loadFailures() {
      failures ??= readFailures(device ?? '');
      await failures;
    },
    user: (id) => people.load(id),
  };
}

const failuresByRecord = (all: readonly SyncFailure[]): ReadonlyMap<string, SyncFailure> =>
  new Map(all.map((failure) => [recordKey(failure.type, failure.id), failure]));

/**
 * The record for each key. A key that is an alias is answered by a record under another id; where there are such
 * answers, which is rare, the keys that nothing was found for are asked for one by one.
 */
async function matched(
  keys: readonly RecordKey[],
  found: readonly RecordState[],
  ask: (key: RecordKey, at: number) => Promise<readonly RecordState[]>,
): Promise<(RecordState | null)[]> {
  const byKey = new Map(found.map((record) => [recordKey(record.type, record.id), record]));
  const wanted = new Set(keys.map(({ type, id }) => recordKey(type, id)));
  const hasAliases = [...byKey.keys()].some((key) => !wanted.has(key));
  return Promise.all(
    keys.map(async (key, at) => {
      const record = byKey.get(recordKey(key.type, key.id));
      return record ?? (hasAliases ? ((await ask(key, at))[0] ?? null) : null);
    }),
  );
}
