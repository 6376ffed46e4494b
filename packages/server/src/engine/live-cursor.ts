/**
 * The cursor of a caller that is told live what is committed after its last page: made from the page's cursor, without
 * a look at the database, for any page of the feed goes on from it. Where it names more scopes than a cursor should
 * carry, it is kept on the server, once for many steps.
 */
import { randomUUID } from 'node:crypto';
import { type CursorState, LIMITS, readCursor, signCursor } from '@ackord/core';
import { cursorKeysOf } from './cursor-keys.ts';
import type { Page } from './engine.ts';
import type { Store } from './ports.ts';

type Kept = Pick<Store, 'cursorKeys' | 'saveBookmarks'>;

export class LiveCursor {
  readonly #store: Kept;
  /** Of everything that was told, by scope. */
  readonly #positions: Record<string, number>;
  /** What the text says beyond what is kept under its name. */
  #base: CursorState;
  #text: string | null;

  /** `page` must be one that this server has just made. */
  constructor(store: Kept, { cursor, positions }: Pick<Page, 'cursor' | 'positions'>) {
    const reading = readCursor(cursor, cursorKeysOf(store));
    if (!reading.ok) throw new Error(`A page has a cursor that can't be read: ${reading.code}`);
    this.#store = store;
    this.#positions = { ...positions };
    this.#base = reading.state;
    this.#text = cursor;
  }

  position(scope: string): number {
    return this.#positions[scope] ?? 0;
  }

  /** All of the scope up to `seq` was told. */
  advance(scope: string, seq: number): void {
    this.#positions[scope] = seq;
    this.#base = { ...this.#base, positions: { ...this.#base.positions, [scope]: seq } };
    this.#text = null;
  }

  async text(): Promise<string> {
    if (this.#text !== null) return this.#text;
    const state = this.#base;
    let text = signCursor(state, cursorKeysOf(this.#store));
    if (text.length > LIMITS.cursorInlineBytesMax) {
      const id = randomUUID();
      const whole: CursorState = { ...state, positions: { ...this.#positions } };
      await this.#store.saveBookmarks([{ userId: state.user, key: `cursor ${id}`, state: whole }]);
      this.#base = { ...state, positions: {}, extra: id };
      text = signCursor(this.#base, cursorKeysOf(this.#store));
    }
    this.#text = text;
    return text;
  }
}
