/**
 * A store whose transactions can be held at a gate, so that a test decides what stands in one batch; and which refuses
 * to place a poisoned key.
 */
import { DatabaseFailure, type Store } from '@ackord/server';

export interface GatedStore extends Store {
  shut(): void;
  open(): void;
  /** Transactions that wait at the gate. */
  readonly waiting: number;
  /** Callers that have been placed. */
  readonly placed: number;
  /** The most scopes that one transaction has asked for. */
  readonly largest: number;
  /** From now on the database refuses this id. */
  poison(id: string): void;
}

export function gated(store: Store): GatedStore {
  let gate: { readonly opened: Promise<void>; open(): void } | null = null;
  const state = { waiting: 0, placed: 0, largest: 0 };
  const poisoned = new Set<string>();

  const transaction: Store['transaction'] = async (work) => {
    if (gate) {
      state.waiting++;
      await gate.opened;
      state.waiting--;
    }
    return store.transaction((inner) => {
      const lockScopes: typeof inner.lockScopes = (ids, options) => {
        state.largest = Math.max(state.largest, ids.length);
        return inner.lockScopes(ids, options);
      };
      return work({
        lockScopes,
        read: (request) => inner.read(request),
        readDetails: (request) => inner.readDetails(request),
        write: (writes) => inner.write(writes),
      });
    });
  };
  const place: Store['place'] = async (requests) => {
    if (requests.some(({ keys }) => keys.some(({ id }) => poisoned.has(id))))
      throw new DatabaseFailure('refused', '22021: invalid byte sequence for encoding "UTF8": 0x00');
    const placements = await store.place(requests);
    state.placed += requests.length;
    return placements;
  };
  return Object.create(store, {
    transaction: { value: transaction },
    place: { value: place },
    waiting: { get: () => state.waiting },
    placed: { get: () => state.placed },
    largest: { get: () => state.largest },
    poison: { value: (id: string) => void poisoned.add(id) },
    shut: {
      value: () => {
        let open = (): void => {};
        const opened = new Promise<void>((resolve) => {
          open = resolve;
        });
        gate = { opened, open };
      },
    },
    open: {
      value: () => {
        gate?.open();
        gate = null;
      },
    },
  }) as GatedStore;
}
