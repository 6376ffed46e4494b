/** Reads placements for many callers in one round trip: with hundreds of callers that is a hundredth of the statements. */
import { LIMITS } from '@ackord/core';
import { KnownRoles } from './known-roles.ts';
import type { Placement, PlaceRequest, Store } from './ports.ts';
import { Together } from './together.ts';

export class PlaceReader {
  readonly known = new KnownRoles();
  readonly #placements: Together<PlaceRequest, Placement>;

  constructor(store: Pick<Store, 'place'>) {
    this.#placements = new Together((requests) => store.place(requests), {
      tripsAtOnceMax: LIMITS.placeReadsMax,
      askersMax: LIMITS.batchChangesMax,
    });
  }

  /** Rejects as the store does. */
  read(request: PlaceRequest): Promise<Placement> {
    return this.#placements.ask(request);
  }
}
