/**
 * What waits for a parent is decided right after the parent's commit (release-waiting.ts). A server that was killed in
 * between, or could not reach the database, has forgotten to: so the server that leads looks now and then, and first when
 * it begins to.
 */
import { LIMITS } from '@ackord/core';
import type { Leadership } from './leadership.ts';
import type { Observer, WaitingChange } from './ports.ts';
import type { Submitting } from './queue.ts';
import { releaseFor } from './release-waiting.ts';
import { isUnreachable } from './unreachable.ts';

export interface WaitingWatch {
  stop(): Promise<void>;
}

const LOOKS_KEPT_MAX = 10_000;

export function watchWaiting(tools: Submitting, observer: Observer, leadership: Leadership): WaitingWatch {
  let timer: NodeJS.Timeout;
  let looking: Promise<void> = Promise.resolve();
  let isLooking = false;
  const looks = new Map<string, number>();
  /** What fails for a reason of its own is tried ever more rarely: at the first look, the second, the fourth … */
  const isDue = ({ id }: WaitingChange): boolean => {
    const times = (looks.get(id) ?? 0) + 1;
    if (looks.size >= LOOKS_KEPT_MAX) looks.clear();
    looks.set(id, times);
    return Number.isInteger(Math.log2(times));
  };
  const look = async (): Promise<void> => {
    const started = performance.now();
    try {
      const mine = await leadership.confirm();
      const parents = mine ? await tools.store.awaitedParents(LIMITS.awaitedParentsMax) : [];
      if (parents.length > 0) await releaseFor(tools, parents, isDue);
    } catch (cause) {
      if (!isUnreachable(cause)) observer.defect({ where: 'waiting', cause: String(cause), changeId: null });
    }
    // Where very much waits, looking must not become the main work.
    wait(Math.max(LIMITS.awaitedLookMs, 20 * (performance.now() - started)));
  };
  const wait = (ms: number): void => {
    if (tools.isStopping()) return;
    timer = setTimeout(() => {
      isLooking = true;
      looking = look().finally(() => {
        isLooking = false;
      });
    }, ms);
    timer.unref();
  };
  wait(0);
  const unlisten = leadership.onLead(() => {
    if (isLooking) return;
    clearTimeout(timer);
    wait(0);
  });
  return {
    stop: () => {
      unlisten();
      clearTimeout(timer);
      return looking;
    },
  };
}
