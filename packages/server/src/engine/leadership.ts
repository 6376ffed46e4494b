/**
 * What one server does for all of a database: trimming history, deciding what was forgotten to wait, sweeping files. The
 * leader holds a lease, a row that ends by the clock of the database unless it is renewed; whoever finds it free takes it.
 * So a server that was killed, frozen or cut off is followed by another one within seconds, and nothing is held meanwhile:
 * no connection, no transaction, no lock.
 * Promise: work that asks `confirm` before each of its steps is never begun on a lease that had ended when the step began,
 * also not by a server that slept in between. A step that outlives its lease may still meet one of the next leader, so
 * each job must bear that, and does: what is trimmed, decided or swept once is not there a second time.
 */
import { LIMITS } from '@ackord/core';
import type { Store } from './ports.ts';

export interface Leadership {
  /** By what this server knows; only for people to look at. */
  readonly leads: boolean;
  /** Asks the database, takes or renews the lease; false: another server leads, or the database is away. */
  confirm(): Promise<boolean>;
  /** Called whenever this server begins to lead. The answer takes the listener away. */
  onLead(listener: () => void): () => void;
  /** Gives the lease back, so that another server need not wait for its end. */
  stop(): Promise<void>;
}

export interface LeadershipOptions {
  readonly store: Pick<Store, 'holdDuty' | 'leaveDuty'>;
  /** Of this server alone. */
  readonly holder: string;
  /** Not called for its own end. */
  readonly onChange?: (leads: boolean) => void;
}

const DUTY = 'upkeep';

export function startLeadership({ store, holder, onChange = () => {} }: LeadershipOptions): Leadership {
  const listeners = new Set<() => void>();
  /** By `performance.now()`, which goes on while the process is stopped. */
  let leadsUntil = Number.NEGATIVE_INFINITY;
  let led = false;
  let asking: Promise<boolean> | null = null;
  let timer: NodeJS.Timeout;
  let stopped = false;

  const note = (leads: boolean): void => {
    if (leads === led) return;
    led = leads;
    onChange(leads);
    if (leads) for (const listener of listeners) listener();
  };
  const ask = async (): Promise<boolean> => {
    // The lease is as long as it was when it was asked for: the answer may have lain in front of a server that slept.
    const end = performance.now() + LIMITS.leaseMs;
    const isHeld = await store.holdDuty(DUTY, holder, LIMITS.leaseMs).catch(() => null);
    // Not to be reached is no answer: what was held goes on to its end.
    if (isHeld !== null) leadsUntil = isHeld ? end : Number.NEGATIVE_INFINITY;
    note(performance.now() < leadsUntil);
    return isHeld === true && performance.now() < end;
  };
  const confirm = (): Promise<boolean> => {
    if (stopped) return Promise.resolve(false);
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
  const beat = async (): Promise<void> => {
    await confirm();
    if (stopped) return;
    timer = setTimeout(beat, LIMITS.leaseLookMs);
    timer.unref();
  };
  timer = setTimeout(beat, 0);
  timer.unref();
  return {
    get leads() {
      return performance.now() < leadsUntil;
    },
    confirm,
    onLead(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await asking;
      if (led) await store.leaveDuty(DUTY, holder).catch(() => {});
      leadsUntil = Number.NEGATIVE_INFINITY;
      listeners.clear();
      led = false;
    },
  };
}

/** Of an engine that works by itself: in tests, and in commands beside the servers. */
export const alwaysLeading: Leadership = {
  leads: true,
  confirm: () => Promise.resolve(true),
  onLead: () => () => {},
  stop: () => Promise.resolve(),
};
