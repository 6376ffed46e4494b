/** DELETE on a live record. What it owns goes with it, unless somebody else changed that meanwhile. */
import { lastStamp, type RecordState, type Stamp, sameDevice } from './record.ts';
import { settle, strategyOf } from './settle.ts';
import type { Situation } from './situation.ts';
import type { Verdict } from './verdict.ts';

export function decideDelete(situation: Situation, record: RecordState): Verdict {
  const { type, change, changedDescendants } = situation;
  // A person has looked at all that goes along: nothing is in conflict a second time.
  if (change.origin === 'resolution') return bury('applied', null);
  const rival = lastRival(situation, record);
  if (rival === null && changedDescendants.length === 0) return bury('applied', null);

  const strategy = strategyOf(type, null, situation.strategy);
  const latest = changedDescendants.reduce<Stamp | null>((last, child) => {
    const stamp = lastStamp(child.clock);
    return last && last.time >= stamp.time ? last : stamp;
  }, rival);
  const by = latest === null ? 'client' : settle(strategy, latest, change);
  const clash = {
    conflictType: 'DELETION_CONFLICT',
    fields: changedDescendants.map((child) => `${nameOf(child.type)}:${child.id}`),
    base: null,
    server: record.fields,
    client: {},
    clientDeletes: true,
    strategy,
    winner: by === 'client' ? 'client' : by === 'server' ? 'server' : null,
    serverTime: latest?.time ?? 0,
    clientTime: change.time,
  } as const;
  return by === 'client' ? bury('conflict', clash) : keep(clash);
}

/** The last edit since the deleter's base that was not its own; null: it had seen everything. */
function lastRival({ change, seen, sameSubmission }: Situation, record: RecordState): Stamp | null {
  let rival: Stamp | null = null;
  for (const [group, stamp] of Object.entries(record.clock)) {
    const unseen = change.base === null ? !seen(group) : stamp.version > change.base;
    if (!unseen || sameDevice(stamp.device, change.device) || sameSubmission(stamp)) continue;
    if (rival === null || stamp.time > rival.time) rival = stamp;
  }
  return rival;
}

type Decided = Extract<Verdict, { kind: 'decided' }>;

const bury = (outcome: Decided['outcome'], clash: Decided['clash']): Verdict => ({
  kind: 'decided',
  outcome,
  act: { kind: 'bury' },
  clash,
  stands: true,
  mergedFields: [],
  copy: null,
});

/** The deletion loses, or waits for a person: those who already dropped their copies get everything again. */
const keep = (clash: Decided['clash']): Verdict => ({
  kind: 'decided',
  outcome: 'conflict',
  act: { kind: 'refeed', descendants: true },
  clash,
  stands: false,
  mergedFields: [],
  copy: null,
});

const nameOf = (typeKey: string): string => typeKey.slice(typeKey.indexOf('.') + 1);
