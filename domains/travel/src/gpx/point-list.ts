/**
 * Many points in little memory: 40 bytes each, in blocks that never move. A million objects would take five times as
 * much. A value that a point does not have is NaN inside and null outside.
 */
const COLUMNS = 5;
const BLOCK_POINTS = 4_096;

export interface Point {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** Metres. */
  readonly elevation: number | null;
  /** Milliseconds since 1970. */
  readonly time: number | null;
  /** Metres from the point before it in its segment; 0 for the first one. */
  readonly step: number;
}

export class PointList {
  #length = 0;
  readonly #blocks: Float64Array[] = [];

  get length(): number {
    return this.#length;
  }

  push({ latitude, longitude, elevation, time, step }: Point): void {
    const start = (this.#length % BLOCK_POINTS) * COLUMNS;
    if (start === 0) this.#blocks.push(new Float64Array(BLOCK_POINTS * COLUMNS));
    const block = this.#blocks[this.#blocks.length - 1] as Float64Array;
    block[start] = latitude;
    block[start + 1] = longitude;
    block[start + 2] = elevation ?? Number.NaN;
    block[start + 3] = time ?? Number.NaN;
    block[start + 4] = step;
    this.#length += 1;
  }

  at(index: number): Point {
    const start = (index % BLOCK_POINTS) * COLUMNS;
    const block = this.#blocks[Math.floor(index / BLOCK_POINTS)];
    if (!block || index >= this.#length || index < 0)
      throw new RangeError(`There is no point ${index} of ${this.#length}.`);
    return {
      latitude: block[start] as number,
      longitude: block[start + 1] as number,
      elevation: known(block[start + 2] as number),
      time: known(block[start + 3] as number),
      step: block[start + 4] as number,
    };
  }
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
