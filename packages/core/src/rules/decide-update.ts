/** CREATE or UPDATE on a live record. */
import { equalJson, type Fields, type JsonValue } from '../schema/json.ts';
import { brokenRule } from '../schema/validate.ts';
import { type GroupOutcome, type Merged, mergeGroups } from './merge.ts';
import { type FieldClock, pick, type RecordState, type Stamp, stampOf } from './record.ts';
import { type Settlement, settle, strategyOf } from './settle.ts';
import type { Situation } from './situation.ts';
import type { ConflictStrategy } from './strategies.ts';
import { type Act, type Clash, rejected, type Verdict, type Winner } from './verdict.ts';

export function decideUpdate(situation: Situation, record: RecordState): Verdict {
  const { type, change } = situation;
  const merged = mergeGroups(situation, record);
  const outcomes = new Map(merged.outcomes);
  const behind = change.base !== null && change.base < record.version;

  const brokenBy = brokenRule(type, { ...record.fields, ...fieldsThatGoIn(outcomes) });
  if (brokenBy) {
    if (!behind && change.base !== null)
      return rejected('INVALID', `${brokenBy.message}.`, brokenBy.fields[0] ?? null);
    const own = Object.fromEntries(brokenBy.fields.map((field) => [field, merged.clientView(field)]));
    if (brokenRule(type, { ...record.fields, ...own }))
      return rejected('INVALID', `${brokenBy.message}.`, brokenBy.fields[0] ?? null);
    clashOnRule(situation, record, merged, brokenBy.fields, outcomes);
  }
  return settleClashes(situation, record, merged, outcomes, behind);
}

const fieldsThatGoIn = (outcomes: ReadonlyMap<string, GroupOutcome>): Fields =>
  Object.assign(
    {},
    ...[...outcomes.values()].map((outcome) =>
      outcome.kind === 'take' || outcome.kind === 'merge' ? outcome.fields : {},
    ),
  );

/** Each side alone keeps the rule, both together break it: all groups that the rule is about are in conflict. */
function clashOnRule(
  { type }: Situation,
  record: RecordState,
  merged: Merged,
  ruleFields: readonly string[],
  outcomes: Map<string, GroupOutcome>,
): void {
  for (const group of new Set(ruleFields.map((field) => type.fields.get(field)?.group ?? field))) {
    const names = type.groups.get(group) ?? [];
    const view = Object.fromEntries(names.map((name) => [name, merged.clientView(name)]));
    const differing = names.filter((name) => !equalJson(view[name], record.fields[name]));
    outcomes.set(group, {
      kind: 'clash',
      fields: view,
      names: differing,
      stamp: stampOf(record.clock, group),
    });
  }
}

interface Settled {
  readonly group: string;
  readonly clash: Extract<GroupOutcome, { kind: 'clash' }>;
  readonly strategy: ConflictStrategy;
  readonly by: Settlement;
}

function settleClashes(
  situation: Situation,
  record: RecordState,
  merged: Merged,
  outcomes: ReadonlyMap<string, GroupOutcome>,
  behind: boolean,
): Verdict {
  const { type, change } = situation;
  const clashes = [...outcomes].flatMap(([group, clash]) =>
    clash.kind === 'clash' ? [{ group, clash }] : [],
  );
  // Values that must stay together by a rule are settled together, by the latest of their edits.
  const latest = clashes.reduce<Stamp | null>(
    (last, { clash }) => (last && last.time >= clash.stamp.time ? last : clash.stamp),
    null,
  );
  const together = clashes.some(({ clash }) =>
    type.rules?.some((rule) => rule.fields.some((field) => clash.fields[field] !== undefined)),
  );
  const settled: Settled[] = clashes.map(({ group, clash }) => {
    const strategy = strategyOf(type, group, situation.strategy);
    return {
      group,
      clash,
      strategy,
      by: settle(strategy, together && latest ? latest : clash.stamp, change),
    };
  });

  const goIn: Record<string, JsonValue> = { ...fieldsThatGoIn(outcomes) };
  for (const { clash, by } of settled) if (by === 'client') Object.assign(goIn, clash.fields);
  const fields: Fields = { ...record.fields, ...goIn };
  const priority = change.priority ?? record.priority;
  const changed =
    priority !== record.priority ||
    Object.keys(goIn).some((name) => !equalJson(goIn[name], record.fields[name]));

  const uniqueKey = type.unique?.key(fields) ?? null;
  if (
    changed &&
    uniqueKey !== null &&
    uniqueKey !== type.unique?.key(record.fields) &&
    situation.holderOf(uniqueKey)
  ) {
    return rejected(
      'UNIQUE',
      `It is taken: ${type.unique?.fields.join(', ')}.`,
      type.unique?.fields[0] ?? null,
    );
  }
  const superseded = [...outcomes.values()].some(({ kind }) => kind === 'superseded');
  const lost = settled.some(({ by }) => by !== 'client');
  if (!changed && !lost && !superseded) return { kind: 'unchanged' };

  const act: Act = changed
    ? {
        kind: 'put',
        operation: 'UPDATE',
        fields,
        priority,
        clock: stampedClock(record, change, type.groups, fields),
      }
    : { kind: 'refeed', descendants: false };
  const keepsBoth = settled.some(({ by }) => by === 'both');
  return {
    kind: 'decided',
    outcome: settled.length > 0 ? 'conflict' : behind ? 'merged' : 'applied',
    act,
    clash: settled.length > 0 ? clashOf(situation, record, merged, settled) : null,
    stands: Object.entries(change.fields).every(
      ([name, value]) => equalJson(value, fields[name]) || untouched(name, outcomes, type),
    ),
    mergedFields: behind ? Object.keys(goIn) : [],
    copy: keepsBoth
      ? { ...record.fields, ...Object.assign({}, ...settled.map(({ clash }) => clash.fields)) }
      : null,
  };
}

/** A sent value that is only an old copy, not an edit, need not stand. */
const untouched = (
  name: string,
  outcomes: ReadonlyMap<string, GroupOutcome>,
  type: Situation['type'],
): boolean => !outcomes.has(type.fields.get(name)?.group ?? name);

function stampedClock(
  record: RecordState,
  change: Situation['change'],
  groups: ReadonlyMap<string, readonly string[]>,
  fields: Fields,
): FieldClock {
  const stamp: Stamp = {
    version: record.version + 1,
    time: change.time,
    device: change.device,
    change: change.changeId,
  };
  const clock: Record<string, Stamp> = { ...record.clock };
  for (const [group, names] of groups) {
    if (names.some((name) => !equalJson(fields[name], record.fields[name]))) clock[group] = stamp;
  }
  return clock as FieldClock;
}

function clashOf(
  situation: Situation,
  record: RecordState,
  merged: Merged,
  settled: readonly Settled[],
): Clash {
  const { change, history, receivedAt } = situation;
  const fields = settled.flatMap(({ clash }) => clash.names);
  const known = fields.every((field) => merged.atBase(field) !== undefined);
  const first = history.find((line) => line.version === (change.base ?? 0) + 1);
  // The base was current when the change arrived, and no longer when its turn came.
  const overtaken = change.base !== null && change.base > 0 && first !== undefined && first.at > receivedAt;
  const ways = new Set(settled.map(({ by }) => by));
  return {
    conflictType: overtaken ? 'CONCURRENT_MODIFICATION' : 'VERSION_MISMATCH',
    fields,
    base: known
      ? pick(Object.fromEntries(fields.map((field) => [field, merged.atBase(field)])), fields)
      : null,
    server: record.fields,
    client: change.fields,
    clientDeletes: false,
    strategy: settled[0]?.strategy ?? situation.strategy,
    winner: winnerOf(ways),
    serverTime: Math.max(...settled.map(({ clash }) => clash.stamp.time)),
    clientTime: change.time,
  };
}

function winnerOf(ways: ReadonlySet<Settlement>): Winner | null {
  if (ways.has('person')) return null;
  if (ways.has('both')) return 'both';
  if (ways.size > 1) return 'mixed';
  return ways.has('client') ? 'client' : 'server';
}
