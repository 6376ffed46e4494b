/** A check that every store makes before it writes: the engine must hold the scopes that it writes to. */
import type { WriteSet } from '../engine/ports.ts';

/** Rows in scopes that the transaction does not hold are a mistake of the engine, not an outcome. */
export function assertHeld(writes: WriteSet, held: ReadonlySet<string>): void {
  const written = [
    ...writes.heads,
    ...writes.records.map(({ record }) => record),
    ...writes.locations,
    ...writes.log,
    ...writes.digests,
  ];
  for (const { scope } of written) {
    if (!held.has(scope)) throw new Error(`The transaction writes to ${scope} and does not hold it.`);
  }
}
