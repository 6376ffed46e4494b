/** The name of a device, as callers send it with X-Device-Id. */
import { isWellFormedText, LIMITS } from '@ackord/core';

export const DEVICE_RULE = `The header X-Device-Id must have at most ${LIMITS.deviceIdLengthMax} characters, none of them NUL or half of a surrogate pair.`;

/** null: none was sent. undefined: there is one, but it is none. */
export function readDevice(sent: unknown): string | null | undefined {
  if (sent === undefined || sent === '') return null;
  const fine = typeof sent === 'string' && sent.length <= LIMITS.deviceIdLengthMax && isWellFormedText(sent);
  return fine ? sent : undefined;
}
