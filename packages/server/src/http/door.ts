/**
 * Who stands at the door. Node lets one connection in for each turn of its event loop, so a server with much to do in
 * each turn lets in few a second; when thousands come back at once, the last of them would wait far longer than the work for
 * all takes. Work that can wait therefore does until a turn has brought nobody: first all are in, then all are served.
 */
import type { Server } from 'node:net';
import { LIMITS } from '@ackord/core';

export interface Door {
  /** Resolves when nobody seems to stand at the door, at once if that is so. A crowd that never ends holds up nobody for ever. */
  quiet(): Promise<void>;
}

/** Turns without anybody: the system may take a moment to hand over the next one. */
const QUIET_TURNS = 3;

export function watchDoor(server: Server, crowdedMsMax: number = LIMITS.doorCrowdedMsMax): Door {
  let isCrowded = false;
  let isHeldUp = false;
  let quietTurns = 0;
  const waiting: (() => void)[] = [];
  const letGo = (): void => {
    isHeldUp = false;
    for (const resolve of waiting.splice(0)) resolve();
  };
  const watch = (since: number): void => {
    if (performance.now() - since > crowdedMsMax) letGo();
    if (quietTurns++ < QUIET_TURNS) setImmediate(watch, since);
    else {
      isCrowded = false;
      letGo();
    }
  };
  server.on('connection', () => {
    quietTurns = 0;
    if (isCrowded) return;
    isCrowded = true;
    isHeldUp = true;
    setImmediate(watch, performance.now());
  });
  return {
    quiet: () => (isHeldUp ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}
