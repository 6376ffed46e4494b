/**
 * Another try for entries that had failed for a passing cause: by their session, if that is still there, so that the app
 * is answered and told as ever; else on their own.
 */
import type { Engine, Logger } from '@ackord/server';
import type { Progress } from '../messages/sync-queue.ts';
import { type Decided, decideEntries } from './decide-entries.ts';
import type { GivenLog } from './given-log.ts';
import type { SyncJournal } from './journal.ts';
import { entryIdOf, type RetryTools, type Tried, type WaitingEntry } from './retry-queue.ts';
import type { Session } from './session.ts';

export interface TryAgainParts {
  readonly engine: Pick<Engine, 'submit'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly journal: SyncJournal;
  readonly sessionOf: (sessionId: string) => Session | null;
  /** Some of a tenant's entries are decided now. */
  readonly onProgress: (tenantId: string, progress: Progress) => void;
}

export function createTryAgain(parts: TryAgainParts): RetryTools['retry'] {
  const { journal, logger, onProgress } = parts;
  return async (tenantId, entries) => {
    const answers = new Map<string, Decided['answer']>();
    for (const [sessionId, waiting] of bySession(entries)) {
      const decided = await decideAgain(parts, tenantId, sessionId, waiting).catch((cause: unknown) => {
        logger.warn({ err: cause }, 'entries could not be tried again');
        return [];
      });
      for (const { answer, entry } of decided) answers.set(entryIdOf(entry), answer);
      const attempts = new Map(waiting.map((one) => [entryIdOf(one.entry), one.attempts]));
      const [first] = waiting;
      if (first) journal.refused({ tenantId, actor: first.actor }, decided, (id) => attempts.get(id) ?? 0);
    }
    const tried = entries.map(({ entry }) => triedOf(answers.get(entryIdOf(entry))));
    const accepted = entries.flatMap(({ entry }) =>
      answers.get(entryIdOf(entry))?.type === 'sync_ack' ? [entryIdOf(entry)] : [],
    );
    journal.accepted(tenantId, accepted);
    const decided = tried.filter(({ ok }) => ok).length;
    if (decided > 0) onProgress(tenantId, { processed: entries.length, decided, accepted: accepted.length });
    return tried;
  };
}

function triedOf(answer: Decided['answer'] | undefined): Tried {
  if (answer === undefined) return { ok: false, reason: 'processing_error' };
  if (answer.type === 'sync_nack' && !answer.is_permanent) return { ok: false, reason: answer.reason };
  return { ok: true };
}

/** Who is still there is told what became of it; of a passing fault it was told already. */
async function decideAgain(
  { engine, sessionOf }: TryAgainParts,
  tenantId: string,
  sessionId: string,
  waiting: readonly WaitingEntry[],
): Promise<readonly Decided[]> {
  const entries = waiting.map(({ entry }) => entry);
  const session = sessionOf(sessionId);
  if (!session) {
    const [first] = waiting;
    if (!first) return [];
    const sender = { tenantId, actor: first.actor, sessionId, given: NOTHING_GIVEN };
    return decideEntries(engine, sender, entries, []);
  }
  let result: readonly Decided[] = [];
  await session.decide(entries, (decided) => {
    result = decided;
    for (const { answer } of decided)
      if (answer.type === 'sync_ack' || answer.is_permanent) session.send(answer);
  });
  return result;
}

/** Of a session that is gone nobody knows what its app had been given. */
const NOTHING_GIVEN: GivenLog = {
  arrivedTo: 0,
  askedAt: Number.NEGATIVE_INFINITY,
  sentAll: () => {},
  told: () => {},
  sentRecord: () => {},
  deletedThere: () => {},
  sentAnswer: () => {},
  seenAt: () => 0,
  mayHaveComeAfter: () => true,
};

function bySession(entries: readonly WaitingEntry[]): Map<string, WaitingEntry[]> {
  const groups = new Map<string, WaitingEntry[]>();
  for (const one of entries) groups.set(one.sessionId, [...(groups.get(one.sessionId) ?? []), one]);
  return groups;
}
