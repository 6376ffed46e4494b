/** From the numbers of a step to an edit that a person could make, given what the device shows. */
import type { Fields, Operation } from '@ackord/core';
import { keyOf } from './replica.ts';
import type { EditStep, TypeName } from './steps.ts';
import { fieldsOf, firstValues, markOf, newValues } from './values.ts';

export interface Shown {
  readonly type: TypeName;
  readonly id: string;
  readonly version: number;
  readonly fields: Fields;
}

/** What an edit is made from. */
export interface Desk {
  readonly user: string;
  /** Live records that the device shows, its own unsent ones included. */
  readonly shown: readonly Shown[];
  /** Ids of records that anybody ever made, by type: some of them this user has never seen. */
  readonly everMade: (type: TypeName) => readonly string[];
  readonly newId: () => string;
}

export interface Edit {
  readonly operation: Operation;
  readonly type: TypeName;
  readonly id: string;
  readonly base: number;
  readonly fields: Fields;
  readonly shown: Fields | null;
  readonly flaw: 'spoilt' | 'foreign' | null;
}

const OWNERS: { readonly [type in TypeName]?: { readonly field: string; readonly type: TypeName } } = {
  Memory: { field: 'tripId', type: 'Trip' },
  MediaItem: { field: 'memoryId', type: 'Memory' },
  GPXTrack: { field: 'tripId', type: 'Trip' },
};

/** null: there is nothing to do this to. */
export function editOf(step: EditStep, desk: Desk): Edit | null {
  switch (step.act) {
    case 'create':
      return create(desk, step.type, step.parent, step.value);
    case 'update':
      return update(desk, step);
    case 'delete': {
      const record = among(desk.shown, step.record);
      return record ? { ...on(record), operation: 'DELETE', fields: {} } : null;
    }
    case 'move':
      return move(desk, step.record, step.parent);
    case 'tags':
      return tag(desk, step.record, step.value);
    case 'spoilt': {
      const made = create(desk, step.type, step.parent, step.value);
      return made && { ...made, flaw: 'spoilt', fields: { ...made.fields, noSuchField: 1 } };
    }
    case 'foreign':
      return foreign(desk, step);
  }
}

const among = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length];

const on = ({ type, id, version, fields }: Shown): Omit<Edit, 'operation' | 'fields'> => ({
  type,
  id,
  base: version,
  shown: fields,
  flaw: null,
});

function create(desk: Desk, type: TypeName, parent: number, value: number): Edit | null {
  const owner = OWNERS[type];
  const parentId = owner ? parentFor(desk, owner.type, parent) : null;
  if (owner && parentId === null) return null;
  const id = desk.newId();
  const writing = { mark: markOf(desk.user, id), user: desk.user, value };
  const fields = { ...firstValues(type, writing), ...(owner && { [owner.field]: parentId }) };
  return { operation: 'CREATE', type, id, base: 0, fields, shown: null, flaw: null };
}

/** One that is shown; now and then one that was made by somebody, and is gone or was never seen. */
function parentFor(desk: Desk, type: TypeName, index: number): string | null {
  const shown = desk.shown.filter((record) => record.type === type).map(({ id }) => id);
  const other = among(desk.everMade(type), index);
  const choice = index === 11 && other !== undefined ? other : among(shown, index);
  return choice ?? null;
}

function update(
  desk: Desk,
  step: { readonly record: number; readonly fields: number; readonly value: number; readonly whole: boolean },
): Edit | null {
  const record = among(desk.shown, step.record);
  if (!record) return null;
  const writing = { mark: markOf(desk.user, record.id), user: desk.user, value: step.value };
  const changed = newValues(record.type, record.fields, writing, (at) => ((step.fields >> at) & 1) === 1);
  const fields = step.whole ? { ...wholeRow(record), ...changed } : changed;
  return { ...on(record), operation: 'UPDATE', fields };
}

/** All fields that devices keep, as they are shown. */
function wholeRow({ type, fields }: Shown): Fields {
  const names = [...fieldsOf(type), ...(type === 'Memory' ? ['tagIds'] : [])];
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}

function move(desk: Desk, index: number, parent: number): Edit | null {
  const record = among(
    desk.shown.filter(({ type }) => OWNERS[type] !== undefined),
    index,
  );
  const owner = record && OWNERS[record.type];
  const parentId = owner ? parentFor(desk, owner.type, parent) : null;
  return record && owner && parentId !== null
    ? { ...on(record), operation: 'UPDATE', fields: { [owner.field]: parentId } }
    : null;
}

function tag(desk: Desk, index: number, value: number): Edit | null {
  const memory = among(
    desk.shown.filter(({ type }) => type === 'Memory'),
    index,
  );
  const tags = desk.shown
    .filter(({ type }) => type === 'Tag')
    .filter((_, at) => ((value >> (at % 4)) & 1) === 1);
  return memory ? { ...on(memory), operation: 'UPDATE', fields: { tagIds: tags.map(({ id }) => id) } } : null;
}

function foreign(
  desk: Desk,
  {
    operation,
    record,
    value,
  }: { readonly operation: Operation; readonly record: number; readonly value: number },
): Edit | null {
  const mine = new Set(desk.shown.map(({ type, id }) => keyOf({ type, id })));
  const types: readonly TypeName[] = ['Trip', 'Memory', 'Tag', 'BucketListItem'];
  const type = types[value % types.length] ?? 'Trip';
  const id = among(
    desk.everMade(type).filter((other) => !mine.has(keyOf({ type, id: other }))),
    record,
  );
  if (id === undefined) return null;
  const writing = { mark: markOf(desk.user, id), user: desk.user, value };
  const owner = OWNERS[type];
  const parentId = owner ? parentFor(desk, owner.type, record) : null;
  const fields = {
    ...firstValues(type, writing),
    ...(owner && parentId !== null && { [owner.field]: parentId }),
  };
  return {
    operation,
    type,
    id,
    base: 0,
    fields: operation === 'DELETE' ? {} : fields,
    shown: null,
    flaw: 'foreign',
  };
}
