/**
 * Records as GraphQL reads them: one small object per record whose prototype has a getter per output field, so that
 * only what was asked for is computed. Measured at 10,000 rows of nine fields: 14 ms, against 17 ms with a resolver
 * per field and 50 ms without compiled queries.
 */
import { type Field, PRIORITIES, type RecordState } from '@ackord/core';
import { recordText } from './wire-json.ts';
import type { Output, WireDomain, WireType } from './wire-type.ts';

/** `$record` is no name that GraphQL could ask for. */
export interface RecordView {
  readonly $record: RecordState;
}

export type ToView = (record: RecordState) => RecordView;

/** The views of a domain's records, by type. */
export function compileViews(wire: WireDomain): ToView {
  const views = new Map(wire.types.map((type) => [type.entity.key, viewClass(type)]));
  return (record) => {
    const View = views.get(record.type);
    if (!View) throw new Error(`${record.type} is no type of ${wire.name}`);
    return new View(record);
  };
}

function viewClass(type: WireType): new (record: RecordState) => RecordView {
  class View implements RecordView {
    readonly $record: RecordState;
    constructor(record: RecordState) {
      this.$record = record;
    }
  }
  const values = type.outputs.filter((output) => output.kind === 'value');
  const whole: Value = { name: 'syncData', read: (record) => recordText(type, record) };
  for (const { name, read } of [...SERVER_FIELDS, whole, ...values]) {
    Object.defineProperty(View.prototype, name, {
      get(this: View) {
        return read(this.$record);
      },
    });
  }
  return View;
}

type Value = Pick<Extract<Output, { kind: 'value' }>, 'name' | 'read'>;

const SERVER_FIELDS: readonly Value[] = [
  { name: 'id', read: ({ id }) => id },
  { name: 'createdAt', read: ({ createdAt }) => createdAt },
  { name: 'updatedAt', read: ({ updatedAt }) => updatedAt },
  { name: 'syncVersion', read: ({ version }) => version },
  { name: 'syncPriority', read: ({ priority }) => PRIORITIES[priority] },
  // Whether a device has unsent edits is known to the device alone; here a record is what the server has.
  { name: 'isDirty', read: () => false },
  { name: 'needsSync', read: () => false },
];

/** The record with nothing in it but its id and the fields named: what others see of it, or of one that is gone. */
export function veiled(record: RecordState, type: WireType, shown: ReadonlySet<string>): RecordState {
  const fields = [...type.entity.fields.values()].map((field) => [
    field.name,
    shown.has(field.name) ? (record.fields[field.name] ?? null) : emptyValue(field),
  ]);
  return {
    ...record,
    version: 0,
    createdAt: 0,
    updatedAt: 0,
    createdBy: '',
    priority: 1,
    fields: Object.fromEntries(fields),
  };
}

function emptyValue(field: Field): null | string | number | boolean | readonly string[] {
  if (field.nullable) return null;
  switch (field.kind) {
    case 'text':
    case 'id':
      return '';
    case 'ids':
      return [];
    case 'instant':
      return '1970-01-01T00:00:00.000Z';
    case 'integer':
    case 'number':
      return 0;
    case 'decimal':
      return '0';
    case 'flag':
      return false;
    case 'choice':
      return field.choices[0] ?? '';
    case 'json':
      return null;
  }
}
