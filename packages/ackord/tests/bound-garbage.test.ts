import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Some 120 MB live; what is made besides lives for a while. Prints the size that the heap mostly had, megabytes. */
const SCRIPT = `
  import { setImmediate } from 'node:timers/promises';
  import v8 from 'node:v8';
  import { boundGarbage } from './packages/ackord/src/bound-garbage.ts';
  if (process.argv[1] === 'bound') boundGarbage();
  const live = Array.from({ length: 1e6 }, (_, at) => ({ at, list: [at] }));
  const ring = new Array(1e5);
  const sizes = [];
  for (let round = 0; round < 200; round++) {
    for (let at = 0; at < 1e5; at++) ring[at] = { round, list: [at, live.length] };
    sizes.push(v8.getHeapStatistics().total_heap_size);
    await setImmediate();
  }
  sizes.sort((a, b) => a - b);
  console.log(Math.round(sizes[sizes.length / 2] / 1e6));
`;

const heapMb = async (how: string): Promise<number> => {
  const script = ['--import', '@ackord/run-typescript', '--input-type=module', '--eval', SCRIPT, how];
  return Number((await promisify(execFile)(process.execPath, script)).stdout);
};

test('a large heap mostly stays below twice of what lives in it', async () => {
  const [bound, free] = await Promise.all([heapMb('bound'), heapMb('free')]);
  expect(bound).toBeLessThan(240);
  // What it is good for: on this version of Node, or an older one, V8 would take far more.
  if (process.versions.node.startsWith('20.')) expect(free).toBeGreaterThan(1.2 * bound);
}, 30_000);
