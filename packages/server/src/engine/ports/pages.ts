/** Answers that are the same for many, kept for a while. */

/** The name of an answer that is the same for everybody who may see a scope. */
export interface PageName {
  readonly scope: string;
  /** The seq of the scope that it stands for. */
  readonly head: number;
  /** What was left out of it, in any words; the same words for the same filter. */
  readonly filter: string;
  /** How it is written, with a number that goes up when that changes: `finance-load-1`. */
  readonly format: string;
}

/** Such answers, kept for a while. Whether a caller may see the scope is found out before, every time. */
export interface CachedPages {
  /** null: not there. Never rejects. The bytes are shared: nobody may write to them. */
  get(name: PageName): Promise<Uint8Array | null>;
  set(name: PageName, bytes: Uint8Array): void;
}
