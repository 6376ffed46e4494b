/** What became of a step with a peer. */
import type { Durability } from '../peers/peer.ts';
import type { Step } from './workload.ts';

export interface Figures {
  /** For the whole of it, the median of the runs; of W3 and W5 the median of single deliveries and acknowledgements. */
  readonly ms: number;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  readonly per_s: number | null;
  readonly runs: number;
  /** Resident memory of the peer's server afterwards. */
  readonly memory_mb: number;
}

export type Outcome =
  | ({ readonly kind: 'measured' } & Figures)
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not tried'; readonly reason: string };

export interface StepOutcome extends Step {
  readonly outcome: Outcome;
}

export interface PeerResult {
  /** The name of its module. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly durability: Durability | null;
  readonly differences: string;
  readonly installed: boolean;
  readonly steps: readonly StepOutcome[];
}

/** Something did not happen that had to: says what, in words for the table. */
export class Failed extends Error {}

/** The first line of it, short enough for a table. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  const line = text.split('\n')[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 157)}…` : line;
}

/** Rejects with a Failed that says what was not done in time. The work itself can't be stopped and is left behind. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failed(`${what}: not done within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
