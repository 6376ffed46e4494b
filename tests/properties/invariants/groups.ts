/** I8: a group of changes is all or nothing, and a bad change harms no other. */
import { type ErrorCode, LIMITS } from '@ackord/core';
import type { OutboxChange } from '../outbox-change.ts';
import type { Truth } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';
import { acknowledgedBy } from './receipts.ts';

export function checkGroups(world: World, truth: Truth): void {
  // A record that is only fed again is as it was.
  const lines = [...truth.logs.values()].flat().filter(({ operation }) => operation !== 'REFEED');
  const effects = new Set(lines.map(({ actor, changeId }) => `${actor} ${changeId}`));
  // Not made: refused, or kept with its group until somebody decides.
  const notMade = new Set(
    world.observer.changes
      .filter((change) => change.operation === 'CREATE' && acknowledgedBy(change)?.stands !== true)
      .map(({ id }) => id),
  );
  const hasEffect = (change: OutboxChange): boolean => effects.has(`${change.actor} ${change.changeId}`);
  const groups = new Map<string, OutboxChange[]>();
  for (const change of world.observer.changes) {
    if (change.transaction !== null)
      groups.set(change.transaction, [...(groups.get(change.transaction) ?? []), change]);
    if (!notMade.has(change.id)) requireOwnFault(change, world.observer.poisonings);
  }
  for (const group of groups.values()) requireAllOrNothing(group, hasEffect);
}

/** All were accepted as sent, or none has any effect. */
function requireAllOrNothing(
  group: readonly OutboxChange[],
  hasEffect: (change: OutboxChange) => boolean,
): void {
  const accepted = group.map((change) => {
    const receipt = acknowledgedBy(change);
    return receipt?.stands === true && receipt.conflict?.status !== 'pending';
  });
  if (accepted.every((one) => one)) return;
  // A device that was set back may never learn what became of a commit whose answer was lost.
  if (group.some((change) => change.answers.at(-1)?.status === 'retry')) return;
  for (const change of group)
    holds('I8', !hasEffect(change), 'a group was applied in part', () => ({ change, group, accepted }));
}

/** Codes that say that somebody else's change is to blame, or the server. */
const OTHERS_FAULT: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'TRANSACTION_ABORTED',
  'TRANSACTION_SPLIT',
]);

function requireOwnFault(change: OutboxChange, poisonings: ReadonlyMap<string, number>): void {
  // What fails again and again for a reason of its own is refused in the end.
  const isHopeless = (poisonings.get(change.changeId) ?? 0) >= LIMITS.internalFailuresMax;
  for (const receipt of change.answers) {
    if (receipt.status !== 'rejected') continue;
    const { code } = receipt;
    const facts = () => ({ change, receipt });
    if (change.transaction === null && !(isHopeless && code === 'INTERNAL'))
      holds('I8', !OTHERS_FAULT.has(code), 'a change outside of any group failed by another', facts);
    if (code === 'INVALID' && change.flaw === null && receipt.field === 'noSuchField')
      holds('I8', false, 'a sound change was refused for the flaw of another', facts);
    // A record of its own, in a scope of its own, which was there when the edit was made.
    const ownScope = ['Tag', 'TagCategory', 'BucketListItem'].includes(change.typeName);
    if (ownScope && change.flaw === null)
      holds('I8', code !== 'FORBIDDEN' && code !== 'NOT_FOUND', 'a user was kept from its own record', facts);
    holds(
      'I3',
      code !== 'VERSION_FROM_FUTURE',
      'a version that was given out is refused as one from the future',
      facts,
    );
  }
}
