/** Is what a fleet's devices were told to be done in the database, once, and nothing else? */
import { storedMemories } from './database-checks.ts';
import type { Verdict } from './fleet.ts';

export async function lossesIn(
  expected: Verdict['expected'],
  ownerUrl: string,
  alsoThere: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const stored = new Map((await storedMemories(ownerUrl)).map((memory) => [memory.id, memory]));
  const lines: string[] = [];
  for (const [id, state] of expected) {
    const found = stored.get(id);
    if (state === null && found) lines.push(`${id} was deleted, and is there`);
    if (state !== null && (found?.version !== state.version || found.title !== state.title))
      lines.push(`${id} is ${JSON.stringify(found)}, not ${JSON.stringify(state)}`);
  }
  const known = new Set(expected.map(([id]) => id));
  for (const id of stored.keys())
    if (!known.has(id) && !alsoThere.has(id)) lines.push(`${id} was never acknowledged`);
  return lines;
}
