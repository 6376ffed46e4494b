/** Rung 3. From what a transport decoded to a change in stored form; a bad value refuses this change alone. */
import { hash, randomUUID } from 'node:crypto';
import {
  type Change,
  canonicalJson,
  clampEditTime,
  type Domain,
  derivedUuid,
  type EntityType,
  type Fields,
  isTenantId,
  isWellFormedText,
  type JsonValue,
  LIMITS,
  normalizeUuid,
  type Operation,
  PRIORITIES,
  type Priority,
  parseInstant,
  qualifiedId,
  validateFields,
} from '@ackord/core';
import { refused } from './receipts.ts';
import type { RawChange, Refused, Submission } from './submission.ts';
import type { Call, ChangeTask } from './unit.ts';

type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly field: string; readonly message: string };

const good = <T>(value: T): Checked<T> => ({ ok: true, value });
const bad = (field: string, message: string): Checked<never> => ({ ok: false, field, message });

/** A task for the change, or the receipt that refuses it. `now`: server time, for clamping. */
export function validateChange(
  raw: RawChange,
  index: number,
  submission: Submission,
  domain: Domain,
  call: Call,
  now: number,
): ChangeTask | Refused {
  const refuse = (problem: { field: string | null; message: string }) =>
    refused(
      { index, entityType: raw.entityType, raw },
      'INVALID',
      `${problem.field ?? 'change'} ${problem.message}.`,
      problem.field,
    );
  const type = domain.entityByName.get(raw.entityType);
  if (!type) return refuse({ field: 'entityType', message: 'is not a type of this domain' });
  if (raw.malformed) return refuse(raw.malformed);
  const operation = readOperation(raw.operation);
  if (!operation.ok) return refuse(operation);
  const fields =
    operation.value === 'DELETE'
      ? { ok: true as const, fields: {} }
      : validateFields(type, raw.fields, submission.origin === 'server');
  if (!fields.ok) return refuse(fields);
  const rest = readRest(raw, submission, operation.value, type);
  if (!rest.ok) return refuse(rest);
  const { base, sentTime, baseFields, priority, changeId: sentChangeId, transaction } = rest.value;
  const sentId = readId(raw.id, domain, type, operation.value, submission.tenant);
  if (!sentId.ok) return refuse(sentId);

  const content = canonicalJson({
    type: type.key,
    id: sentId.value,
    operation: operation.value,
    base,
    fields: fields.fields,
    time: sentTime,
    priority,
    transaction,
  });
  if (content.length > LIMITS.recordBytesMax)
    return refuse({ field: null, message: 'is larger than a record may be' });
  const fingerprint = digestOf(content);
  const identity = sentId.value === null ? `${submission.batchId} ${index}` : '';
  const changeId =
    sentChangeId ??
    (submission.origin === 'legacy'
      ? randomUUID()
      : digestOf(JSON.stringify([fingerprint, submission.actor.userId, submission.device, identity])));
  const { time, clamped } = clampEditTime(sentTime, now);
  const change: Change = {
    changeId,
    device: call.writer,
    type: type.key,
    id: sentId.value ?? derivedUuid('record', submission.actor.userId, changeId),
    operation: operation.value,
    // A CREATE knows of no record, whatever version the client keeps for new rows.
    base: base !== null && operation.value === 'CREATE' ? 0 : base,
    epoch: rest.value.epoch,
    fields: fields.fields,
    baseFields,
    priority,
    time,
    clamped,
    stamp: raw.stamp ?? null,
    ...(raw.madeAt != null && { madeAt: raw.madeAt }),
    origin: submission.origin,
    ...(submission.origin === 'server' && raw.created && { created: raw.created }),
  };
  return {
    kind: 'change',
    call,
    index,
    change,
    entityType: type.name,
    fingerprint,
    bytes: content.length,
    transaction,
    resumes: null,
    raw,
    receipt: null,
  };
}

const STORABLE = 'none of them NUL or half of a surrogate pair';

/** 32 hex digits that stand for a text; by Node's own SHA-256, since this runs for every change. */
const digestOf = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

function readOperation(value: unknown): Checked<Operation> {
  return value === 'CREATE' || value === 'UPDATE' || value === 'DELETE'
    ? good(value)
    : bad('operation', 'must be CREATE, UPDATE or DELETE');
}

function readId(
  value: unknown,
  domain: Domain,
  type: EntityType,
  operation: Operation,
  tenant: string | undefined,
): Checked<string | null> {
  if (type.scope === 'tenant') {
    if (tenant === undefined || !isTenantId(tenant)) return bad('tenant', 'must be named');
    const bare = typeof value === 'string' ? storedId(value, domain) : null;
    return bare === null ? bad('id', ruleOfIds(domain)) : good(qualifiedId(tenant, bare));
  }
  if (value === undefined || value === null) {
    return operation === 'CREATE'
      ? good(null)
      : bad('id', `is needed to ${operation.toLowerCase()} a record`);
  }
  if (typeof value !== 'string') return bad('id', 'must be a text');
  const id = storedId(value, domain);
  if (id !== null) return good(id);
  return bad('id', ruleOfIds(domain));
}

const ruleOfIds = ({ ids }: Domain): string =>
  ids === 'uuid' ? 'must be a UUID' : `must have 1 to ${LIMITS.idLengthMax} characters, ${STORABLE}`;

/** The id as records of the domain are filed under it; null: none of them could have it. */
export function storedId(id: string, domain: Domain): string | null {
  if (domain.ids === 'uuid') return normalizeUuid(id);
  return id.length >= 1 && id.length <= LIMITS.idLengthMax && isWellFormedText(id) ? id : null;
}

interface Rest {
  readonly base: number | null;
  readonly epoch: number | null;
  readonly sentTime: number | null;
  readonly baseFields: Fields | null;
  readonly priority: Priority | null;
  readonly changeId: string | null;
  readonly transaction: string | null;
}

function readRest(
  raw: RawChange,
  submission: Submission,
  operation: Operation,
  type: EntityType,
): Checked<Rest> {
  const base = raw.base ?? null;
  if (base !== null && (!Number.isInteger(base) || (base as number) < 0 || (base as number) > 2 ** 31 - 1)) {
    return bad('syncVersion', `must be a whole number from 0 to ${2 ** 31 - 1}`);
  }
  const epoch = raw.epoch ?? null;
  if (epoch !== null && !Number.isSafeInteger(epoch)) return bad('epoch', 'must be a whole number');
  const time = readTime(raw.clientTime);
  if (!time.ok) return time;
  const priority = readPriority(raw.priority);
  if (!priority.ok) return priority;
  const changeId = readToken('changeId', raw.changeId);
  if (!changeId.ok) return changeId;
  const transaction = readToken('transactionId', raw.transactionId);
  if (!transaction.ok) return transaction;
  const baseFields = operation === 'DELETE' ? good(null) : readBaseFields(raw.baseFields, type);
  if (!baseFields.ok) return baseFields;
  const device = submission.device ?? '';
  if (device.length > LIMITS.deviceIdLengthMax || !isWellFormedText(device))
    return bad('deviceId', `must have at most ${LIMITS.deviceIdLengthMax} characters, ${STORABLE}`);
  return good({
    base: base as number | null,
    epoch: epoch as number | null,
    sentTime: time.value,
    baseFields: baseFields.value,
    priority: priority.value,
    changeId: changeId.value,
    transaction: transaction.value,
  });
}

function readTime(value: unknown): Checked<number | null> {
  if (value === undefined || value === null) return good(null);
  const time = typeof value === 'number' ? value : typeof value === 'string' ? parseInstant(value) : null;
  return time !== null && Number.isFinite(time) && Math.abs(time) <= 8.64e15
    ? good(Math.trunc(time))
    : bad('clientTimestamp', 'must be an ISO 8601 moment with a zone, in the years 0001 to 9999');
}

function readPriority(value: unknown): Checked<Priority | null> {
  if (value === undefined || value === null) return good(null);
  const rank = PRIORITIES.indexOf(value as (typeof PRIORITIES)[number]);
  return rank >= 0 ? good(rank as Priority) : bad('syncPriority', `must be one of ${PRIORITIES.join(', ')}`);
}

function readToken(field: string, value: unknown): Checked<string | null> {
  if (value === undefined || value === null) return good(null);
  const fine =
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= LIMITS.changeIdLengthMax &&
    isWellFormedText(value);
  return fine
    ? good(value as string)
    : bad(field, `must have 1 to ${LIMITS.changeIdLengthMax} characters, ${STORABLE}`);
}

function readBaseFields(value: unknown, type: EntityType): Checked<Fields | null> {
  if (value === undefined || value === null) return good(null);
  if (typeof value !== 'object' || Array.isArray(value))
    return bad('baseFields', 'must be an object of fields');
  const valid = validateFields(type, value as { [field: string]: JsonValue });
  return valid.ok
    ? good(valid.fields)
    : bad('baseFields', `has a value of ${valid.field} that ${valid.message}`);
}
