/**
 * What the server counts and measures, in a registry of its own (two servers in one process do not mix), for
 * `GET /metrics` in the Prometheus format. Labels are drawn from closed sets: never an id of a user, a scope or
 * a record, and never a text that a caller chose, for every new value would cost memory for ever.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CacheObserver } from '../cache/cache.ts';
import type { Observer } from '../engine/ports.ts';
import type { Receipt } from '../engine/submission.ts';
import { createCacheMetrics, createRedisMetrics, type RedisMetrics } from './redis-metrics.ts';

export const SYNC_OPERATIONS = [
  'bulkSync',
  'enhancedSync',
  'resolveConflict',
  'getConflicts',
  'sync',
  'change',
] as const;
export type SyncOperation = (typeof SYNC_OPERATIONS)[number];

export interface PoolState {
  readonly max: number;
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface Metrics {
  readonly registry: Registry;
  /** For the engine. */
  readonly observer: Observer;
  request(facts: { method: string; route: string; status: number; milliseconds: number }): void;
  sync(facts: { operation: SyncOperation; ok: boolean; milliseconds: number }): void;
  /** Size of a submission, and what became of its changes, by type. */
  receipts(receipts: readonly Receipt[]): void;
  login(outcome: string, milliseconds: number): void;
  rateLimited(what: 'request' | 'body' | 'login' | 'changes'): void;
  /** From now on the pool is looked at whenever the metrics are read. */
  watchPool(read: () => PoolState): void;
  /** From now on it is told whether this server leads: it trims and sweeps for all of the database. */
  watchLeader(leads: () => boolean): void;
  readonly cache: CacheObserver;
  /** From now on there are numbers of Redis and the bus. Call it once, where Redis is used. */
  watchRedis(): RedisMetrics;
  /** The text of all metrics and its content type. */
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const CHANGES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** `entityTypes`: wire names; whatever else a caller names is counted as `unknown`. */
export function createMetrics(settings: {
  readonly entityTypes: ReadonlySet<string>;
  /** Memory, CPU, event loop and garbage collection of the process; off in tests that make many servers. */
  readonly process?: boolean;
}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (settings.process ?? true) collectDefaultMetrics({ register: registry });
  const timer = (name: string, help: string, labelNames: string[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const sizes = (name: string, help: string) => new Histogram({ name, help, buckets: CHANGES, registers });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });

  const requests = timer('ackord_http_request_duration_seconds', 'HTTP requests, by route pattern.', [
    'method',
    'route',
    'status',
  ]);
  const syncs = timer('ackord_sync_duration_seconds', 'Sync calls from decoding to answer.', [
    'operation',
    'outcome',
  ]);
  const logins = timer('ackord_login_duration_seconds', 'Sign-ins with a password.', ['outcome']);
  const limited = counter('ackord_rate_limited_total', 'Calls turned away by a limit.', ['what']);
  const submissions = sizes('ackord_submission_changes', 'Changes per submission.');
  const entities = counter('ackord_entities_total', 'Changes by entity type and what became of them.', [
    'type',
    'operation',
    'outcome',
  ]);
  const receipts = counter('ackord_receipts_total', 'Receipts given out.', ['status', 'replayed']);
  const refusals = counter('ackord_refusals_total', 'Changes not accepted, by error code.', ['code']);

  return {
    registry,
    observer: createObserver(registry),
    request: ({ method, route, status, milliseconds }) =>
      requests.observe({ method, route, status: String(status) }, milliseconds / 1000),
    sync: ({ operation, ok, milliseconds }) =>
      syncs.observe({ operation, outcome: ok ? 'ok' : 'failed' }, milliseconds / 1000),
    receipts(list) {
      submissions.observe(list.length);
      for (const receipt of list) {
        const type = settings.entityTypes.has(receipt.entityType) ? receipt.entityType : 'unknown';
        entities.inc({ type, operation: receipt.operation ?? 'unknown', outcome: receipt.status });
        const replayed = 'replayed' in receipt && receipt.replayed;
        receipts.inc({ status: receipt.status, replayed: String(replayed) });
        if ('code' in receipt) refusals.inc({ code: receipt.code });
      }
    },
    login: (outcome, milliseconds) => logins.observe({ outcome }, milliseconds / 1000),
    rateLimited: (what) => limited.inc({ what }),
    watchPool: (read) => watchPool(registry, read),
    watchLeader: (leads) => watchLeader(registry, leads),
    cache: createCacheMetrics(registry),
    watchRedis: () => createRedisMetrics(registry),
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function createObserver(registry: Registry): Observer {
  const registers = [registry];
  const commits = new Histogram({
    name: 'ackord_commit_duration_seconds',
    help: 'Batches from the first lock to the commit.',
    buckets: SECONDS,
    registers,
  });
  const batches = new Histogram({
    name: 'ackord_batch_changes',
    help: 'Changes per commit.',
    buckets: CHANGES,
    registers,
  });
  const attempts = new Counter({
    name: 'ackord_commit_attempts_total',
    help: 'Tries of commits, repeated ones included.',
    registers,
  });
  const depth = new Gauge({
    name: 'ackord_lane_changes',
    help: 'Changes that wait for a commit.',
    registers,
  });
  const conflicts = new Counter({
    name: 'ackord_conflicts_total',
    help: 'Conflicts by entity type, kind and what became of them.',
    labelNames: ['type', 'conflict_type', 'outcome'],
    registers,
  });
  const defects = new Counter({
    name: 'ackord_defects_total',
    help: 'Failures that are our own fault; each one is in the log.',
    labelNames: ['where'],
    registers,
  });
  return {
    batchCommitted(facts) {
      commits.observe(facts.milliseconds / 1000);
      batches.observe(facts.changes);
      attempts.inc(facts.attempts);
    },
    queueDepth: (changes) => depth.set(changes),
    conflict: ({ type, conflictType, outcome }) =>
      conflicts.inc({ type, conflict_type: conflictType, outcome }),
    defect: ({ where }) => defects.inc({ where }),
  };
}

function watchPool(registry: Registry, read: () => PoolState): void {
  new Gauge({
    name: 'ackord_database_connections',
    help: 'Connections of the pool by state, and how many callers wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { max, total, idle, waiting } = read();
      for (const [state, count] of Object.entries({ max, busy: total - idle, idle, waiting }))
        this.set({ state }, count);
    },
  });
}

function watchLeader(registry: Registry, leads: () => boolean): void {
  new Gauge({
    name: 'ackord_leader',
    help: '1 on the server that trims, sweeps and looks for what was forgotten, for all of the database.',
    registers: [registry],
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
}
