/**
 * An app may have two sockets, and take what comes late on the one for newer than what has come on the other. When one
 * ends of which it is not known that all arrived, the others of its room are told of that once more. Sockets mostly end
 * many at a time; one read is enough for all that end together, or while another read is under way.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine } from '@ackord/server';
import { tenantActor, tenantScope } from '../access.ts';
import { batchOf, type Update } from './batch.ts';
import type { Guest } from './room.ts';
import type { ToldLog } from './told-log.ts';

export interface LateNewsParts {
  /** Does anybody remain who has to be told? */
  readonly isWanted: () => boolean;
  /** Reads what was told after a position, and tells it again to all who remain. */
  readonly tellAgain: (after: number) => Promise<void>;
}

export class LateNews {
  readonly #parts: LateNewsParts;
  /** The lowest position that somebody asked for and nobody has read from yet. */
  #from = Number.POSITIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(parts: LateNewsParts) {
    this.#parts = parts;
  }

  /** A socket has ended that is known to have been told up to there. Resolves when the others have heard the rest. */
  tellFrom(position: number): Promise<void> {
    this.#from = Math.min(this.#from, position);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#from < Number.POSITIVE_INFINITY) {
      await nextTurn();
      const after = this.#from;
      this.#from = Number.POSITIVE_INFINITY;
      if (!this.#parts.isWanted()) continue;
      try {
        await this.#parts.tellAgain(after);
      } catch (cause) {
        // For the next one that ends.
        this.#from = Math.min(this.#from, after);
        throw cause;
      }
    }
  }
}

export interface RoomNow {
  readonly engine: Pick<Engine, 'news'>;
  readonly tenantId: string;
  readonly guests: ReadonlySet<Guest>;
  readonly told: ToldLog;
  /** What is noted in `told` reaches so far. */
  readonly servedTo: () => number;
}

/**
 * Reads what was told after a position, and tells it again to all of the room, but for what was overtaken meanwhile.
 * `isWanted`: only of these.
 */
export async function tellAgainFrom(
  after: number,
  room: RoomNow,
  isWanted: (update: Update) => boolean = () => true,
): Promise<void> {
  const { engine, tenantId, guests, told, servedTo } = room;
  const place = { scope: tenantScope(tenantId), after };
  let left: readonly Guest[] = [...guests];
  for (let round = 0; left.length > 0 && round < ROUNDS_MAX; round++) {
    const read = await engine.news(tenantActor(tenantId), 'finance', place);
    if (!read.ok || !read.news) return;
    const { updates, to } = batchOf(tenantId, read.news);
    // What was told while it was read is newer than what was read, and must not be followed by that.
    const current = updates.filter((update) => isWanted(update) && told.newestOf(update.key) <= update.seq);
    const known = Math.max(servedTo(), to);
    for (const guest of left) if ((guest.position ?? 0) <= known) guest.tellAgain(current);
    // Who has meanwhile read further by itself than anything is known of here.
    left = left.filter((guest) => guests.has(guest) && (guest.position ?? 0) > known);
  }
}

/** Each read is newer than the one before, so one more is mostly enough. */
const ROUNDS_MAX = 10;
