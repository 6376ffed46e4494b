/**
 * From a frame to what is done about it: JSON, an object, a known type, the right shape. Whatever is wrong is answered,
 * with the code and what to do, and the socket lives on.
 */
import { LIMITS } from '@ackord/core';
import { MESSAGES } from '../messages/all.ts';
import { errorMessage } from '../messages/errors.ts';
import type { MessageKind } from '../messages/message-kind.ts';
import { nameOf } from '../messages/sync-entry.ts';
import { nackOf } from './decode-entry.ts';

export type ReadMessage =
  | { readonly ok: true; readonly kind: MessageKind; readonly message: unknown }
  /** `cost`: how many good messages it counts as. */
  | { readonly ok: false; readonly answer: object; readonly cost: number };

/** `text` is null for a binary frame. */
export function readMessage(text: string | null): ReadMessage {
  if (text === null) return bad('Only text frames are read here, each with one JSON object.');
  const parsed = parse(text);
  if (parsed === undefined) return bad('The frame is not JSON.');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return bad('A message is a JSON object with a member "type".');
  const { type } = parsed as { readonly type?: unknown };
  const kind = typeof type === 'string' ? MESSAGES.get(type) : undefined;
  if (!kind) return bad('There is no message of this type.', type);
  const read = kind.schema.safeParse(parsed);
  if (read.success) return { ok: true, kind, message: read.data };
  const [issue] = read.error.issues;
  const detail = `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'has another shape'}.`;
  if (type === 'process_sync_entry') {
    const { payload } = parsed as { readonly payload?: unknown };
    return { ok: false, answer: nackOf(nameOf(payload), 'INVALID', detail), cost: 1 };
  }
  return bad(detail, type);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const bad = (detail: string, originalType?: unknown): ReadMessage => ({
  ok: false,
  answer: errorMessage('MALFORMED', detail, originalType),
  cost: LIMITS.badMessageCost,
});
