/**
 * An engine that tells the log and the metrics of every sync call, whichever transport makes it. Answers and
 * exceptions pass through untouched.
 */
import { randomUUID } from 'node:crypto';
import { ERRORS, type ErrorCode } from '@ackord/core';
import type { CallResult, Engine, Page, PullRequest } from '../engine/engine.ts';
import type { Submission } from '../engine/submission.ts';
import type { SyncOperation } from './metrics.ts';
import type { SyncLog, SyncRun } from './sync-log.ts';

type Counts = Readonly<Record<string, number>>;

const OPERATION_BY_ORIGIN: Readonly<Record<Submission['origin'], SyncOperation>> = {
  client: 'bulkSync',
  legacy: 'change',
  server: 'change',
  restore: 'change',
};

export function observeEngine(engine: Engine, syncLog: SyncLog): Engine {
  const begin = (operation: SyncOperation, userId: string, device: string | null, counts?: Counts): SyncRun =>
    syncLog.begin({ operation, userId, device, batchId: randomUUID(), ...(counts && { counts }) });

  const pulled = <R>(
    request: PullRequest,
    pull: (request: PullRequest) => Promise<CallResult<{ readonly page: Page<R> }>>,
  ): Promise<CallResult<{ readonly page: Page<R> }>> => {
    const run = begin('enhancedSync', request.actor.userId, null, { limit: request.limit });
    return told(run, async () => {
      const result = await pull(request);
      ended(run, result, ({ page }) => ({
        records: page.count,
        total: page.total,
        hasMore: Number(page.hasMore),
      }));
      return result;
    });
  };

  return {
    ...engine,
    async submit(submission) {
      const run = syncLog.begin({
        operation: isSingle(submission) ? 'change' : OPERATION_BY_ORIGIN[submission.origin],
        userId: submission.actor.userId,
        device: submission.device,
        batchId: submission.batchId,
        counts: { changes: submission.changes.length },
      });
      return told(run, async () => {
        const result = await engine.submit(submission);
        run.receipts(result.receipts);
        run.succeed();
        return result;
      });
    },
    pull: (request) => pulled(request, engine.pull),
    pullTexts: (request) => pulled(request, engine.pullTexts),
    conflicts(request) {
      const run = begin('getConflicts', request.actor.userId, null);
      return told(run, async () => {
        const conflicts = await engine.conflicts(request);
        run.succeed({ conflicts: conflicts.length });
        return conflicts;
      });
    },
    resolve(request) {
      const run = begin('resolveConflict', request.actor.userId, request.device);
      return told(run, async () => {
        const result = await engine.resolve(request);
        ended(run, result);
        return result;
      });
    },
  };
}

/** What apps send one by one over their sockets; whoever needs a bookmark calls `bulkSync`, however little it is. */
const isSingle = ({ tenant, changes, bookmark = false }: Submission): boolean =>
  tenant !== undefined || (changes.length === 1 && !bookmark);

/** What is thrown is told, then thrown on. */
async function told<T>(run: SyncRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = refusalCode(error);
    if (code === null) run.fail('INTERNAL', error);
    else run.fail(code);
    throw error;
  }
}

/** A transport may refuse in the middle of a call what it reads there: it throws an error with a code of the registry. */
function refusalCode(error: unknown): ErrorCode | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : null;
}

function ended<T>(run: SyncRun, result: CallResult<T>, counts?: (result: T) => Counts): void {
  if (result.ok) run.succeed(counts?.(result));
  else run.fail(result.code);
}
