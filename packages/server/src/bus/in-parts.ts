/** Lines of announcements as messages that are not too large. */
import { LIMITS } from '@ackord/core';

/** So many lines together as make a message; a longer one goes alone. */
export function inParts(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    length += line.length;
    if (length > LIMITS.busMessageBytesMax) {
      parts.push([]);
      length = line.length;
    }
    parts.at(-1)?.push(line);
  }
  return parts;
}
