import { expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { observeEngine } from './observed-engine.ts';
import { createSyncLog } from './sync-log.ts';

/** Resolves a conflict on an engine that comes no further than the transport's part of it; the last line of the log. */
async function lineAfter(thrown: Error): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const metrics = createMetrics({ entityTypes: new Set(), process: false });
  const failing: Pick<Engine, 'resolve'> = { resolve: () => Promise.reject(thrown) };
  const engine = observeEngine(failing as Engine, createSyncLog(logger, metrics));
  const request = {
    actor: { userId: 'u' },
    domain: 'd',
    conflictId: 'c',
    strategy: 'MANUAL_RESOLUTION' as const,
    resolvedFields: () => null,
    device: null,
  };
  await expect(engine.resolve(request)).rejects.toBe(thrown);
  return JSON.parse(lines.at(-1) ?? '');
}

test("what a transport refuses in the middle of a call is the caller's mistake, and has no stack", async () => {
  const line = await lineAfter(Object.assign(new Error('bad data'), { code: 'BAD_USER_INPUT' }));
  expect(line).toMatchObject({ level: 'warn', message: 'sync refused', code: 'BAD_USER_INPUT' });
  expect(line).not.toHaveProperty('err');
});

test('everything else that is thrown is a defect', async () => {
  for (const code of ['23505', 'ECONNRESET', 'toString', undefined]) {
    const line = await lineAfter(Object.assign(new Error('broken'), { code }));
    expect(line).toMatchObject({ level: 'error', message: 'sync failed', code: 'INTERNAL', err: {} });
  }
});
