/**
 * What was told of each of some thousand records, as rows of numbers in one piece of memory: there is such a table for
 * every room, and a Map of texts and objects takes more than twice as much.
 */
import { randomInt } from 'node:crypto';

/** Sessions and records go by the digest of their names. */
export interface ToldRow {
  readonly seq: number;
  /** The last writer. */
  readonly device: number;
  /** The newest seq by somebody else than `device`. */
  readonly otherSeq: number;
}

const [KEY, SEQ, DEVICE, OTHER_SEQ, WIDTH] = [0, 1, 2, 3, 4];
const ROWS_AT_FIRST = 16;
/** A key stands in the first free row from its own on, which is near while a quarter of them is free. */
const FULL = 3 / 4;
const GROWTH = 3 / 2;

export class ToldTable {
  size = 0;
  /** The highest seq in it. */
  newest = 0;
  #cells = new Float64Array(ROWS_AT_FIRST * WIDTH);

  get(key: number): ToldRow | undefined {
    const cells = this.#cells;
    const at = rowOf(cells, key);
    if (cells[at] === 0) return undefined;
    return {
      seq: cells[at + SEQ] ?? 0,
      device: cells[at + DEVICE] ?? 0,
      otherSeq: cells[at + OTHER_SEQ] ?? 0,
    };
  }

  set(key: number, { seq, device, otherSeq }: ToldRow): void {
    if ((this.size + 1) * WIDTH > this.#cells.length * FULL) this.#grow();
    const at = rowOf(this.#cells, key);
    if (this.#cells[at] === 0) this.size++;
    this.#cells.set([key, seq, device, otherSeq], at);
    this.newest = Math.max(this.newest, seq);
  }

  #grow(): void {
    const old = this.#cells;
    const cells = new Float64Array(Math.ceil((old.length / WIDTH) * GROWTH) * WIDTH);
    for (let at = 0; at < old.length; at += WIDTH)
      if (old[at + KEY] !== 0) cells.set(old.subarray(at, at + WIDTH), rowOf(cells, old[at] ?? 0));
    this.#cells = cells;
  }
}

/** Where the row of a key begins, or the free one that it would take. */
function rowOf(cells: Float64Array, key: number): number {
  let at = (key * WIDTH) % cells.length;
  while (cells[at] !== 0 && cells[at] !== key) at = (at + WIDTH) % cells.length;
  return at;
}

const [FIRST_SEED, SECOND_SEED] = [randomInt(2 ** 32), randomInt(2 ** 32)];
const HIGH_BITS = 20;

/**
 * 52 bits that stand for a text, never 0, others in each process. Of 5,000 texts two have the same once in 360 million
 * times, as rarely as ids that were drawn by chance are the same in far larger systems.
 */
export function digestOf(text: string): number {
  let [first, second] = [FIRST_SEED, SECOND_SEED];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x9e37_79b1);
    first ^= first >>> 15;
    second = Math.imul(second ^ code, 0x85eb_ca6b);
    second ^= second >>> 13;
  }
  return (first >>> (32 - HIGH_BITS)) * 2 ** 32 + (second >>> 0) + 1;
}
