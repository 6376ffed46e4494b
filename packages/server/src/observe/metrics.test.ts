import { expect, test } from 'vitest';
import type { Acknowledged, Receipt } from '../engine/submission.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const make = (): Metrics => createMetrics({ entityTypes: new Set(['Memory', 'Trip']), process: false });
const linesOf = async (metrics: Metrics): Promise<string[]> => (await metrics.text()).text.split('\n');

const applied = (entityType: string): Acknowledged => ({
  index: 0,
  changeId: null,
  entityType,
  entityId: 'id-that-must-not-show',
  operation: 'UPDATE',
  status: 'applied',
  version: 2,
  seq: 1,
  updatedAt: 0,
  stamp: null,
  isNews: true,
  replayed: false,
  mergedFields: [],
  conflict: null,
  canonicalId: null,
  stands: true,
  record: null,
});

const rejected = (entityType: string): Receipt => ({
  index: 0,
  changeId: null,
  entityType,
  entityId: null,
  operation: null,
  status: 'rejected',
  code: 'INVALID',
  message: 'no',
  field: null,
  retryAfterMs: 0,
});

test('receipts are counted by type, operation, outcome and code', async () => {
  const metrics = make();
  metrics.receipts([
    applied('Memory'),
    applied('Memory'),
    { ...applied('Trip'), replayed: true },
    rejected('Trip'),
  ]);
  const lines = await linesOf(metrics);
  expect(lines).toContain('ackord_entities_total{type="Memory",operation="UPDATE",outcome="applied"} 2');
  expect(lines).toContain('ackord_entities_total{type="Trip",operation="unknown",outcome="rejected"} 1');
  expect(lines).toContain('ackord_receipts_total{status="applied",replayed="true"} 1');
  expect(lines).toContain('ackord_refusals_total{code="INVALID"} 1');
  expect(lines).toContain('ackord_submission_changes_sum 4');
});

test('what a caller makes up never becomes a label', async () => {
  const metrics = make();
  metrics.receipts(Array.from({ length: 1_000 }, (_, index) => rejected(`Made up ${index}`)));
  const { text } = await metrics.text();
  expect(text).not.toContain('Made up');
  expect(text).not.toContain('id-that-must-not-show');
  expect(text).toContain('ackord_entities_total{type="unknown",operation="unknown",outcome="rejected"} 1000');
});

test('the engine is observed: commits, depth, conflicts, defects', async () => {
  const metrics = make();
  const { observer } = metrics;
  observer.batchCommitted({ changes: 40, scopes: 2, milliseconds: 8, attempts: 3 });
  observer.queueDepth(17);
  observer.conflict({ type: 'travel.Memory', conflictType: 'VERSION_MISMATCH', outcome: 'client' });
  observer.defect({ where: 'commit', cause: 'details for the log', changeId: 'c-1' });
  const lines = await linesOf(metrics);
  expect(lines).toContain('ackord_commit_duration_seconds_count 1');
  expect(lines).toContain('ackord_commit_duration_seconds_bucket{le="0.01"} 1');
  expect(lines).toContain('ackord_commit_duration_seconds_bucket{le="0.005"} 0');
  expect(lines).toContain('ackord_batch_changes_sum 40');
  expect(lines).toContain('ackord_commit_attempts_total 3');
  expect(lines).toContain('ackord_lane_changes 17');
  expect(lines).toContain(
    'ackord_conflicts_total{type="travel.Memory",conflict_type="VERSION_MISMATCH",outcome="client"} 1',
  );
  expect(lines).toContain('ackord_defects_total{where="commit"} 1');
  expect(lines.join()).not.toContain('details for the log');
});

test('the pool is looked at when the metrics are read', async () => {
  const metrics = make();
  let waiting = 0;
  metrics.watchPool(() => ({ max: 16, total: 5, idle: 2, waiting }));
  waiting = 9;
  const lines = await linesOf(metrics);
  expect(lines).toContain('ackord_database_connections{state="max"} 16');
  expect(lines).toContain('ackord_database_connections{state="busy"} 3');
  expect(lines).toContain('ackord_database_connections{state="waiting"} 9');
});

test('two servers in one process do not mix, and the process is measured', async () => {
  const one = createMetrics({ entityTypes: new Set() });
  const other = createMetrics({ entityTypes: new Set() });
  one.request({ method: 'POST', route: '/graphql', status: 200, milliseconds: 3 });
  expect((await one.text()).text).toContain(
    'ackord_http_request_duration_seconds_count{method="POST",route="/graphql",status="200"} 1',
  );
  expect((await other.text()).text).not.toContain('route="/graphql"');
  expect((await one.text()).text).toContain('process_resident_memory_bytes');
});

test('what is asked of caches is counted; of Redis there are numbers where it is used', async () => {
  const metrics = make();
  metrics.cache.asked('memory', 'hit');
  expect(await linesOf(metrics)).toContain('ackord_cache_asked_total{where="memory",outcome="hit"} 1');
  expect((await metrics.text()).text).not.toMatch(/ackord_(redis|bus)/);
  const redis = metrics.watchRedis();
  redis.connected(true);
  redis.bus.sent(3);
  redis.bus.received(2);
  redis.bus.dropped('away', 1);
  const lines = await linesOf(metrics);
  for (const line of [
    'ackord_redis_connected 1',
    'ackord_bus_messages_total{direction="sent"} 3',
    'ackord_bus_messages_total{direction="received"} 2',
    'ackord_bus_dropped_total{cause="away"} 1',
  ])
    expect(lines).toContain(line);
});
