/** `error`: what was wrong with a message, with the code and what to do. */
import { type ErrorCode, errorText } from '@ackord/core';

/** `about`: the message as it came, as far as it could be read. */
export function syncErrorMessage(code: ErrorCode, detail?: string, about?: unknown): object {
  const { type, id } = (about ?? {}) as { readonly type?: unknown; readonly id?: unknown };
  return {
    type: 'error',
    code,
    message: errorText(code, detail),
    ...(isShort(id) && { id }),
    ...(isShort(type) && { about: type }),
  };
}

const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= 128;
