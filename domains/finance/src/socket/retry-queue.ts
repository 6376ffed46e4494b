/**
 * Entries that failed for a passing cause: kept by the server and tried again, later and later, until they are decided
 * or were tried too often. The app was told that they failed and has them still, so losing this queue loses nothing;
 * whoever sends an entry again takes its place here, and what has an effect has it once, by its change id.
 */
import { LIMITS } from '@ackord/core';
import type { Actor } from '@ackord/server';
import type { SyncNack } from '../messages/sync-entry.ts';
import type { ReadEntry } from './decode-entry.ts';

/** An entry and whose it is. */
export interface SentEntry {
  readonly entry: ReadEntry;
  readonly actor: Actor;
  readonly sessionId: string;
}

export interface WaitingEntry extends SentEntry {
  readonly tenantId: string;
  readonly attempts: number;
  /** Milliseconds by the queue's clock. */
  readonly nextAt: number;
  readonly reason: SyncNack['reason'];
}

/** What became of a try; a reason: it failed again, for a passing cause. */
export type Tried = { readonly ok: true } | { readonly ok: false; readonly reason: SyncNack['reason'] };

export interface EntryRetries {
  /** Keeps an entry for another try; false: there is no room for it. */
  add(tenantId: string, sent: SentEntry, reason: SyncNack['reason']): boolean;
  /** It was decided, by whichever way. */
  done(tenantId: string, entryId: string): boolean;
  /** Tries all of the tenant's now, whether it is due or not; resolves when each was tried. */
  tryNow(tenantId: string): Promise<void>;
  clear(tenantId: string): number;
  waiting(tenantId: string): readonly WaitingEntry[];
  /** Of those that were given up, the newest. */
  failed(tenantId: string): readonly WaitingEntry[];
  /** What was given up waits again. */
  revive(tenantId: string): void;
  /** Forgets one that was given up. */
  forgetFailed(tenantId: string, entryId: string): boolean;
  stop(): Promise<void>;
}

export interface RetryTools {
  /** Tries entries of one tenant; an outcome for each, in their order. */
  readonly retry: (tenantId: string, entries: readonly WaitingEntry[]) => Promise<readonly Tried[]>;
  readonly clock?: () => number;
  readonly random?: () => number;
}

export function createEntryRetries({
  retry,
  clock = Date.now,
  random = Math.random,
}: RetryTools): EntryRetries {
  const tenants = new Map<string, Map<string, WaitingEntry>>();
  const failures = new Map<string, Map<string, WaitingEntry>>();
  let total = 0;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let stopped = false;

  const remove = (tenantId: string, entryId: string): boolean => {
    const queue = tenants.get(tenantId);
    if (!queue?.delete(entryId)) return false;
    total--;
    if (queue.size === 0) tenants.delete(tenantId);
    return true;
  };

  const giveUp = (tenantId: string, failed: WaitingEntry): void => {
    const known = failures.get(tenantId) ?? new Map<string, WaitingEntry>();
    known.delete(entryIdOf(failed.entry));
    known.set(entryIdOf(failed.entry), failed);
    if (known.size > LIMITS.failedEntriesKeptMax) known.delete([...known.keys()][0] ?? '');
    failures.delete(tenantId);
    failures.set(tenantId, known);
    if (failures.size > FAILED_TENANTS_MAX) failures.delete([...failures.keys()][0] ?? '');
  };

  const schedule = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (stopped || total === 0 || running) return;
    const next = Math.min(
      ...[...tenants.values()].flatMap((queue) => [...queue.values()].map((one) => one.nextAt)),
    );
    timer = setTimeout(run, Math.max(0, next - clock()));
    timer.unref();
  };

  const run = (): void => {
    running ??= tryDue().finally(() => {
      running = null;
      schedule();
    });
  };

  const tryDue = async (): Promise<void> => {
    const now = clock();
    for (const [tenantId, queue] of [...tenants]) {
      const due = [...queue.values()].filter(({ nextAt }) => nextAt <= now);
      if (due.length > 0 && !stopped) await tryThese(tenantId, due.slice(0, LIMITS.entriesPerBatchMax));
    }
  };

  const tryThese = async (tenantId: string, due: readonly WaitingEntry[]): Promise<void> => {
    const tried = await retry(tenantId, due);
    due.forEach((one, at) => {
      const outcome = tried[at];
      // Somebody may have settled it meanwhile.
      if (!outcome || tenants.get(tenantId)?.get(entryIdOf(one.entry)) !== one) return;
      if (outcome.ok) remove(tenantId, entryIdOf(one.entry));
      else postpone(one, outcome.reason);
    });
  };

  const postpone = (one: WaitingEntry, reason: SyncNack['reason']): void => {
    const { tenantId, entry } = one;
    const attempts = one.attempts + 1;
    if (attempts >= LIMITS.retryAttemptsMax) {
      remove(tenantId, entryIdOf(entry));
      giveUp(tenantId, { ...one, attempts, reason });
    } else
      tenants
        .get(tenantId)
        ?.set(entryIdOf(entry), { ...one, attempts, reason, nextAt: clock() + delayMs(attempts, random()) });
  };

  const put = (one: WaitingEntry): boolean => {
    const { tenantId, entry } = one;
    const queue = tenants.get(tenantId) ?? new Map<string, WaitingEntry>();
    const isKnown = queue.has(entryIdOf(entry));
    if (!isKnown && (queue.size >= LIMITS.retriesPerTenantMax || total >= LIMITS.retriesMax)) return false;
    if (!isKnown) total++;
    queue.set(entryIdOf(entry), one);
    tenants.set(tenantId, queue);
    if (!timer) schedule();
    return true;
  };

  return {
    add(tenantId, sent, reason) {
      const known = tenants.get(tenantId)?.get(entryIdOf(sent.entry));
      const attempts = known?.attempts ?? 1;
      const nextAt = known?.nextAt ?? clock() + delayMs(attempts, random());
      // How old the edit is grows while it waits: nobody knows then what its app had seen.
      const entry = { ...sent.entry, ageMs: null };
      return put({ ...sent, entry, tenantId, attempts, nextAt, reason });
    },
    done: remove,
    async tryNow(tenantId) {
      await running;
      const all = [...(tenants.get(tenantId)?.values() ?? [])];
      if (all.length === 0 || stopped) return;
      running ??= tryThese(tenantId, all).finally(() => {
        running = null;
        schedule();
      });
      await running;
    },
    clear(tenantId) {
      const count = tenants.get(tenantId)?.size ?? 0;
      total -= count;
      tenants.delete(tenantId);
      failures.delete(tenantId);
      return count;
    },
    waiting: (tenantId) => [...(tenants.get(tenantId)?.values() ?? [])],
    failed: (tenantId) => [...(failures.get(tenantId)?.values() ?? [])].reverse(),
    revive(tenantId) {
      const known = failures.get(tenantId);
      failures.delete(tenantId);
      for (const one of known?.values() ?? [])
        if (!put({ ...one, attempts: 1, nextAt: clock() })) giveUp(tenantId, one);
    },
    forgetFailed: (tenantId, entryId) => failures.get(tenantId)?.delete(entryId) ?? false,
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}

const FAILED_TENANTS_MAX = 1_000;

export const entryIdOf = ({ name }: ReadEntry): string => name.id ?? '';

/** Twice as long each time, up to a bound, and never all at the same moment. `chance`: 0 … 1. */
export function delayMs(attempts: number, chance: number): number {
  const delay = Math.min(LIMITS.retryBaseMs * 2 ** (attempts - 1), LIMITS.retryMsMax);
  return Math.round(delay * (1 + LIMITS.retryJitter * (2 * chance - 1)));
}
