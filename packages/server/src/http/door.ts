/**
 * Who stands at the door. Node lets one connection in for each turn of its event loop, so a server with much to do in
 * each turn lets in few a second; when thousands come back at once, the last of them would wait far longer than the work for
 * all takes. Work that can wait therefore does until a turn has brought nobody: first all are in, then all are served.
 */
import type { Server } from 'node:net';
import { LIMITS } from '@ackord/core';

export interface Door {
  /**
   * Resolves when nobody seems to stand at the door, at once if that is so. A crowd that never ends holds up nobody for
   * ever, and after each one nobody is held up for as long as it was there.
   */
  quiet(): Promise<void>;
}

/** Turns without anybody: the system may take a moment to hand over the next one. */
const QUIET_TURNS = 3;

interface DoorOptions {
  readonly crowdedMsMax?: number;
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
}

export function watchDoor(
  server: Server,
  { crowdedMsMax = LIMITS.doorCrowdedMsMax, clock = () => performance.now() }: DoorOptions = {},
): Door {
  let isWatching = false;
  let quietTurns = 0;
  /** Since when work waits; null: it does not. */
  let heldSince: number | null = null;
  let restUntil = 0;
  const waiting: (() => void)[] = [];
  const letGo = (since: number, now: number): void => {
    heldSince = null;
    restUntil = now + (now - since);
    for (const resolve of waiting.splice(0)) resolve();
  };
  const watch = (): void => {
    const now = clock();
    isWatching = quietTurns++ < QUIET_TURNS;
    if (heldSince !== null && (!isWatching || now - heldSince > crowdedMsMax)) letGo(heldSince, now);
    if (isWatching) setImmediate(watch);
  };
  server.on('connection', () => {
    const now = clock();
    quietTurns = 0;
    if (now >= restUntil) heldSince ??= now;
    if (isWatching) return;
    isWatching = true;
    setImmediate(watch);
  });
  return {
    quiet: () => (heldSince === null ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
