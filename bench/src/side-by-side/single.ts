/** W5: many devices send single changes, each one after the other. */
import type { PeerClient } from '../peers/peer.ts';
import { percentile, rounded } from '../result.ts';
import { connectMany, type Ground } from './ground.ts';
import { newRecord } from './records.ts';

const WARM_UP_MS = 2_000;
const MEASURED_MS = 8_000;
const BRIEF_MS = 1_000;

export async function singleChanges(ground: Ground, sizes: readonly number[]): Promise<void> {
  const { running, brief } = ground;
  const clients: PeerClient[] = [];
  for (const size of sizes)
    await ground.measure({ workload: 'W5', size }, async () => {
      clients.push(...(await connectMany(running, size - clients.length)));
      await sendFor(clients, brief ? BRIEF_MS / 2 : WARM_UP_MS);
      const { times, elapsedMs } = await sendFor(clients, brief ? BRIEF_MS : MEASURED_MS);
      return {
        ms: rounded(percentile(times, 0.5)),
        p95_ms: rounded(percentile(times, 0.95)),
        p99_ms: rounded(percentile(times, 0.99)),
        per_s: Math.round(times.length / (elapsedMs / 1000)),
        runs: times.length,
        memory_mb: Math.round(await running.memory()),
      };
    });
}

/** Nobody begins a change after the time is over, but all that were begun are waited for, and counted. */
export async function sendFor(
  clients: readonly PeerClient[],
  durationMs: number,
): Promise<{ readonly times: readonly number[]; readonly elapsedMs: number }> {
  const times: number[] = [];
  const begun = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      do {
        const started = performance.now();
        await client.change(newRecord());
        times.push(performance.now() - started);
      } while (performance.now() - begun < durationMs);
    }),
  );
  return { times, elapsedMs: performance.now() - begun };
}
