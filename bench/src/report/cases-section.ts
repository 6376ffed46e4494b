/** The part of docs/benchmarks.md on Ackord alone: a table for each case that was measured. */
import type { Kept, Result } from '../result.ts';
import { machineWords, number, table } from './words.ts';

/** What each case is about, in the order in which they stand. */
const CASES: Readonly<Record<string, string>> = {
  native: 'The native protocol over real sockets, with devices in another process.',
  sockets:
    'Sockets of the native protocol on one server, twenty of each person. All are in one trip, and each person has one alone, ' +
    'where the change from each goes. Memory is that of the server process; in the last line, its highest.',
  'many-calls':
    'HTTP calls that are all open before the first one is answered; afterwards it is counted whether every row is there. ' +
    'Times run from the moment at which all were sent. Memory is the highest that the server process needed.',
  'bulk-sync': 'GraphQL over HTTP: bulkSync with entities of all seven types.',
  download: 'GraphQL over HTTP: enhancedSync, page by page.',
  resolve: 'A person decides a conflict.',
  engine: 'The engine without a network: decisions, commits, receipts.',
  'hot-statements': 'Reads and writes of the database when a million records are there.',
  'single-operations':
    'Each operation of the older API, one call after the other, with 100,000 records in the database.',
};

export const caseNames = (): readonly string[] => Object.keys(CASES);

export function casesSection(kept: ReadonlyMap<string, Kept<Result>>): string {
  const parts = ['## Ackord alone'];
  for (const [name, about] of Object.entries(CASES)) {
    const found = kept.get(name);
    if (!found) continue;
    parts.push('', `### ${name}`, '', `${about} Measured: ${machineWords(found.machine)}.`, '');
    parts.push(tableOf(found.results));
  }
  return parts.join('\n');
}

const figure = (value: number | null): string => (value === null ? '–' : number(value));

const tableOf = (results: readonly Result[]): string =>
  table(
    ['', 'p50 ms', 'p95 ms', 'p99 ms', 'per s', 'MB', 'aimed at'],
    results.map(({ name, p50_ms, p95_ms, p99_ms, per_s, rss_mb, goal, note }) => [
      note === undefined ? name : `${name} (${note})`,
      figure(p50_ms),
      figure(p95_ms),
      figure(p99_ms),
      figure(per_s),
      figure(rss_mb),
      goal ?? '',
    ]),
  );
