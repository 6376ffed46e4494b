/**
 * Three-way merge of a text by its words: the changes of both sides are laid on the base; where they touch or
 * overlap with different results the merge gives up, and the strategy of the group decides.
 */

/** Above this many words on a side, merging would cost more than it saves (the search is quadratic). */
const WORDS_MAX = 2_000;

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}

/** The merged text, or undefined when both sides changed the same place. */
export function mergeText(base: string, server: string, client: string): string | undefined {
  const [origin, theirs, mine] = [wordsOf(base), wordsOf(server), wordsOf(client)];
  if (Math.max(origin.length, theirs.length, mine.length) > WORDS_MAX) return undefined;
  const theirEdits = editsBetween(origin, theirs);
  const edits = [...theirEdits];
  for (const edit of editsBetween(origin, mine)) {
    const same = theirEdits.some((other) => equalEdits(edit, other));
    if (same) continue;
    if (theirEdits.some((other) => edit.from <= other.to && other.from <= edit.to)) return undefined;
    edits.push(edit);
  }
  edits.sort((a, b) => a.from - b.from);
  const merged: string[] = [];
  let at = 0;
  for (const edit of edits) {
    merged.push(...origin.slice(at, edit.from), ...edit.words);
    at = edit.to;
  }
  return [...merged, ...origin.slice(at)].join('');
}

/** Words and the white space between them, so that joining them gives the text back. */
const wordsOf = (text: string): readonly string[] => text.match(/\s+|[^\s]+/g) ?? [];

const equalEdits = (a: Edit, b: Edit): boolean =>
  a.from === b.from && a.to === b.to && a.words.join('') === b.words.join('');

/** The replacements that turn one list of words into the other, by their longest common subsequence. */
function editsBetween(from: readonly string[], to: readonly string[]): Edit[] {
  const width = to.length + 1;
  const common = new Uint16Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      common[i * width + j] =
        from[i] === to[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      i++;
      j++;
      continue;
    }
    const start = { i, j };
    while ((i < from.length || j < to.length) && !(i < from.length && j < to.length && from[i] === to[j])) {
      const skipFrom =
        i < from.length && (j >= to.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!);
      if (skipFrom) i++;
      else j++;
    }
    edits.push({ from: start.i, to: i, words: to.slice(start.j, j) });
  }
  return edits;
}
