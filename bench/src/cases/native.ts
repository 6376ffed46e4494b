/** The native protocol, each workload on a server that was begun anew: what docs/protocol.md costs over a real socket. */
import { rm } from 'node:fs/promises';
import { startAckord } from '../peers/ackord.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { type Result, resultOf } from '../result.ts';
import { makeFolder } from '../server.ts';
import { connectMany } from '../side-by-side/ground.ts';
import { toLiveDevices } from '../side-by-side/live.ts';
import { newRecords } from '../side-by-side/records.ts';
import { sendFor } from '../side-by-side/single.ts';

const RECORDS = 100_000;
const PER_PUSH = 5_000;
const PUSHERS = 4;
const CROWD = 10_000;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 8_000;

export async function native(): Promise<Result[]> {
  return [
    ...(await withServer(PUSHERS, pushAndPull)),
    ...(await withServer(1, live)),
    ...(await withServer(1, oneScope)),
    ...(await withServer(50, manyScopes)),
  ];
}

async function withServer(
  trips: number,
  measure: (running: RunningPeer) => Promise<Result[]>,
): Promise<Result[]> {
  const folder = await makeFolder();
  const running = await startAckord(folder, trips);
  try {
    return await measure(running);
  } finally {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function pushAndPull(running: RunningPeer): Promise<Result[]> {
  const devices = await connectMany(running, PUSHERS);
  for (const device of devices) await device.push(newRecords(500));
  const times: number[] = [];
  let left = RECORDS / PER_PUSH;
  const started = performance.now();
  await Promise.all(
    devices.map(async (device) => {
      while (left-- > 0) {
        const records = newRecords(PER_PUSH);
        const sent = performance.now();
        await device.push(records);
        times.push(performance.now() - sent);
      }
    }),
  );
  const elapsedMs = performance.now() - started;
  const pushed = resultOf('push of 100,000, 4 × 5,000 at a time', times, RECORDS, await running.memory(), {
    elapsedMs,
    goal: '≥ 25,000/s',
  });
  const pulls: number[] = [];
  let records = 0;
  for (let run = 0; run < 3; run++) {
    const device = await running.connect();
    const began = performance.now();
    records += await device.pull();
    pulls.push(performance.now() - began);
  }
  const pulled = resultOf('first sync of 102,000', pulls, records, await running.memory(), {
    goal: '≥ 150,000/s',
  });
  return [pushed, pulled];
}

async function live(running: RunningPeer): Promise<Result[]> {
  const results: Result[] = [];
  const goals = new Map([
    [1_000, 'p99 ≤ 25 ms'],
    [CROWD, 'p99 ≤ 200 ms'],
  ]);
  await toLiveDevices(
    {
      running,
      brief: false,
      async measure({ size }, work) {
        const { ms, p95_ms, p99_ms, memory_mb } = await work();
        results.push({
          name: `one change to ${size.toLocaleString('en')} live devices`,
          p50_ms: ms,
          p95_ms,
          p99_ms,
          per_s: null,
          rss_mb: memory_mb,
          goal: goals.get(size) ?? null,
        });
      },
    },
    [...goals.keys()],
  );
  return results;
}

async function oneScope(running: RunningPeer): Promise<Result[]> {
  return [await single(running, 50, '50 devices, single changes, one scope', '≥ 5,000/s')];
}

async function manyScopes(running: RunningPeer): Promise<Result[]> {
  const few = await single(running, 50, '50 devices, single changes', '≥ 12,000/s, p99 ≤ 15 ms');
  const crowd = await connectMany(running, CROWD);
  const { times, elapsedMs } = await sendFor(crowd, 0);
  const burst = resultOf(
    `${CROWD.toLocaleString('en')} changes open at once`,
    times,
    times.length,
    await running.memory(),
    { elapsedMs, goal: 'all answered within 2 s' },
  );
  return [few, burst];
}

async function single(running: RunningPeer, count: number, name: string, goal: string): Promise<Result> {
  const devices = await connectMany(running, count);
  await sendFor(devices, WARM_UP_MS);
  const { times, elapsedMs } = await sendFor(devices, MEASURED_MS);
  return resultOf(name, times, times.length, await running.memory(), { elapsedMs, goal });
}
