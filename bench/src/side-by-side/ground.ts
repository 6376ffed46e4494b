/** What the steps of a ground share: the peer's server, its devices, and the loads on them. */
import type { BenchRecord, PeerClient, RunningPeer } from '../peers/peer.ts';
import { percentile, rounded } from '../result.ts';
import type { Figures } from './outcome.ts';
import { newRecords } from './records.ts';
import type { Step } from './workload.ts';

export interface Ground {
  readonly running: RunningPeer;
  /** For a run that is to be quick. */
  readonly brief: boolean;
  /** Measures a step and reports it. Rejects when it failed: the later steps of the ground are not tried then. */
  measure(step: Step, work: () => Promise<Figures>): Promise<void>;
}

const OPENED_AT_ONCE = 50;

/** So many devices more, some at a time. `ready` is done with each before it counts. */
export async function connectMany(
  running: RunningPeer,
  count: number,
  ready: (client: PeerClient) => Promise<void> = async () => {},
): Promise<PeerClient[]> {
  const clients: PeerClient[] = [];
  let left = count;
  const open = async (): Promise<void> => {
    while (left-- > 0) {
      const client = await running.connect();
      clients.push(client);
      await ready(client);
    }
  };
  const opening = Array.from({ length: Math.min(OPENED_AT_ONCE, count) }, open);
  try {
    await Promise.all(opening);
  } catch (cause) {
    left = 0;
    throw cause;
  }
  return clients;
}

const CHUNK = 10_000;

/** Brings records to the server until it has so many; `known` is added to. */
export async function load(client: PeerClient, known: BenchRecord[], count: number): Promise<void> {
  while (known.length < count) {
    const chunk = newRecords(Math.min(CHUNK, count - known.length));
    await client.push(chunk);
    known.push(...chunk);
  }
}

/** Of several runs of the same: `size` is what was done in each. */
export async function ofRuns(running: RunningPeer, times: readonly number[], size: number): Promise<Figures> {
  const ms = percentile(times, 0.5);
  return {
    ms: rounded(ms),
    p95_ms: null,
    p99_ms: null,
    per_s: Math.round(size / (ms / 1000)),
    runs: times.length,
    memory_mb: Math.round(await running.memory()),
  };
}
