import { Writable } from 'node:stream';
import { LIMITS } from '@ackord/core';
import { beforeEach, expect, test } from 'vitest';
import type { ConflictView } from '../engine/conflict-view.ts';
import type { Acknowledged, Receipt } from '../engine/submission.ts';
import { createLogger, type LogLevel } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { createSyncLog } from './sync-log.ts';

let lines: Record<string, unknown>[];
let metrics: ReturnType<typeof createMetrics>;
beforeEach(() => {
  lines = [];
  metrics = createMetrics({ entityTypes: new Set(['Memory']), process: false });
});

function syncLog(level: LogLevel = 'info') {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return createSyncLog(createLogger({ level, destination }), metrics);
}

const start = { operation: 'bulkSync', batchId: 'batch-1', userId: 'user-1', device: 'phone' } as const;

const conflict: ConflictView = {
  id: 'conflict-1',
  scope: 'trip:1',
  type: 'travel.Memory',
  entityId: 'memory-1',
  conflictType: 'VERSION_MISMATCH',
  status: 'resolved',
  strategy: 'LAST_WRITE_WINS',
  winner: 'client',
  fields: ['title'],
  serverVersion: 3,
  clientVersion: 2,
  base: { title: 'needle' },
  server: { title: 'needle' },
  client: { title: 'needle' },
  clientDeletes: false,
  serverTime: 0,
  clientTime: 0,
  rival: null,
  actor: 'user-1',
  device: 'phone',
  changeId: 'change-1',
  createdAt: 0,
  resolvedAt: 0,
  resolvedBy: 'user-1',
  resolution: null,
  decidedVersion: 4,
  payload: null,
};

const receipt = (status: Acknowledged['status'], about: ConflictView | null = null): Receipt => ({
  index: 0,
  changeId: 'change-1',
  entityType: 'Memory',
  entityId: 'memory-1',
  operation: 'UPDATE',
  status,
  version: 4,
  seq: 9,
  updatedAt: 0,
  stamp: null,
  isNews: true,
  replayed: false,
  mergedFields: [],
  conflict: about,
  canonicalId: null,
  stands: true,
  record: null,
});

test('a sync is told from start to end, with its conflicts, and no contents', async () => {
  const run = syncLog().begin({ ...start, counts: { changes: 3 } });
  run.receipts([receipt('applied'), receipt('merged'), receipt('conflict', conflict)]);
  run.succeed();
  expect(lines.map(({ message }) => message)).toEqual(['sync started', 'sync conflict', 'sync completed']);
  for (const line of lines)
    expect(line).toMatchObject({ batchId: 'batch-1', userId: 'user-1', operation: 'bulkSync' });
  expect(lines[1]).toMatchObject({
    conflictId: 'conflict-1',
    conflictType: 'VERSION_MISMATCH',
    winner: 'client',
  });
  expect(lines[2]).toMatchObject({ counts: { changes: 3, applied: 1, merged: 1, conflict: 1 } });
  expect(lines[2]?.milliseconds).toBeGreaterThanOrEqual(0);
  expect(JSON.stringify(lines)).not.toContain('needle');
  expect((await metrics.text()).text).toContain(
    'ackord_sync_duration_seconds_count{operation="bulkSync",outcome="ok"} 1',
  );
});

test('thousands of conflicts are counted, not told one by one', () => {
  const run = syncLog().begin(start);
  run.receipts(Array.from({ length: 3_000 }, () => receipt('conflict', conflict)));
  expect(lines.filter(({ message }) => message === 'sync conflict')).toHaveLength(
    LIMITS.conflictLinesPerSyncMax,
  );
  expect(lines.at(-1)).toMatchObject({ conflicts: 3_000, untold: 3_000 - LIMITS.conflictLinesPerSyncMax });
});

test("a caller's mistake warns, a fault of ours is an error", async () => {
  const log = syncLog();
  log.begin(start).fail('TOO_LARGE');
  log.begin(start).fail('INTERNAL', new Error('broken'));
  expect(lines.filter(({ message }) => message !== 'sync started')).toMatchObject([
    { level: 'warn', message: 'sync refused', code: 'TOO_LARGE' },
    { level: 'error', message: 'sync failed', code: 'INTERNAL', err: { message: 'broken' } },
  ]);
  expect((await metrics.text()).text).toContain(
    'ackord_sync_duration_seconds_count{operation="bulkSync",outcome="failed"} 2',
  );
});

test('ends once', async () => {
  const run = syncLog().begin(start);
  run.succeed();
  run.fail('INTERNAL');
  run.succeed();
  expect(lines.map(({ message }) => message)).toEqual(['sync started', 'sync completed']);
});

test('single changes have lines for those who look for them only', () => {
  syncLog('info')
    .begin({ ...start, operation: 'change' })
    .succeed();
  expect(lines).toEqual([]);
  syncLog('debug')
    .begin({ ...start, operation: 'change' })
    .succeed();
  expect(lines).toHaveLength(2);
});
