/** Puts the engine together: lanes, committers, feed, conflicts and access on one store. */
import { type ConflictStrategy, LIMITS, type Registry } from '@ackord/core';
import { checkPushCursor } from './check-cursor.ts';
import { Committers } from './committers.ts';
import { listConflicts, readOpenConflicts, resolveConflict } from './conflicts.ts';
import type { Engine } from './engine.ts';
import { InOrder } from './in-order.ts';
import { Lanes } from './lanes.ts';
import { alwaysLeading, type Leadership } from './leadership.ts';
import { listRecords } from './list.ts';
import { startLive } from './live.ts';
import { LiveCursor } from './live-cursor.ts';
import { listMembers, setMember } from './members.ts';
import { newsFor, readLastCommit } from './news.ts';
import { createPageReads } from './page-reads.ts';
import { PlaceReader } from './place-reader.ts';
import type { Bus, CachedPages, Observer, Store } from './ports.ts';
import { pull, pullTexts } from './pull.ts';
import type { Submitting } from './queue.ts';
import {
  readChildren,
  readDigests,
  readLinked,
  readRecords,
  readRoleIn,
  readScopeDigests,
  readScopes,
} from './reads.ts';
import { releaseWaiting } from './release-waiting.ts';
import { replaceUnit } from './replace.ts';
import { startRetention } from './retention.ts';
import { noPages, onSecondAsk } from './second-ask.ts';
import type { Rules } from './situation-of.ts';
import { submit } from './submit.ts';
import { isUnreachable } from './unreachable.ts';
import { watchWaiting } from './watch-waiting.ts';
import { readScopeChanges, readWholeScope } from './whole-scope.ts';

export interface EngineOptions {
  readonly registry: Registry;
  readonly store: Store;
  readonly bus?: Bus;
  /** Where long parts of the feed are kept; left out: nowhere. */
  readonly pages?: CachedPages;
  readonly observer?: Observer;
  /** Which of several servers does what one does for all; left out: this one. */
  readonly leadership?: Leadership;
  /** CONFLICT_RESOLUTION_STRATEGY: where neither group, type nor domain has one. */
  readonly strategy?: ConflictStrategy;
  readonly tombstoneRetentionDays?: number;
  /** Wall clock in milliseconds; only ever used to clamp what devices say. */
  readonly now?: () => number;
}

const silentBus: Bus = { publish: () => {}, subscribe: () => () => {} };
const silentObserver: Observer = {
  batchCommitted: () => {},
  queueDepth: () => {},
  conflict: () => {},
  defect: () => {},
};

export function createEngine(options: EngineOptions): Engine {
  const { registry, store, bus = silentBus, observer = silentObserver, leadership = alwaysLeading } = options;
  const retentionMs = (options.tombstoneRetentionDays ?? LIMITS.tombstoneRetentionDays) * 86_400_000;
  const rules: Rules = {
    strategy: (type) => registry.domain(type.domain).strategy ?? options.strategy ?? 'LAST_WRITE_WINS',
    horizon: (now) => now - retentionMs,
    epoch: () => store.epoch,
  };
  const reads = createPageReads(store);
  const pages = onSecondAsk(options.pages ?? noPages);
  const lanes = new Lanes();
  const now = options.now ?? Date.now;
  let stopping = false;
  const tools: Submitting = {
    store,
    reads,
    places: new PlaceReader(store, now),
    registry,
    lanes,
    order: new InOrder(),
    wake: () => committers.wake(),
    isStopping: () => stopping,
    now,
  };
  // What waited is decided also while the server stops: nobody would come back for it.
  const releasing: Submitting = { ...tools, isStopping: () => false };
  /** What goes on without anybody waiting for it. */
  const background = new Set<Promise<void>>();
  const inBackground = (work: Promise<void>, where: string): void => {
    const watched = work
      .catch((cause: unknown) => {
        if (!isUnreachable(cause)) observer.defect({ where, cause: String(cause), changeId: null });
      })
      .finally(() => background.delete(watched));
    background.add(watched);
  };
  const committers = new Committers({
    store,
    registry,
    rules,
    observer,
    lanes,
    bus,
    failures: new Map(),
    replace: (unit, scopes) => inBackground(replaceUnit(tools, unit, scopes), 'replace'),
    release: (units, arrived) => inBackground(releaseWaiting(releasing, units, arrived), 'waiting'),
  });
  const retention = startRetention(store, observer, retentionMs, tools.now, leadership);
  const waitingWatch = watchWaiting(tools, observer, leadership);
  const live = startLive({ store, registry, bus, observer });
  return {
    registry,
    submit: (submission) => submit(tools, submission),
    pull: (request) => pull(reads, registry, request),
    pullTexts: (request) => pullTexts(reads, pages, registry, request),
    checkCursor: (actor, cursor) => checkPushCursor(store, actor, cursor),
    conflicts: (request) => listConflicts(store, registry, request),
    resolve: (request) => resolveConflict(tools, request),
    failures: (actor, device) => store.failures(actor.userId, device),
    setMember: (request) => setMember(tools, request),
    members: (request) => listMembers(store, request),
    records: (actor, keys) => readRecords(store, actor, keys),
    children: (actor, type, owners, within) => readChildren(store, actor, type, owners, within),
    list: (request) => listRecords(store, registry, request),
    linked: (actor, links) => readLinked(store, actor, links),
    scopes: (actor) => readScopes(store, actor),
    roleIn: (actor, scope) => readRoleIn(store, actor, scope),
    digests: (actor) => readDigests(store, actor),
    scopeDigests: (actor, scopes) => readScopeDigests(store, actor, scopes),
    follow: live.follow,
    followUser: live.followUser,
    followConflicts: live.followConflicts,
    openConflictsIn: (scope, domain) => readOpenConflicts(store, registry, scope, domain),
    liveCursor: (page) => new LiveCursor(reads, page),
    wholeScope: (request) => readWholeScope(store, registry, request),
    scopeChanges: (request) => readScopeChanges(store, registry, request),
    lastCommit: (actor, scope) => readLastCommit(store, actor, scope),
    waitingIn: (scope) => lanes.waitingIn(scope),
    news: (actor, domain, place) => newsFor(store, registry, actor, domain, place),
    stop: async () => {
      stopping = true;
      await Promise.all([retention.stop(), waitingWatch.stop()]);
      while (background.size > 0 || !lanes.isEmpty) {
        await Promise.all(background);
        await committers.idle();
      }
      await live.stop();
    },
  };
}
