/** CREATE or UPDATE on a live record. */
import type { EntityRule, EntityType } from '../schema/define-entity.ts';
import { equalJson, type Fields } from '../schema/json.ts';
import { clashOf, clientVersion, fieldsAfter, type Settled, settleClashes } from './clashes.ts';
import { type GroupOutcome, groupClash, type Merged, mergeGroups } from './merge.ts';
import { type FieldClock, type RecordState, stampBy, stampOf } from './record.ts';
import type { Situation } from './situation.ts';
import { holdsNewer, withNextStamp, withStampAbove } from './stamp.ts';
import { rejected, type Verdict } from './verdict.ts';

export function decideUpdate(situation: Situation, record: RecordState): Verdict {
  const { type, change } = situation;
  const merged = mergeGroups(situation, record);
  const outcomes = new Map(merged.outcomes);
  const isCurrent = change.base !== null && change.base >= record.version;
  const bound = new Set<string>();
  // Settling may put together what neither side had alone: a rule that breaks binds its groups, and all is settled anew.
  for (;;) {
    const settled = settleClashes(situation, record, outcomes, bound);
    const fields = fieldsAfter(record, outcomes, settled);
    const broken = newlyBroken(type, record.fields, fields);
    if (!broken) return conclude(situation, record, merged, outcomes, settled, fields);
    const groups = groupsOf(type, broken.fields);
    const isClientsOwn = breaks(broken, record, merged) || groups.every((group) => bound.has(group));
    if (isCurrent || isClientsOwn) return rejected('INVALID', `${broken.message}.`, broken.fields[0] ?? null);
    for (const group of groups) {
      bound.add(group);
      const names = type.groups.get(group) ?? [];
      const clash = groupClash(record, names, merged.clientView, stampOf(record.clock, group));
      if (clash.names.length > 0) outcomes.set(group, clash);
      else outcomes.delete(group);
    }
  }
}

/** The first rule that the change breaks. One that was broken before, on fields that stay, is not this change's doing. */
const newlyBroken = (type: EntityType, before: Fields, after: Fields): EntityRule | null =>
  type.rules?.find(
    (rule) =>
      !rule.holds(after) &&
      rule.fields.some((field) => !equalJson(before[field] ?? null, after[field] ?? null)),
  ) ?? null;

/** Does the record as the client saw it break the rule already? */
const breaks = (rule: EntityRule, record: RecordState, { clientView }: Merged): boolean =>
  !rule.holds({
    ...record.fields,
    ...Object.fromEntries(rule.fields.map((field) => [field, clientView(field)])),
  });

const groupsOf = (type: EntityType, fields: readonly string[]): readonly string[] => [
  ...new Set(fields.map((field) => type.fields.get(field)?.group ?? field)),
];

function conclude(
  situation: Situation,
  record: RecordState,
  merged: Merged,
  outcomes: ReadonlyMap<string, GroupOutcome>,
  settled: readonly Settled[],
  fields: Fields,
): Verdict {
  const { type, change } = situation;
  const changedFields = Object.keys(fields).filter((name) => !equalJson(fields[name], record.fields[name]));
  const priority = change.priority ?? record.priority;
  const changed = changedFields.length > 0 || priority !== record.priority;
  const uniqueKey = type.unique?.key(fields) ?? null;
  const isNewKey = uniqueKey !== null && uniqueKey !== type.unique?.key(record.fields);
  if (isNewKey && situation.holderOf(uniqueKey)) {
    const taken = type.unique?.fields ?? [];
    return rejected('UNIQUE', `It is taken: ${taken.join(', ')}.`, taken[0] ?? null);
  }
  const stands = Object.entries(change.fields).every(
    ([name, value]) => equalJson(value, fields[name]) || !outcomes.has(type.fields.get(name)?.group ?? name),
  );
  const isNews = changed || (stands && holdsNewer(type, record.fields, change));
  if (!isNews && stands && settled.length === 0) return { kind: 'unchanged' };

  const behind = change.base !== null && change.base < record.version;
  const clash = settled.length > 0 ? clashOf(situation, record, merged, settled) : null;
  const raised = isNews ? null : withStampAbove(type, record.fields, change);
  return {
    kind: 'decided',
    outcome: clash ? 'conflict' : behind ? 'merged' : 'applied',
    act: isNews
      ? {
          kind: 'put',
          operation: 'UPDATE',
          fields: withNextStamp(type, fields, record.fields, change, stands),
          priority,
          clock: stampedClock(record, change, type.groups, fields),
        }
      : { kind: 'refeed', descendants: false, ...(raised && { fields: raised }) },
    clash,
    stands,
    mergedFields: behind ? changedFields : [],
    copy: settled.some(({ by }) => by === 'both') ? clientVersion(fields, settled) : null,
  };
}

function stampedClock(
  record: RecordState,
  change: Situation['change'],
  groups: ReadonlyMap<string, readonly string[]>,
  fields: Fields,
): FieldClock {
  const stamp = stampBy(change, record.version + 1);
  const clock: Record<string, FieldClock['*']> = { ...record.clock };
  for (const [group, names] of groups) {
    if (names.some((name) => !equalJson(fields[name], record.fields[name]))) clock[group] = stamp;
  }
  return clock as FieldClock;
}
