/**
 * `npm run bench -- side-by-side [--small] [peer …]`: the same workloads with Ackord, the naive server and all peers that
 * are installed, or with those that are named. Each ground runs with a server that was begun anew, in a process of its own.
 */
import { keep } from '../result.ts';
import { type Found, findPeers } from './find-peers.ts';
import type { PeerResult, StepOutcome } from './outcome.ts';
import { runGround } from './run-ground.ts';
import { tableOf } from './table.ts';
import { GROUND_NAMES, type GroundName } from './workload.ts';

/** Resolves with the exit code. */
export async function sideBySide(words: readonly string[]): Promise<number> {
  const small = words.includes('--small');
  const grounds = GROUND_NAMES.filter((name) => words.includes(`--${name}`));
  const names = words.filter((word) => !word.startsWith('--'));
  const found = await findPeers();
  const unknown = names.filter((name) => !found.some(({ key }) => key === name));
  if (unknown.length > 0 || words.includes('--help')) {
    console.log(
      `Peers: ${found.map(({ key }) => key).join(', ')}. --small for small sizes; ` +
        `${GROUND_NAMES.map((name) => `--${name}`).join(', ')} for a part.`,
    );
    return words.includes('--help') ? 0 : 2;
  }
  const results: PeerResult[] = [];
  for (const one of found) {
    if (names.length > 0 && !names.includes(one.key)) continue;
    results.push(await measurePeer(one, grounds.length > 0 ? grounds : GROUND_NAMES, small));
    await keep(small ? 'side-by-side-small' : 'side-by-side', results);
  }
  console.log(tableOf(results));
  return 0;
}

async function measurePeer(
  { key, peer }: Found,
  grounds: readonly GroundName[],
  small: boolean,
): Promise<PeerResult> {
  const steps: StepOutcome[] = [];
  let installed = peer !== null;
  for (const ground of grounds) {
    if (!installed) break;
    const result = await runGround(key, ground, small, (step) => console.log(progress(key, step)));
    if (result.installed) steps.push(...result.steps);
    else installed = false;
  }
  if (!installed) console.log(`${key}: not installed`);
  return {
    key,
    name: peer?.name ?? key,
    version: peer?.version ?? '',
    durability: peer?.durability ?? null,
    differences: peer?.differences ?? '',
    installed,
    steps,
  };
}

function progress(key: string, { workload, size, outcome }: StepOutcome): string {
  const what = `${key} ${workload} ${size.toLocaleString('en')}`;
  if (outcome.kind !== 'measured') return `${what}: ${outcome.kind}, ${outcome.reason}`;
  return `${what}: ${outcome.ms} ms, p99 ${outcome.p99_ms ?? '–'}, ${outcome.per_s ?? '–'}/s`;
}
