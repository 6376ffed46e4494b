/**
 * An app keeps an account group in which it has an account, whatever it is told, so a group that is deleted on one device
 * while another puts an account into it would be there on some devices for ever and not on the others. References are
 * soft, nothing is refused for them; so a while after such a thing the group is brought back for all. And where no account
 * is in it any more by then, its deletion is told once more, to those who could not follow it before.
 */
import { randomUUID } from 'node:crypto';
import { bareId, LIMITS, qualifiedId } from '@ackord/core';
import type { Engine, Logger, MovedRecord, News } from '@ackord/server';
import { tenantActor } from '../access.ts';
import { typeKeyOf } from '../wire/type-names.ts';

export interface GroupKeeper {
  /** Looks whether the news may have left an account without its group. */
  note(tenantId: string, news: Pick<News, 'moved'>): void;
  stop(): Promise<void>;
}

const ACCOUNT = typeKeyOf('Account');
const GROUP = typeKeyOf('AccountGroup');

export interface GroupKeeperParts {
  readonly engine: Pick<Engine, 'list' | 'records' | 'submit'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Tells all sockets of the tenant once more of these records, which moved after the position. */
  readonly tellAgain: (tenantId: string, after: number, keys: ReadonlySet<string>) => Promise<void>;
}

export function createGroupKeeper({ engine, logger, tellAgain }: GroupKeeperParts): GroupKeeper {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  /** By tenant, since the last look: deleted groups, and the seq of each. */
  const deleted = new Map<string, Map<string, number>>();

  const noteDeleted = (tenantId: string, { record }: MovedRecord): void => {
    if (record.type !== GROUP || record.tombstone === null) return;
    const groups = deleted.get(tenantId) ?? new Map();
    deleted.set(tenantId, groups.set(`${record.type} ${record.id}`, record.seq));
  };

  const lookAt = async (tenantId: string): Promise<void> => {
    const groups = deleted.get(tenantId) ?? new Map();
    deleted.delete(tenantId);
    await bringBack(engine, tenantId);
    if (groups.size > 0) await tellAgain(tenantId, Math.min(...groups.values()) - 1, new Set(groups.keys()));
  };

  const look = (tenantId: string): void => {
    timers.delete(tenantId);
    const work = lookAt(tenantId)
      .catch((cause: unknown) => logger.warn({ err: cause }, 'account groups could not be looked at'))
      .finally(() => running.delete(work));
    running.add(work);
  };

  return {
    note(tenantId, { moved }) {
      for (const one of moved) noteDeleted(tenantId, one);
      if (timers.has(tenantId) || !moved.some(mayLeaveAnOrphan)) return;
      // Whoever deletes a group with its accounts is through with all of them by then.
      const timer = setTimeout(() => look(tenantId), LIMITS.groupsLookMs);
      timer.unref();
      timers.set(tenantId, timer);
    },
    async stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      deleted.clear();
      await Promise.all(running);
    },
  };
}

/** A group is gone, or an account came to be, came back, or went into another group. */
function mayLeaveAnOrphan({ record, lines }: MovedRecord): boolean {
  if (record.type === GROUP) return record.tombstone !== null;
  if (record.type !== ACCOUNT || record.tombstone !== null) return false;
  return lines.some(
    ({ operation, before }) =>
      operation === 'CREATE' || operation === 'REVIVE' || before?.accountGroupId !== undefined,
  );
}

async function bringBack(
  engine: Pick<Engine, 'list' | 'records' | 'submit'>,
  tenantId: string,
): Promise<void> {
  const actor = tenantActor(tenantId);
  const accounts = await engine.list({
    actor,
    type: ACCOUNT,
    owner: null,
    contains: null,
    after: null,
    limit: LIMITS.pageRowsMax,
  });
  if (!accounts.ok) return;
  const wanted = new Set(accounts.records.map(({ fields }) => String(fields.accountGroupId)));
  const keys = [...wanted].map((id) => ({ type: GROUP, id: qualifiedId(tenantId, id) }));
  const there = new Set((await engine.records(actor, keys)).map(({ id }) => bareId(id)));
  const gone = [...wanted].filter((id) => !there.has(id));
  if (gone.length === 0) return;
  // One that there never was stays unknown: it may come yet.
  await engine.submit({
    domain: 'finance',
    actor,
    tenant: tenantId,
    device: null,
    batchId: randomUUID(),
    origin: 'restore',
    changes: gone.map((id) => ({
      entityType: 'AccountGroup',
      id,
      operation: 'UPDATE',
      changeId: randomUUID(),
      fields: {},
    })),
  });
}
