/**
 * A phone: its replica, its outbox, its own clock. Edits go into the outbox and are seen at once; nothing here waits
 * for a network. Sending and fetching are push.ts and pull.ts.
 */
import { randomUUID } from 'node:crypto';
import { completeFields, equalJson, type Fields, type JsonValue } from '@ackord/core';
import type { Connection } from './connection.ts';
import { createOutbox, type Outbox, type PendingChange } from './outbox.ts';
import { createReplica, type Replica } from './replica.ts';
import { type EntityName, entityTypeOf, isEntityName } from './wire.ts';

export interface Phone {
  /** Whose phone it is. */
  readonly owner: string;
  readonly userId: string;
  readonly device: string;
  readonly connection: Connection;
  readonly replica: Replica;
  readonly outbox: Outbox;
  /** The position in the feed; null before the first fetch. */
  cursor: string | null;
  /** How far the phone's clock is ahead, in milliseconds. */
  clockAheadMs: number;
  /** Edits are told to whoever wants to know who made what; the server does not listen. */
  readonly onEdit: (change: PendingChange) => void;
}

export interface PhoneOptions {
  readonly owner: string;
  readonly userId: string;
  readonly device: string;
  readonly connection: Connection;
  readonly onEdit?: (change: PendingChange) => void;
}

export function createPhone({ onEdit = () => {}, ...options }: PhoneOptions): Phone {
  const { userId } = options;
  return {
    ...options,
    replica: createReplica(userId),
    outbox: createOutbox(),
    cursor: null,
    clockAheadMs: 0,
    onEdit,
  };
}

/**
 * The fields of a record as the phone's screen shows it: the replica with the waiting edits on it, references under the
 * ids that they mean today. null: there is none.
 */
export function view(phone: Phone, entity: EntityName, id: string): Fields | null {
  const fields = withEdits(phone, entity, id);
  return fields && meaning(phone, entity, fields);
}

function meaning({ replica }: Phone, entity: EntityName, fields: Fields): Fields {
  const today: Record<string, JsonValue> = { ...fields };
  for (const { name, reference } of entityTypeOf(entity).fields.values()) {
    const value = fields[name];
    if (!reference || !isEntityName(reference.to)) continue;
    const to = reference.to;
    if (typeof value === 'string') today[name] = replica.canonical(to, value);
    if (Array.isArray(value))
      today[name] = [...new Set(value.map((id) => replica.canonical(to, String(id))))];
  }
  return today;
}

function withEdits(phone: Phone, entity: EntityName, id: string): Fields | null {
  let fields = phone.replica.get(entity, id)?.fields ?? null;
  for (const change of phone.outbox.of(entity, id)) {
    switch (change.operation) {
      case 'CREATE':
        fields = completeFields(entityTypeOf(entity), change.fields);
        break;
      case 'UPDATE':
        if (fields) fields = { ...fields, ...change.fields };
        break;
      case 'DELETE':
        fields = null;
        break;
    }
  }
  return fields;
}

/** `time`: when it really happens, milliseconds since 1970. Gives back the id that the phone makes. */
export function create(phone: Phone, entity: EntityName, fields: Fields, time: number): string {
  const id = randomUUID();
  note(phone, { entity, id, operation: 'CREATE', base: 0, fields, baseFields: null }, time);
  return id;
}

/** Only what differs becomes a change; null when nothing does. Throws when there is no such record: a slip of the story. */
export function update(
  phone: Phone,
  entity: EntityName,
  id: string,
  fields: Fields,
  time: number,
): PendingChange | null {
  const before = seen(phone, entity, id);
  const edited = Object.entries(fields).filter(([name, value]) => !equalJson(value, before[name]));
  if (edited.length === 0) return null;
  const baseFields = Object.fromEntries(
    edited.map(([name]): [string, JsonValue] => [name, before[name] ?? null]),
  );
  const change = { entity, id, operation: 'UPDATE', fields: Object.fromEntries(edited), baseFields } as const;
  return note(phone, { ...change, base: baseOf(phone, entity, id) }, time);
}

export function remove(phone: Phone, entity: EntityName, id: string, time: number): PendingChange {
  seen(phone, entity, id);
  const change = { entity, id, operation: 'DELETE', fields: {}, baseFields: null } as const;
  return note(phone, { ...change, base: baseOf(phone, entity, id) }, time);
}

const baseOf = (phone: Phone, entity: EntityName, id: string): number =>
  phone.replica.get(entity, id)?.version ?? 0;

function seen(phone: Phone, entity: EntityName, id: string): Fields {
  const fields = view(phone, entity, id);
  if (!fields) throw new Error(`${phone.owner} has no ${entity} ${id}`);
  return fields;
}

function note(
  phone: Phone,
  change: Omit<PendingChange, 'changeId' | 'sent' | 'time'>,
  time: number,
): PendingChange {
  const added = phone.outbox.add({ ...change, time: time + phone.clockAheadMs });
  phone.onEdit(added);
  return added;
}
