/** The channels of the bus, and which of them a scope has. */
import { LIMITS } from '@ackord/core';

export const CHANNELS: readonly string[] = Array.from(
  { length: LIMITS.busChannels },
  (_, at) => `ackord:bus:${at}`,
);

/** FNV-1a: the same on all servers, and quick. */
export function channelOf(scope: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < scope.length; at++) hash = Math.imul(hash ^ scope.charCodeAt(at), 0x01000193) >>> 0;
  return CHANNELS[hash % CHANNELS.length] as string;
}
