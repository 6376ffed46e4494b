/**
 * May a caller name a cursor as what it has read? Asked of a cursor that comes with a push, whatever its filter was;
 * one of a page is looked at by the page (positions.ts).
 */
import { type ErrorCode, errorText, readCursor } from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import type { CallResult } from './engine.ts';
import type { Store } from './ports.ts';
import type { Actor } from './submission.ts';

export function checkPushCursor(
  store: Pick<Store, 'cursorKeys' | 'epoch'>,
  actor: Actor,
  token: string,
): CallResult<object> {
  const reading = readCursor(token, cursorKeysOf(store));
  if (!reading.ok) return refuse(reading.code);
  // Another user's answers like one that nobody here signed.
  if (reading.state.user !== actor.userId) return refuse('CURSOR_FOREIGN');
  return reading.state.epoch === store.epoch ? { ok: true } : refuse('RESYNC_REQUIRED');
}

const refuse = (code: ErrorCode): CallResult<object> => ({ ok: false, code, message: errorText(code) });
