/**
 * The groups that both sides changed: settling them by their strategies, and what the journal says of it.
 * Groups that a broken rule binds together are settled as one, so that no rule is broken by half a victory.
 */
import type { Fields, JsonValue } from '../schema/json.ts';
import { brokenRule } from '../schema/validate.ts';
import type { GroupOutcome, Merged } from './merge.ts';
import { pick, type RecordState, type Stamp } from './record.ts';
import { type Settlement, settle, strategyOf } from './settle.ts';
import type { Situation } from './situation.ts';
import type { ConflictStrategy } from './strategies.ts';
import type { Clash, Winner } from './verdict.ts';

type GroupClash = Extract<GroupOutcome, { kind: 'clash' }>;
type Outcomes = ReadonlyMap<string, GroupOutcome>;

export interface Settled {
  readonly group: string;
  readonly clash: GroupClash;
  readonly strategy: ConflictStrategy;
  readonly by: Settlement;
}

/** `bound`: groups that must go one way together; the most cautious of their settlements decides for all. */
export function settleClashes(
  situation: Situation,
  record: RecordState,
  outcomes: Outcomes,
  bound: ReadonlySet<string>,
): readonly Settled[] {
  const clashes = [...outcomes].flatMap(([group, clash]) =>
    clash.kind === 'clash' ? [{ group, clash }] : [],
  );
  const latest = latestStamp(clashes.filter(({ group }) => bound.has(group)).map(({ clash }) => clash.stamp));
  const settled = clashes.map(({ group, clash }): Settled => {
    const strategy = strategyFor(situation, group);
    const stamp = bound.has(group) && latest ? latest : clash.stamp;
    return {
      group,
      clash,
      strategy,
      by: clash.isOver ? 'server' : settle(strategy, stamp, situation.change),
    };
  });
  const cautious = mostCautious(settled.filter(({ group }) => bound.has(group)));
  const together = settled.map((one) =>
    bound.has(one.group) && cautious ? { ...one, by: cautious.by, strategy: cautious.strategy } : one,
  );
  return withPossibleCopies(situation, record, outcomes, together);
}

/** A blind client can't be asked what it had started from, nor wait for a person: its unseen edits race by time. */
const strategyFor = ({ type, change, strategy }: Situation, group: string): ConflictStrategy =>
  change.base === null ? 'LAST_WRITE_WINS' : strategyOf(type, group, strategy);

const latestStamp = (stamps: readonly Stamp[]): Stamp | null =>
  stamps.reduce<Stamp | null>((last, stamp) => (last && last.time >= stamp.time ? last : stamp), null);

const CAUTION: Record<Settlement, number> = { person: 3, both: 2, server: 1, client: 0 };

const mostCautious = (settled: readonly Settled[]): Settled | null =>
  settled.reduce<Settled | null>(
    (most, one) => (most && CAUTION[most.by] >= CAUTION[one.by] ? most : one),
    null,
  );

/** A second record that would break a rule can't be made: then a person decides. */
function withPossibleCopies(
  { type }: Situation,
  record: RecordState,
  outcomes: Outcomes,
  settled: readonly Settled[],
): readonly Settled[] {
  if (!settled.some(({ by }) => by === 'both')) return settled;
  if (!brokenRule(type, clientVersion(fieldsAfter(record, outcomes, settled), settled))) return settled;
  return settled.map((one) =>
    one.by === 'both' ? { ...one, by: 'person', strategy: 'MANUAL_RESOLUTION' } : one,
  );
}

/** The record's fields with all that goes in: what nobody contested, what was merged, and what the client won. */
export function fieldsAfter(record: RecordState, outcomes: Outcomes, settled: readonly Settled[]): Fields {
  const fields: Record<string, JsonValue> = { ...record.fields };
  for (const outcome of outcomes.values()) {
    if (outcome.kind === 'take' || outcome.kind === 'merge') Object.assign(fields, outcome.fields);
  }
  for (const { clash, by } of settled) if (by === 'client') Object.assign(fields, clash.fields);
  return fields;
}

/** The record as the client wants it: what goes in anyway, and its side of every clash. */
export const clientVersion = (fields: Fields, settled: readonly Settled[]): Fields =>
  Object.assign({}, fields, ...settled.map(({ clash }) => clash.fields));

export function clashOf(
  situation: Situation,
  record: RecordState,
  merged: Merged,
  settled: readonly Settled[],
): Clash {
  const { change } = situation;
  const fields = settled.flatMap(({ clash }) => clash.names);
  const known = fields.every((field) => merged.atBase(field) !== undefined);
  const groupFields = settled.flatMap(({ clash }) => Object.keys(clash.fields));
  const undecided = settled.find(({ by }) => by === 'person');
  return {
    conflictType: wasOvertaken(situation) ? 'CONCURRENT_MODIFICATION' : 'VERSION_MISMATCH',
    fields,
    base: known
      ? pick(Object.fromEntries(groupFields.map((field) => [field, merged.atBase(field)])), groupFields)
      : null,
    server: record.fields,
    client: change.fields,
    clientDeletes: false,
    strategy: (undecided ?? settled[0])?.strategy ?? situation.strategy,
    winner: winnerOf(new Set(settled.map(({ by }) => by))),
    serverTime: Math.max(...settled.map(({ clash }) => clash.stamp.time)),
    clientTime: change.time,
  };
}

/** The base was current when the change arrived, and no longer when its turn came. */
function wasOvertaken({ change, history, receivedAt }: Situation): boolean {
  if (change.base === null || change.base <= 0) return false;
  const next = change.base + 1;
  const overtaker = history.find((line) => line.version === next);
  return overtaker !== undefined && overtaker.at > receivedAt;
}

function winnerOf(ways: ReadonlySet<Settlement>): Winner | null {
  if (ways.has('person')) return null;
  if (ways.has('both')) return 'both';
  if (ways.size > 1) return 'mixed';
  return ways.has('client') ? 'client' : 'server';
}
