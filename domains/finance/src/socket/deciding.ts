/**
 * Entries of one session: when they were made, their decisions, their answers, and what the app must hear beside them,
 * in this order.
 */
import { formatInstant } from '@ackord/core';
import { isAcknowledged, type Receipt } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { dataUpdateText } from '../messages/data-update.ts';
import { encodeEntity } from '../wire/encode.ts';
import { batchOf } from './batch.ts';
import type { Listener, SessionParts } from './catch-up.ts';
import { type Decided, decideEntries, keyOf } from './decide-entries.ts';
import type { ReadEntry } from './decode-entry.ts';
import { EditClock } from './edit-clock.ts';

export type Answer = (decided: readonly Decided[]) => void;

export class Deciding {
  readonly #parts: SessionParts;
  readonly #listener: Listener;
  readonly #editClock: EditClock;

  constructor(parts: SessionParts, listener: Listener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#editClock = new EditClock(parts.tools.seenMarginMs);
  }

  /** Entries that have just come in. */
  async receive(entries: readonly ReadEntry[], answer: Answer): Promise<void> {
    const { tools, room } = this.#parts;
    const { given } = this.#listener;
    this.#editClock.heard(entries, tools.clock(), given.askedAt);
    for (const entry of entries)
      if (!entry.decoded) given.deletedThere(keyOf(room.tenantId, entry), this.#editClock.madeAt(entry));
    tools.underWay.add(room.tenantId, entries.length);
    try {
      await this.decide(entries.map(orderedByServer), answer);
    } finally {
      tools.underWay.remove(room.tenantId, entries.length);
    }
  }

  async decide(entries: readonly ReadEntry[], answer: Answer): Promise<void> {
    const { id, room } = this.#parts;
    const { echo } = this.#listener;
    const keys = entries.map((entry) => keyOf(room.tenantId, entry));
    const changeIds = entries.map(({ change }) => String(change.changeId));
    for (const changeId of changeIds) echo.begin(changeId);
    const toldBefore = keys.map((key) => room.told.lastFor(key, id));
    let decided: readonly Decided[] = [];
    try {
      decided = await this.#decisions(entries);
    } finally {
      if (decided.length === 0) for (const changeId of changeIds) echo.end(changeId, '', null, false);
    }
    this.#parts.socket.together(() => {
      answer(decided);
      decided.forEach((one, at) => {
        this.#tell(one, changeIds[at] ?? '', keys[at] ?? '', toldBefore[at] ?? 0);
      });
    });
    for (const { entry, receipt } of decided)
      if (isDeletedAgain(entry, receipt))
        await this.#tellAgain(keyOf(room.tenantId, entry), receipt.seq ?? 0);
  }

  #decisions(entries: readonly ReadEntry[]): Promise<readonly Decided[]> {
    const { id: sessionId, room, actor, tools } = this.#parts;
    const sender = { tenantId: room.tenantId, actor, sessionId, given: this.#listener.given };
    const madeAt = entries.map((entry) => this.#editClock.madeAt(entry));
    return decideEntries(tools.engine, sender, entries, madeAt);
  }

  #tell({ entry, receipt, mustHear }: Decided, changeId: string, key: string, toldBefore: number): void {
    const { id, room } = this.#parts;
    const seq = isAcknowledged(receipt) && receipt.isNews ? receipt.seq : null;
    const held = this.#listener.echo.end(changeId, key, seq, mustHear);
    if (held) this.#listener.sendUpdate(held);
    else if (mustHear && seq === null && room.told.surelyFor(key, id) <= toldBefore)
      this.#tellStored(entry, receipt);
  }

  /** Nothing was to be changed, so no news will come, and the app has noted another time, or holds other values. */
  #tellStored({ typeName, entityId, decoded }: ReadEntry, receipt: Receipt): void {
    if (!decoded || !isAcknowledged(receipt) || receipt.stamp === null || receipt.record?.tombstone) return;
    const fields = receipt.record?.fields ?? { ...decoded.fields, editedAt: formatInstant(receipt.stamp) };
    const entity = encodeEntity(typeName, entityId, fields);
    const update = { typeName, id: entityId, operation: 'update', entity } as const;
    this.#listener.send(dataUpdateText(this.#parts.room.tenantId, update));
  }

  /** A load passes over what the app is about to delete: once the app knows that the deletion was lost, it needs that. */
  async #tellAgain(key: string, seq: number): Promise<void> {
    const { id, room, actor, tools } = this.#parts;
    const toldBefore = room.told.lastFor(key, id);
    const scope = tenantScope(room.tenantId);
    const read = await tools.engine.news(actor, 'finance', { scope, after: seq - 1 });
    if (!read.ok || !read.news) return;
    // That it is deleted still the app knows.
    const moved = read.news.moved.filter(({ record }) => record.tombstone === null);
    const update = batchOf(room.tenantId, { ...read.news, moved }).updates.find((one) => one.key === key);
    // What was told just now is remembered; told when in doubt.
    const toldNow = room.told.surelyFor(key, id);
    if (update && (toldNow <= toldBefore || toldNow <= update.seq)) this.#listener.sendUpdate(update);
  }
}

/**
 * The order of a device's own edits goes by the server's clock, for the device's may be set right between two of them.
 * It is noted when they come in, and stays, however often they have to be tried.
 */
const orderedByServer = (entry: ReadEntry): ReadEntry =>
  entry.ageMs === null
    ? entry
    : { ...entry, change: { ...entry.change, madeAt: Math.round(Date.now() - entry.ageMs) } };

/**
 * A deletion that was sent again: it had been lost, or somebody may have brought the record back since, and a load that
 * came in between was not taken for it.
 */
const isDeletedAgain = (
  { decoded }: ReadEntry,
  receipt: Receipt,
): receipt is Extract<Receipt, { stands: boolean }> =>
  decoded === null &&
  isAcknowledged(receipt) &&
  receipt.replayed &&
  (!receipt.stands || receipt.seq !== null);
