/**
 * Reads placements for many callers in one round trip: with hundreds of callers that is a hundredth of the statements.
 * What was read of late is known without.
 */
import { LIMITS } from '@ackord/core';
import { KnownPlaces, type Recalling } from './known-places.ts';
import type { Location, Placement, PlaceRequest, Store } from './ports.ts';
import { Together } from './together.ts';

export class PlaceReader {
  readonly #known = new KnownPlaces();
  readonly #placements: Together<PlaceRequest, Placement>;
  readonly #wallClock: () => number;
  /** How far the database's clock is ahead of the one here, as the last read showed. */
  #aheadMs = 0;

  /** `wallClock`: milliseconds since 1970, as far as this machine knows. */
  constructor(store: Pick<Store, 'place'>, wallClock: () => number) {
    this.#wallClock = wallClock;
    this.#placements = new Together((requests) => store.place(requests), {
      tripsAtOnceMax: LIMITS.placeReadsMax,
      askersMax: LIMITS.batchChangesMax,
    });
  }

  /** The database's clock, without asking it. */
  now(): number {
    return this.#wallClock() + this.#aheadMs;
  }

  /** Where all keys lie; null: something is not known. */
  recall(request: PlaceRequest, recalling: Recalling): readonly Location[] | null {
    return this.#known.recall(request, recalling);
  }

  /** Rejects as the store does. */
  async read(request: PlaceRequest): Promise<Placement> {
    const placement = await this.#placements.ask(request);
    this.#aheadMs = placement.now - this.#wallClock();
    this.#known.note(request.userId, placement);
    return placement;
  }
}
