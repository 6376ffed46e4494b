/** What a case measured, and how it is shown and kept. Times are milliseconds, memory is megabytes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { type Machine, machine } from './machine.ts';

export interface Result {
  readonly name: string;
  readonly p50_ms: number;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  /** Of what the case counts: records, changes, calls. null: nothing that could be counted. */
  readonly per_s: number | null;
  /** Resident memory of the process that did the work, at the end of the case. */
  readonly rss_mb: number;
  /** What is aimed at, in words; null: nothing. */
  readonly goal: string | null;
  /** What has to be said besides. */
  readonly note?: string;
}

export const RESULTS = new URL('../results/', import.meta.url);

/** Sorts nothing in place. `fraction`: 0.5 for the median. */
export function percentile(times: readonly number[], fraction: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? 0;
}

/** `counted`: how many of what `per_s` counts were done in `elapsedMs`; left out: in the sum of the times. */
export function resultOf(
  name: string,
  times: readonly number[],
  counted: number,
  rssMb: number,
  more: { readonly goal?: string; readonly elapsedMs?: number; readonly note?: string } = {},
): Result {
  const elapsed = more.elapsedMs ?? times.reduce((sum, time) => sum + time, 0);
  return {
    name,
    p50_ms: rounded(percentile(times, 0.5)),
    p95_ms: rounded(percentile(times, 0.95)),
    p99_ms: rounded(percentile(times, 0.99)),
    per_s: Math.round(counted / (elapsed / 1000)),
    rss_mb: Math.round(rssMb),
    goal: more.goal ?? null,
    ...(more.note !== undefined && { note: more.note }),
  };
}

export const rounded = (milliseconds: number): number => Number(milliseconds.toPrecision(4));

export function row({ name, p50_ms, p95_ms, p99_ms, per_s, rss_mb, goal, note }: Result): string {
  const columns = [
    name.padEnd(50),
    `${p50_ms}`.padStart(9),
    `${p95_ms ?? '–'}`.padStart(9),
    `${p99_ms ?? '–'}`.padStart(9),
    `${per_s ?? '–'}`.padStart(9),
    `${rss_mb}`.padStart(6),
  ];
  return `${columns.join('  ')}  ${[goal, note].filter(Boolean).join('; ')}`.trimEnd();
}

const HEADS = ['p50 ms', 'p95 ms', 'p99 ms', 'per s'].map((head) => head.padStart(9));

export const HEADING = ['case'.padEnd(50), ...HEADS, 'MB'.padStart(6), 'goal'].join('  ');

/** What lies in bench/results/<case>.json. */
export interface Kept<T> {
  readonly machine: Machine;
  readonly results: readonly T[];
}

export async function keep<T>(file: string, results: readonly T[]): Promise<void> {
  const kept: Kept<T> = { machine: machine(), results };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${file}.json`, RESULTS), `${JSON.stringify(kept, null, 2)}\n`);
}
