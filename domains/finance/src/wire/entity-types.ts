/** The nine types in their compiled form, by their names on the wire. */
import { createRegistry, type EntityType } from '@ackord/core';
import { financeDomain } from '../entities.ts';
import type { TypeName } from './type-names.ts';

const { entityByName } = createRegistry([financeDomain]).domain(financeDomain.name);

export function entityTypeOf(name: TypeName): EntityType {
  const type = entityByName.get(name);
  if (!type) throw new Error(`The finance domain has no type ${name}`);
  return type;
}

const WIRE_NAMES: { readonly [field: string]: string } = { editedAt: 'updated_at', logoPath: 'logo_path' };

/** A stored field's name on the wire. */
export const wireNameOf = (field: string): string => WIRE_NAMES[field] ?? field;
