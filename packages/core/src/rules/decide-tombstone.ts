/** Any change on a record that is deleted. Nothing comes back by a stale change, only by a decided conflict. */
import { equalJson, type Fields } from '../schema/json.ts';
import { brokenRule } from '../schema/validate.ts';
import {
  type Change,
  type FieldClock,
  laterOnDevice,
  type RecordState,
  sameDevice,
  stampBy,
  type Tombstone,
} from './record.ts';
import { type Settlement, settle, strategyOf } from './settle.ts';
import { type Situation, valueAtBase } from './situation.ts';
import { withNextStamp } from './stamp.ts';
import type { ConflictStrategy } from './strategies.ts';
import { type Clash, rejected, type Verdict } from './verdict.ts';

export function decideTombstone(situation: Situation, record: RecordState, tombstone: Tombstone): Verdict {
  const { change } = situation;
  if (tombstone.kind === 'alias') {
    // Edits under an alias were led to the record that it stands for; only its deletion arrives here.
    return change.operation === 'DELETE' ? endAlias() : rejected('FORBIDDEN', '');
  }
  if (change.operation === 'DELETE') return { kind: 'unchanged' };
  if (tombstone.kind === 'moved') return rejected('FORBIDDEN', '');
  return decideRevival(situation, record, tombstone);
}

/** A person has said that the record comes back. */
const isDecided = ({ origin }: Change): boolean => origin === 'resolution' || origin === 'restore';

function decideRevival(
  situation: Situation,
  record: RecordState,
  grave: Extract<Tombstone, { kind: 'deleted' }>,
): Verdict {
  const { type, change } = situation;
  const edits = editsOf(situation, record);
  const stays = situation.rootDeleted || situation.beyondHorizon || change.origin === 'legacy';
  if (isDecided(change) && !situation.beyondHorizon) return revive(situation, record, edits, null);
  // An old row in which nothing was edited has nothing to set against the deletion.
  const isNoEdit = Object.keys(edits).length === 0 && change.priority === null;
  if (isNoEdit) return lose(situation, record, grave, edits, null, 'server');
  if (stays) return lose(situation, record, grave, edits, 'FIRST_WRITE_WINS', 'server');
  // A device's own later edit after its own deletion is no conflict; an own earlier one is over.
  if (sameDevice(grave.device, change.device)) {
    return laterOnDevice(change, grave) >= 0
      ? revive(situation, record, edits, null)
      : lose(situation, record, grave, edits, change.base === null ? 'LAST_WRITE_WINS' : null, 'server');
  }
  const strategy = strategyOf(type, null, situation.strategy);
  const by = settle(strategy, { time: grave.time, change: grave.deletion }, change);
  if (by !== 'client') return lose(situation, record, grave, edits, strategy, by);
  return revive(situation, record, edits, clashOf(situation, record, grave, edits, strategy, 'client'));
}

/** The sent values that are edits: those that differ from what the client started from. */
function editsOf(situation: Situation, record: RecordState): Fields {
  const atBase = valueAtBase({ ...situation, record });
  const edits = Object.entries(situation.change.fields).filter(
    ([field, value]) => !equalJson(value, atBase(field)),
  );
  return Object.fromEntries(edits);
}

function revive(situation: Situation, record: RecordState, edits: Fields, clash: Clash | null): Verdict {
  const { type } = situation;
  // It comes back where it was: a new parent that was sent along is not taken, only kept in the journal.
  const home = type.owner ? { [type.owner.field]: record.fields[type.owner.field] ?? null } : {};
  const fields = { ...record.fields, ...edits, ...home };
  const taken = Object.keys(edits).filter((field) => equalJson(edits[field], fields[field]));
  const stands = taken.length === Object.keys(edits).length;
  const broken = brokenRule(type, fields);
  if (broken) return rejected('INVALID', `${broken.message}.`, broken.fields[0] ?? null);
  const uniqueKey = type.unique?.key(fields) ?? null;
  if (uniqueKey !== null && situation.holderOf(uniqueKey)) {
    return rejected(
      'UNIQUE',
      `It is taken: ${type.unique?.fields.join(', ')}.`,
      type.unique?.fields[0] ?? null,
    );
  }
  const kept = stands ? clash : keepMove(situation, record, edits, clash);
  return {
    kind: 'decided',
    outcome: kept ? 'conflict' : 'merged',
    act: {
      kind: 'put',
      operation: 'REVIVE',
      fields: withNextStamp(type, fields, record.fields, situation.change, stands),
      clock: clockAfter(situation, record, situation.change, taken),
      priority: situation.change.priority ?? record.priority,
    },
    clash: kept,
    stands,
    mergedFields: taken,
    copy: null,
  };
}

/** The journal of a revival that did not go where its writer wanted it. What a person decided is no conflict. */
function keepMove(
  situation: Situation,
  record: RecordState,
  edits: Fields,
  clash: Clash | null,
): Clash | null {
  const { change, type } = situation;
  const { tombstone } = record;
  if (clash) return { ...clash, winner: 'mixed' };
  if (isDecided(change) || tombstone?.kind !== 'deleted') return null;
  return clashOf(situation, record, tombstone, edits, strategyOf(type, null, situation.strategy), 'mixed');
}

function clockAfter(
  { type }: Situation,
  record: RecordState,
  change: Change,
  edited: readonly string[],
): FieldClock {
  const stamp = stampBy(change, record.version + 1);
  const clock: Record<string, FieldClock['*']> = { ...record.clock };
  // Who sends what is there already has not changed the group: others' values in it stay others'.
  const changed = edited.filter((field) => !equalJson(change.fields[field], record.fields[field]));
  for (const field of changed) clock[type.fields.get(field)?.group ?? field] = stamp;
  return clock as FieldClock;
}

/** The deletion stands; what was edited is kept in the journal, and the tombstone travels again to the loser. */
function lose(
  situation: Situation,
  record: RecordState,
  grave: Extract<Tombstone, { kind: 'deleted' }>,
  edits: Fields,
  strategy: ConflictStrategy | null,
  by: Settlement,
): Verdict {
  return {
    kind: 'decided',
    outcome: strategy === null ? 'merged' : 'conflict',
    act: { kind: 'refeed', descendants: false },
    clash:
      strategy === null
        ? null
        : clashOf(situation, record, grave, edits, strategy, by === 'server' ? 'server' : null),
    stands: false,
    mergedFields: [],
    copy: null,
  };
}

const clashOf = (
  { change }: Situation,
  record: RecordState,
  grave: Extract<Tombstone, { kind: 'deleted' }>,
  edits: Fields,
  strategy: ConflictStrategy,
  winner: Clash['winner'],
): Clash => ({
  conflictType: 'DELETION_CONFLICT',
  fields: Object.keys(edits),
  base: null,
  server: record.fields,
  client: change.fields,
  clientDeletes: false,
  strategy,
  winner,
  serverTime: grave.time,
  clientTime: change.time,
});

const endAlias = (): Verdict => ({
  kind: 'decided',
  outcome: 'applied',
  act: { kind: 'endAlias' },
  clash: null,
  stands: true,
  mergedFields: [],
  copy: null,
});
