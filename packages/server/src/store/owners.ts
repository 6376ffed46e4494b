/** Which type has which owner, as two columns for statements that walk from owners to children or back. */
import type { Registry } from '@ackord/core';
import { textArray } from './sql-arrays.ts';

export interface Owners {
  readonly types: Buffer;
  readonly ownerTypes: Buffer;
}

export function ownersOf(registry: Registry): Owners {
  const pairs = [...registry.types.values()].flatMap(({ key, owner }) =>
    owner ? [[key, owner.type] as const] : [],
  );
  return {
    types: textArray(pairs.map(([type]) => type)),
    ownerTypes: textArray(pairs.map(([, ownerType]) => ownerType)),
  };
}
