/** From a frame to a message of the protocol: JSON, an object, a known type, the right shape. */
import { CLIENT_MESSAGES } from '@ackord/core';
import { syncErrorMessage } from './sync-error.ts';

export type ReadMessage =
  | { readonly ok: true; readonly message: { readonly type: string } }
  | { readonly ok: false; readonly answer: object };

/** `text` is null for a binary frame. */
export function readMessage(text: string | null): ReadMessage {
  if (text === null) return bad('Only text frames are read here, each with one JSON object.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return bad('The frame is not JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return bad('A message is a JSON object with a member "type".');
  const { type } = parsed as { readonly type?: unknown };
  const schema =
    typeof type === 'string' && Object.hasOwn(CLIENT_MESSAGES, type)
      ? CLIENT_MESSAGES[type as keyof typeof CLIENT_MESSAGES]
      : null;
  if (schema === null) return bad('There is no message of this type.', parsed);
  const read = schema.safeParse(parsed);
  if (read.success) return { ok: true, message: read.data };
  const [issue] = read.error.issues;
  return bad(`${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'has another shape'}.`, parsed);
}

const bad = (detail: string, about?: unknown): ReadMessage => ({
  ok: false,
  answer: syncErrorMessage('MALFORMED', detail, about),
});
