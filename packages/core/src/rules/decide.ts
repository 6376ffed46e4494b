/**
 * THE decision: what becomes of one change, given the record as it is. Pure; the table is `docs/decisions.md`'s
 * source and each of its rows has a test of that name in decide*.test.ts.
 *
 * Who the writer is and what it may do was decided before (rung 9, authorize); here everybody is allowed.
 */
import { brokenRule, completeFields, missingField } from '../schema/validate.ts';
import { decideDelete } from './decide-delete.ts';
import { decideTombstone } from './decide-tombstone.ts';
import { decideUpdate } from './decide-update.ts';
import { stampBy } from './record.ts';
import type { Situation } from './situation.ts';
import { withNextStamp } from './stamp.ts';
import { rejected, type Verdict } from './verdict.ts';

export { type Situation, type VersionLine, valueAtBase } from './situation.ts';

export function decide(situation: Situation): Verdict {
  const { change, record } = situation;
  if (record === null) return decideUnknown(situation);
  // What a device bases its deletion of an alias on is a version of the record behind it: it says nothing here.
  if (record.tombstone?.kind === 'alias') return decideTombstone(situation, record, record.tombstone);
  if (situation.otherEpoch)
    return rejected('VERSION_FROM_FUTURE', 'The change was made before the database was restored.');
  if (change.base !== null && change.base > record.version) {
    return rejected(
      'VERSION_FROM_FUTURE',
      `The record is at version ${record.version}, the change is based on ${change.base}.`,
    );
  }
  if (record.tombstone !== null) return decideTombstone(situation, record, record.tombstone);
  if (change.operation === 'DELETE') return decideDelete(situation, record);
  return decideUpdate(situation, record);
}

/** There is no record of this id. */
function decideUnknown(situation: Situation): Verdict {
  const { change, namedScope } = situation;
  const blind = change.base === null;
  if (change.operation === 'DELETE') {
    // A blind client's late CREATE must meet a tombstone.
    return blind && namedScope ? decided({ kind: 'bury' }) : rejected('FORBIDDEN', '');
  }
  if (change.operation === 'UPDATE' && !namedScope) return rejected('FORBIDDEN', '');
  if (change.operation === 'UPDATE' && !blind) return rejected('NOT_FOUND', '');
  return decideCreate(situation);
}

function decideCreate({ type, change, holderOf }: Situation): Verdict {
  const missing = missingField(type, change.fields);
  if (missing !== null) return rejected('INVALID', `${missing} is needed to create a ${type.name}.`, missing);
  const fields = completeFields(type, change.fields);
  const broken = brokenRule(type, fields);
  if (broken) return rejected('INVALID', `${broken.message}.`, broken.fields[0] ?? null);
  const uniqueKey = type.unique?.key(fields) ?? null;
  const holder = uniqueKey === null ? null : holderOf(uniqueKey);
  if (holder !== null) return { kind: 'alias', of: holder };
  const stamp = stampBy(change, 1);
  return decided({
    kind: 'put',
    operation: 'CREATE',
    fields: withNextStamp(type, fields, null, change, true),
    clock: { '*': stamp },
    priority: change.priority ?? 1,
  });
}

const decided = (act: Extract<Verdict, { kind: 'decided' }>['act']): Verdict => ({
  kind: 'decided',
  outcome: 'applied',
  act,
  clash: null,
  stands: true,
  mergedFields: [],
  copy: null,
});
