/** I11: what is deleted comes back by a decided conflict, or by a later edit of the very device that deleted it. */
import type { OutboxChange } from '../outbox-change.ts';
import { keyOf } from '../replica.ts';
import type { History, Line, Truth } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';
import { acknowledgedBy } from './receipts.ts';

export function checkDeletions(world: World, truth: Truth): void {
  const made = new Map(world.observer.changes.map((change) => [keyOfChange(change), change]));
  for (const history of truth.histories.values()) checkLife(history, made);
  checkOrphans(world, truth);
}

const keyOfChange = (of: { readonly actor: string; readonly changeId: string | null }): string =>
  `${of.actor} ${of.changeId}`;

function checkLife(history: History, made: ReadonlyMap<string, OutboxChange>): void {
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
          grave === null || mayRevive(line, grave, made.get(keyOfChange(line))),
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

function mayRevive(line: Line, grave: Line, change: OutboxChange | undefined): boolean {
  // Not a change of a device: a person decided a conflict.
  if (!change) return true;
  if (line.actor === grave.actor && line.device === grave.device) return true;
  const conflict = acknowledgedBy(change)?.conflict;
  return (
    conflict?.conflictType === 'DELETION_CONFLICT' && conflict.winner !== 'server' && conflict.winner !== null
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
