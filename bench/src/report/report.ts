/**
 * `npm run bench -- report`: makes docs/benchmarks.md and its charts from what lies in bench/results. Every figure there
 * was measured; nothing is written by hand.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type Kept, RESULTS, type Result } from '../result.ts';
import type { PeerResult } from '../side-by-side/outcome.ts';
import { caseNames, casesSection } from './cases-section.ts';
import { peersSection } from './peers-section.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const CHARTS = new URL('benchmarks/', DOCS);

const INTRODUCTION = `# Benchmarks

What Ackord costs, and what other sync servers cost for the same work. This page is generated from measurements by
\`npm run bench -- report\`.

## How to run it

\`\`\`
npm run bench -- native              # a case of Ackord alone; --help names all of them
npm run bench:peers                  # installs the other servers, into bench/peers/node_modules
npm run bench -- side-by-side        # all of them; or name some: side-by-side ackord naive
npm run bench -- side-by-side --small  # to see whether it runs
npm run bench -- report              # this page, from bench/results
\`\`\`

Each command starts the servers and databases that it needs and removes them afterwards.

## How to read it

- Absolute times vary between machines; ratios of one run vary far less. Above × 1, Ackord is ahead; below, the other one.
- *p50*, *p95* and *p99*: half, 95 % and 99 % of the single times are below.
- Where a step is one piece of work, the time is the median of three runs.
- *Memory* is what the server process holds, without its database.
- A peer that did not get through a step is named there with the reason; its larger steps were then not tried.
- Peers differ in what they promise. What a change is worth once it is acknowledged stands next to each; those that keep data
  in memory only are listed last, and drawn with a dashed outline.
`;

/** Resolves with the exit code. */
export async function report(): Promise<number> {
  const files = new Set(await readdir(RESULTS).catch((): string[] => []));
  const cases = new Map<string, Kept<Result>>();
  for (const name of caseNames()) {
    const kept = files.has(`${name}.json`) ? await read<Result>(name) : null;
    if (kept) cases.set(name, kept);
  }
  const peers = files.has('side-by-side.json') ? await read<PeerResult>('side-by-side') : null;
  if (cases.size === 0 && peers === null) {
    console.log('Nothing has been measured here yet: npm run bench.');
    return 1;
  }
  const section = peers === null ? null : peersSection(peers);
  await rm(CHARTS, { recursive: true, force: true });
  await mkdir(CHARTS, { recursive: true });
  for (const [file, chart] of section?.charts ?? []) await writeFile(new URL(file, CHARTS), chart);
  const parts = [INTRODUCTION, ...(section ? [`${section.text}\n`] : []), `${casesSection(cases)}\n`];
  await writeFile(new URL('benchmarks.md', DOCS), parts.join('\n'));
  console.log(`docs/benchmarks.md: ${cases.size} cases, ${peers?.results.length ?? 0} peers`);
  return 0;
}

/** null: a file of an older form, which does not say where it was measured. */
async function read<T>(name: string): Promise<Kept<T> | null> {
  const kept = JSON.parse(await readFile(new URL(`${name}.json`, RESULTS), 'utf8')) as Kept<T> | readonly T[];
  if ('machine' in kept) return kept;
  console.log(`${name} was measured before dates were kept; measure it again to have it in the report.`);
  return null;
}
