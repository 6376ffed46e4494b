/**
 * Reads placements for many callers in one round trip: while one read is on its way, those who come gather for the
 * next, as changes do in the lanes. With hundreds of callers that is a hundredth of the statements.
 */
import { LIMITS } from '@ackord/core';
import { KnownRoles } from './known-roles.ts';
import type { Placement, PlaceRequest, Store } from './ports.ts';
import { isUnreachable } from './submit.ts';

interface Asker {
  readonly request: PlaceRequest;
  readonly resolve: (placement: Placement) => void;
  readonly reject: (cause: unknown) => void;
}

export class PlaceReader {
  readonly known = new KnownRoles();
  readonly #store: Store;
  #gathering: Asker[] = [];
  #underWay = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Rejects as the store does. */
  read(request: PlaceRequest): Promise<Placement> {
    return new Promise((resolve, reject) => {
      this.#gathering.push({ request, resolve, reject });
      // Those who ask in the same turn of the event loop share a read as well.
      if (this.#gathering.length === 1) queueMicrotask(() => this.#go());
    });
  }

  #go(): void {
    if (this.#gathering.length === 0 || this.#underWay >= LIMITS.placeReadsMax) return;
    const askers = this.#gathering.splice(0, LIMITS.batchChangesMax);
    this.#underWay++;
    void this.#read(askers).finally(() => {
      this.#underWay--;
      this.#go();
    });
  }

  /** What the store refuses is refused to its asker alone, not to those who happened to ask at the same time. */
  async #read(askers: readonly Asker[]): Promise<void> {
    try {
      const placements = await this.#store.place(askers.map(({ request }) => request));
      for (const [at, asker] of askers.entries()) answer(asker, placements[at]);
    } catch (cause) {
      if (askers.length === 1 || isUnreachable(cause)) for (const { reject } of askers) reject(cause);
      else for (const asker of askers) await this.#read([asker]);
    }
  }
}

function answer({ resolve, reject }: Asker, placement: Placement | undefined): void {
  if (placement) resolve(placement);
  else reject(new Error('The store left a placement out'));
}
