/** What deciding one change comes to. */
import type { Receipt } from './submission.ts';

/** `elsewhere`: the change needs scopes that are not locked; the whole unit goes back to its lanes. */
export type Decision =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'elsewhere'; readonly scopes: readonly string[] };

export const answer = (receipt: Receipt): Decision => ({ kind: 'receipt', receipt });

export const elsewhere = (scope: string): Decision => ({ kind: 'elsewhere', scopes: [scope] });
