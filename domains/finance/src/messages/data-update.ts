/** `data_update`: what became of a record, for apps that have others of the same tenant. */
import { bareId } from '@ackord/core';
import type { MovedRecord } from '@ackord/server';
import { encodeEntity } from '../wire/encode.ts';
import { type TypeName, typeNameOf } from '../wire/type-names.ts';

export type UpdateOperation = 'create' | 'update' | 'delete';

/** These the app takes an update of only when it knows them; a `create` it takes in any case. */
const UPDATED_ONLY_IF_KNOWN: ReadonlySet<TypeName> = new Set(['AutomationRule', 'PlanningTransaction']);

export interface DataUpdate {
  readonly typeName: TypeName;
  readonly id: string;
  readonly operation: UpdateOperation;
  /** JSON of the entity, or of `{id}` when it is deleted. */
  readonly entity: string;
}

export function dataUpdateOf({ record, lines }: MovedRecord): DataUpdate {
  const typeName = typeNameOf(record.type.slice(record.type.indexOf('.') + 1));
  if (typeName === null) throw new Error(`${record.type} is not synced`);
  const id = bareId(record.id);
  if (record.tombstone !== null) return { typeName, id, operation: 'delete', entity: JSON.stringify({ id }) };
  const entity = encodeEntity(typeName, id, record.fields);
  return { typeName, id, operation: cameToBe(record.version, typeName, lines) ? 'create' : 'update', entity };
}

/** Was it not there before, or may somebody have dropped it: by a deletion that lost, say? */
function cameToBe(version: number, typeName: TypeName, lines: MovedRecord['lines']): boolean {
  if (lines.length === 0) return version === 1 || UPDATED_ONLY_IF_KNOWN.has(typeName);
  return lines.some(({ operation }) => {
    switch (operation) {
      case 'CREATE':
      case 'REVIVE':
      case 'MOVE_IN':
        return true;
      case 'REFEED':
        return UPDATED_ONLY_IF_KNOWN.has(typeName);
      default:
        return false;
    }
  });
}

export const dataUpdateText = (tenantId: string, { typeName, operation, entity }: DataUpdate): string =>
  `{"event_type":"data_update","tenant_id":${JSON.stringify(tenantId)},"entity_type":"${typeName}","operation_type":"${operation}","data":{"single_entity":${entity}}}`;
