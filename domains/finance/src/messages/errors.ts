/** `error`: what was sent could not be understood, or not be done. Apps of old ignore it; new ones find the code. */
import { type ErrorCode, errorText } from '@ackord/core';

export interface ErrorMessage {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly original_type?: string;
}

const TYPE_SHOWN_MAX = 64;

export const errorMessage = (code: ErrorCode, detail?: string, originalType?: unknown): ErrorMessage => ({
  type: 'error',
  code,
  message: errorText(code, detail),
  ...(typeof originalType === 'string' && {
    original_type: originalType.slice(0, TYPE_SHOWN_MAX).toWellFormed(),
  }),
});
