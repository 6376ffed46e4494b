/**
 * Sending from process to process within bounds. What is told of commits may be dropped when the other side does not read,
 * since heads are looked at as well; everything else is small and rare, and goes in any case.
 */
import { LIMITS } from '@ackord/core';
import type { FromPrimary, FromWorker } from './messages.ts';

interface End<Message> {
  readonly connected?: boolean;
  send?(message: Message, callback: (error: Error | null) => void): boolean;
}

/** Answers whether the message was sent. */
export type Send<Message> = (message: Message) => boolean;

export function channelTo<Message extends FromPrimary | FromWorker>(
  end: () => End<Message> | null,
): Send<Message> {
  let bytesUnderWay = 0;
  return (message) => {
    const to = end();
    if (!to?.send || to.connected === false) return false;
    const bytes = message.kind === 'told' ? message.text.length : 0;
    if (bytes > 0 && bytesUnderWay + bytes > LIMITS.workerBytesUnderWayMax) return false;
    bytesUnderWay += bytes;
    // An error is that of an end that has gone meanwhile.
    to.send(message, () => {
      bytesUnderWay -= bytes;
    });
    return true;
  };
}
