/**
 * A planted defect: seqs are drawn before the scope is locked, as from a sequence, which gives each of them once and in
 * order, but not in the order of the commits. Whoever reads up to a seq then misses what commits below it later.
 * Shows that the checks of these tests can fail.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockedScopes, ScopeState, Store } from '@ackord/server';
import pg from 'pg';

/** More than one batch needs. */
const SEQS_A_DRAW = 10_000;

/** The first change of a scope makes its owner, and is left alone. */
const drawnInstead =
  (drawn: number) =>
  (scope: ScopeState): ScopeState => ({ ...scope, head: scope.head === 0 ? 0 : drawn });

export async function withSeqBeforeLock(store: Store, ownerUrl: string): Promise<Store> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 4 });
  await pool.query(`CREATE SEQUENCE IF NOT EXISTS drawn_seq`).catch(() => {});
  const draw = async (): Promise<number> =>
    Number((await pool.query(`SELECT nextval('drawn_seq') AS drawn`)).rows[0].drawn) * SEQS_A_DRAW;

  const transaction: Store['transaction'] = (work) =>
    store.transaction(async (inner) => {
      const heads = new Map<string, number>();
      return work({
        lockScopes: async (ids): Promise<LockedScopes> => {
          const drawn = await draw();
          await sleep(Math.random() * 20);
          const locks = await inner.lockScopes(ids, { wait: true });
          for (const { id, head } of locks.locked) heads.set(id, head);
          return { ...locks, locked: locks.locked.map(drawnInstead(drawn)) };
        },
        read: (request) => inner.read(request),
        readDetails: (request) => inner.readDetails(request),
        // The head never goes back, else readers would notice and begin anew.
        write: (set) =>
          inner.write({
            ...set,
            heads: set.heads.map((scope) => ({
              ...scope,
              head: Math.max(scope.head, heads.get(scope.scope) ?? 0),
            })),
          }),
      });
    });
  return Object.create(store, { transaction: { value: transaction } }) as Store;
}
