/**
 * The story of each sync in the log: started, conflicts, then completed or failed, tied together by the batch id.
 * Says who, what, how many and how long, never contents. The same calls feed the metrics, so the two always agree.
 */
import { type ErrorCode, LIMITS } from '@ackord/core';
import type { ConflictView } from '../engine/conflict-view.ts';
import type { Receipt } from '../engine/submission.ts';
import type { Logger } from './logger.ts';
import type { Metrics, SyncOperation } from './metrics.ts';

export interface SyncStart {
  readonly operation: SyncOperation;
  /** Names the call in logs; for a submission its batch id. */
  readonly batchId: string;
  readonly userId: string;
  readonly device: string | null;
  /** Sizes of what was asked for: changes, page rows … */
  readonly counts?: Readonly<Record<string, number>>;
}

/** One call under way. Exactly one of `succeed` and `fail` ends it; a second end is ignored. */
export interface SyncRun {
  /** What became of the changes: counted, and a line for each conflict up to `LIMITS.conflictLinesPerSyncMax`. */
  receipts(receipts: readonly Receipt[]): void;
  succeed(counts?: Readonly<Record<string, number>>): void;
  /** `cause`: what was thrown, if anything; it is logged without values. */
  fail(code: ErrorCode, cause?: unknown): void;
}

export interface SyncLog {
  begin(start: SyncStart): SyncRun;
}

export function createSyncLog(logger: Logger, metrics: Metrics): SyncLog {
  return {
    begin(start) {
      const { counts, ...names } = start;
      let named: Logger | null = null;
      // Made when there is a line to write: mostly there is none for single changes.
      const log = (): Logger => (named ??= logger.child(names));
      const startedAt = performance.now();
      let outcomes: Record<string, number> = {};
      let ended = false;
      // Single changes come by the thousand per second; their lines are for those who look for one.
      const level = start.operation === 'change' ? 'debug' : 'info';
      const isTold = logger.isLevelEnabled(level);
      if (isTold) log()[level]({ counts }, 'sync started');

      const end = (ok: boolean): number | null => {
        if (ended) return null;
        ended = true;
        const milliseconds = performance.now() - startedAt;
        metrics.sync({ operation: start.operation, ok, milliseconds });
        return Math.round(milliseconds * 10) / 10;
      };
      return {
        receipts(receipts) {
          metrics.receipts(receipts);
          outcomes = tally(receipts);
          if (receipts.some((receipt) => 'conflict' in receipt && receipt.conflict))
            logConflicts(log(), receipts);
        },
        succeed(results) {
          const milliseconds = end(true);
          if (milliseconds !== null && isTold)
            log()[level]({ milliseconds, counts: { ...counts, ...outcomes, ...results } }, 'sync completed');
        },
        fail(code, cause) {
          const milliseconds = end(false);
          if (milliseconds === null) return;
          const facts = { milliseconds, counts, code, ...(cause === undefined ? {} : { err: cause }) };
          // The caller's own mistakes are no alarm for the operator.
          if (code === 'INTERNAL' || code === 'UNAVAILABLE') log().error(facts, 'sync failed');
          else log().warn(facts, 'sync refused');
        },
      };
    },
  };
}

function tally(receipts: readonly Receipt[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of receipts) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function logConflicts(log: Logger, receipts: readonly Receipt[]): void {
  const conflicts = receipts.flatMap((receipt) =>
    'conflict' in receipt && receipt.conflict ? [receipt.conflict] : [],
  );
  for (const conflict of conflicts.slice(0, LIMITS.conflictLinesPerSyncMax)) {
    log.warn(conflictFacts(conflict), 'sync conflict');
  }
  const untold = conflicts.length - LIMITS.conflictLinesPerSyncMax;
  if (untold > 0) log.warn({ conflicts: conflicts.length, untold }, 'more sync conflicts');
}

const conflictFacts = (conflict: ConflictView) => ({
  conflictId: conflict.id,
  type: conflict.type,
  entityId: conflict.entityId,
  conflictType: conflict.conflictType,
  status: conflict.status,
  strategy: conflict.strategy,
  winner: conflict.winner,
  // Names of fields, which the domain declares; their values stay in the database.
  fieldNames: conflict.fields,
});
