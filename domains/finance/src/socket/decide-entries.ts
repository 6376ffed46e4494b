/**
 * Entries on their way through the engine: what their session had been given when they were made goes along, and what
 * became of them comes back as answers, one for each.
 */
import { bareId, formatInstant, qualifiedId } from '@ackord/core';
import { type Actor, type Engine, isAcknowledged, type Receipt } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { entityChecksum } from '../checksum/entity-checksum.ts';
import type { EntryAnswer, SyncAck } from '../messages/sync-entry.ts';
import { typeKeyOf } from '../wire/type-names.ts';
import { nackOf, type ReadEntry, shortHash } from './decode-entry.ts';
import type { GivenLog } from './given-log.ts';

/** Whose entries they are. */
export interface Sender {
  readonly tenantId: string;
  readonly actor: Actor;
  /** Names the session: its own later edits are never in conflict with its earlier ones. */
  readonly sessionId: string;
  readonly given: GivenLog;
}

export interface Decided {
  readonly entry: ReadEntry;
  readonly answer: EntryAnswer;
  readonly receipt: Receipt;
  /** The sender has to be told what is stored: that is not what it has, or may not be. */
  readonly mustHear: boolean;
}

/** `madeAt`: of each entry, when it was made at the earliest, by the clock of the log of what was given; null: unknown. */
export async function decideEntries(
  engine: Pick<Engine, 'submit'>,
  sender: Sender,
  entries: readonly ReadEntry[],
  madeAt: readonly (number | null)[],
): Promise<readonly Decided[]> {
  const { tenantId, actor, sessionId, given } = sender;
  // One position speaks for all of a submission: the least of them.
  const positions = entries.map((entry, at) => given.seenAt(keyOf(tenantId, entry), madeAt[at] ?? null));
  const { receipts, serverTime } = await engine.submit({
    domain: 'finance',
    actor,
    tenant: tenantId,
    device: sessionId,
    batchId: entries[0]?.name.id ?? '',
    origin: 'client',
    positions: new Map([[tenantScope(tenantId), Math.min(...positions)]]),
    changes: entries.map(({ change }) => change),
  });
  return entries.map((entry, at) => {
    const receipt = receipts[at] as Receipt;
    return {
      entry,
      receipt,
      answer: answerOf(entry, receipt, serverTime),
      mustHear: mustHear(entry, receipt, () =>
        given.mayHaveComeAfter(keyOf(tenantId, entry), madeAt[at] ?? null),
      ),
    };
  });
}

/** The entry as a member of a group that is decided as one. Sent alone before, or in another group, it is decided anew. */
export const inGroup = (entry: ReadEntry, group: string): ReadEntry => ({
  ...entry,
  change: {
    ...entry.change,
    transactionId: group,
    changeId: `${entry.change.changeId} ${shortHash(group).slice(0, 11)}`,
  },
});

export const keyOf = (tenantId: string, { typeName, entityId }: ReadEntry): string =>
  `${typeKeyOf(typeName)} ${qualifiedId(tenantId, entityId)}`;

function answerOf(entry: ReadEntry, receipt: Receipt, serverTime: number): EntryAnswer {
  if (!isAcknowledged(receipt)) {
    const nack = nackOf(entry.name, receipt.code, undefined, receipt.retryAfterMs);
    return { ...nack, detail: inWordsOfApps(receipt), server_timestamp: serverTime };
  }
  return {
    type: 'sync_ack',
    ...entry.name,
    status: 'processed',
    // Of what is stored, so that the same entry is answered alike whenever it comes.
    server_timestamp: receipt.updatedAt ?? serverTime,
    checksum: checksumOf(entry, receipt),
    outcome: receipt.status,
    conflict_id: receipt.conflict?.id ?? null,
  };
}

/** Inside, ids are those of a whole server, and groups have names that apps don't know. */
function inWordsOfApps({ code, message }: Extract<Receipt, { readonly code: unknown }>): string {
  if (code !== 'TRANSACTION_ABORTED' && code !== 'TRANSACTION_SPLIT') return message;
  return code === 'TRANSACTION_SPLIT'
    ? 'A batch of this id was decided before, with other entries. Give every batch an id of its own.'
    : 'Another entry of the batch was not accepted as it is, so none was applied. See the answers beside this one; entries that change one record twice can’t be in one atomic batch.';
}

type Acknowledged = Extract<Receipt, { readonly stands: boolean }>;

/** Where the receipt brings no record, what was sent is what is stored, under the stamp of the receipt. */
function checksumOf({ decoded, typeName, entityId }: ReadEntry, receipt: Acknowledged): SyncAck['checksum'] {
  const { record, stamp } = receipt;
  if (record) return record.tombstone ? null : entityChecksum(typeName, bareId(record.id), record.fields);
  if (!decoded || stamp === null) return null;
  return entityChecksum(typeName, entityId, { ...decoded.fields, editedAt: formatInstant(stamp) });
}

function mustHear({ decoded }: ReadEntry, receipt: Receipt, mayHaveBeenOverwritten: () => boolean): boolean {
  if (!isAcknowledged(receipt) || receipt.replayed) return false;
  if (!receipt.stands || receipt.record !== null) return true;
  // The app's own copy of what it deletes is gone, unless a state that came since has brought it back there.
  if (!decoded) return mayHaveBeenOverwritten();
  const isAsSent = !decoded.normalized && decoded.sentStamp === receipt.stamp;
  return !isAsSent || ((receipt.version ?? 1) > 1 && mayHaveBeenOverwritten());
}
