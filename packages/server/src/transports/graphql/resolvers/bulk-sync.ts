/** bulkSync: rows of all types → one submission → one receipt per row, in three lists. */

import { hash, randomUUID } from 'node:crypto';
import { contentFingerprint, isWellFormedText, type JsonValue, LIMITS } from '@ackord/core';
import { type GraphQLContext, requireActor } from '../context.ts';
import { type DecodedRow, decodeRow } from '../decode-row.ts';
import { encodeReceipts } from '../encode-receipt.ts';
import { orRefuse, refusal } from '../errors.ts';
import type { Resolver } from '../resolver.ts';
import { selects } from '../selection.ts';
import { isObject } from '../wire-json.ts';

interface BulkInput {
  readonly deviceId?: string | null;
  readonly clientBatchId?: string | null;
  readonly cursor?: string | null;
  /** A list of rows per type. */
  readonly [list: string]: unknown;
}

export const bulkSync: Resolver<unknown, { input: BulkInput }> = async (
  _source,
  { input },
  context,
  info,
) => {
  const { engine, wire } = context;
  const actor = requireActor(context);
  const cursor = input.cursor ?? null;
  // Without it the server would know less of what the device has seen, and nobody would hear of that.
  if (cursor !== null) orRefuse(engine.checkCursor(actor, cursor));
  const rows = decodeRows(context, input);
  const result = await engine.submit({
    domain: wire.name,
    actor,
    device: nameIn(input, 'deviceId') ?? context.device,
    batchId: nameIn(input, 'clientBatchId') ?? batchIdOf(rows),
    origin: 'client',
    bookmark: true,
    cursor,
    changes: rows.map(({ change }) => change),
  });
  return {
    ...encodeReceipts(wire, result.receipts, rows, selects(info, 'successful', 'data')),
    serverTimestamp: result.serverTime,
    processedCount: rows.length,
  };
};

/** Parents' types before children's, each list as it was given. */
function decodeRows({ wire, changesPerSubmissionMax }: GraphQLContext, input: BulkInput): DecodedRow[] {
  const lists = wire.types.map((type) => ({
    type,
    list: (input[type.entity.plural] ?? []) as readonly unknown[],
  }));
  const count = lists.reduce((sum, { list }) => sum + list.length, 0);
  if (count > changesPerSubmissionMax) {
    throw refusal('TOO_LARGE', `${count} rows came in one call, ${changesPerSubmissionMax} are allowed.`);
  }
  return lists.flatMap(({ type, list }) => list.map((row, index) => decodeRow(type, row, index)));
}

function nameIn(input: BulkInput, argument: 'deviceId' | 'clientBatchId'): string | null {
  const name = input[argument] ?? '';
  if (name.length <= LIMITS.deviceIdLengthMax && isWellFormedText(name)) return name === '' ? null : name;
  const rule = `${argument} must have at most ${LIMITS.deviceIdLengthMax} characters, none of them NUL or half of a surrogate pair.`;
  throw refusal('BAD_USER_INPUT', rule);
}

/**
 * A creation without any id is known again by its call and place; when the call has no name either, its content names
 * it, so that a repeated call makes nothing twice. Other calls need no more than a name for the log.
 */
function batchIdOf(rows: readonly DecodedRow[]): string {
  const nameless = rows.some(({ change }) => change.id === null && change.changeId === undefined);
  if (!nameless) return randomUUID();
  const text = JSON.stringify(rows.map(({ change }) => change));
  // Asking every value takes a second where there are many, and nearly never is there any such half.
  const halves = /\\u[dD][89a-fA-F]/.test(text);
  return contentFingerprint(JSON.parse(text, halves ? wellFormed : undefined) as JsonValue, sha256);
}

/** Node's own: the one that also runs in browsers takes seconds for the largest calls. */
const sha256 = (text: string): Uint8Array => hash('sha256', text, 'buffer');

/** A text that is ill-formed spoils its row, not the name of the call. */
function wellFormed(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toWellFormed(), item]));
}
