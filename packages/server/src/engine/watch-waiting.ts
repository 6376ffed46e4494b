/**
 * What waits for a parent is decided right after the parent's commit (release-waiting.ts). A server that was killed in
 * between, or could not reach the database, has forgotten to: so somebody looks now and then, at the start first.
 */
import { LIMITS } from '@ackord/core';
import type { Observer, WaitingChange } from './ports.ts';
import { releaseFor } from './release-waiting.ts';
import { isUnreachable, type Submitting } from './submit.ts';

export interface WaitingWatch {
  stop(): Promise<void>;
}

const LOOKS_KEPT_MAX = 10_000;

export function watchWaiting(tools: Submitting, observer: Observer): WaitingWatch {
  let timer: NodeJS.Timeout;
  let looking: Promise<void> = Promise.resolve();
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
      const parents = await tools.store.awaitedParents(LIMITS.awaitedParentsMax);
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
      looking = look();
    }, ms);
    timer.unref();
  };
  wait(0);
  return {
    stop: () => {
      clearTimeout(timer);
      return looking;
    },
  };
}
