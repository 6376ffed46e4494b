/** I11: what is deleted comes back by a decided conflict, or by a later edit of the very device that deleted it. */
import { keyOf } from '../replica.ts';
import type { History, Line, Truth } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';

export function checkDeletions(world: World, truth: Truth): void {
  const made = new Set(world.observer.changes.map(({ actor, changeId }) => `${actor} ${changeId}`));
  for (const history of truth.histories.values()) checkLife(truth, history, made);
  checkOrphans(world, truth);
}

function checkLife(truth: Truth, history: History, made: ReadonlySet<string>): void {
  let grave: Line | null = null;
  for (const { line } of history.versions) {
    const facts = () => ({ line, grave, history });
    switch (line.operation) {
      case 'DELETE':
      case 'ALIAS':
        grave = line;
        break;
      case 'REVIVE':
        holds('I11', grave !== null, 'a record came back that was not gone', facts);
        holds(
          'I11',
          grave === null || mayRevive(truth, line, grave, made),
          'a stale change brought a record back',
          facts,
        );
        grave = null;
        break;
      default:
        holds('I11', grave === null, 'a deleted record was changed as if it lived', facts);
    }
  }
  const isDead = history.record.tombstone !== null;
  holds(
    'I11',
    isDead === (grave !== null),
    'the record and its history differ about its life',
    () => history,
  );
}

function mayRevive(truth: Truth, line: Line, grave: Line, made: ReadonlySet<string>): boolean {
  // Not a change of a device: a person decided a conflict.
  if (!made.has(`${line.actor} ${line.changeId}`)) return true;
  if (line.actor === grave.actor && line.device === grave.device) return true;
  return truth.conflicts.some(
    ({ actor, changeId, conflictType, winner, resolution }) =>
      conflictType === 'DELETION_CONFLICT' &&
      actor === line.actor &&
      changeId === line.changeId &&
      // A person may have decided otherwise since.
      (winner === 'client' || winner === 'mixed' || resolution !== null),
  );
}

/** Nothing lives whose hard parent is gone. */
function checkOrphans(world: World, truth: Truth): void {
  const live = new Set(truth.records.filter(({ tombstone }) => tombstone === null).map(keyOf));
  for (const record of truth.records) {
    const { owner } = world.ground.registry.type(record.type);
    if (record.tombstone !== null || owner === null) continue;
    const parent = keyOf({ type: owner.type, id: String(record.fields[owner.field]) });
    holds('I9', live.has(parent), 'a record lives whose parent is gone', () => ({ record, parent }));
  }
}
