/** What the primary process and its workers say to each other, over the channel that Node gives them. */
import type { CountedMetrics } from '@ackord/server';

export type FromWorker =
  /** It listens. `graphiqlUrl`: null where that page is off. */
  | { readonly kind: 'ready'; readonly url: string; readonly graphiqlUrl: string | null }
  /** To be handed to all others. */
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'count-all'; readonly id: number }
  | { readonly kind: 'counted'; readonly id: number; readonly metrics: CountedMetrics };

export type FromPrimary =
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'count'; readonly id: number }
  | { readonly kind: 'counted-all'; readonly id: number; readonly all: readonly CountedMetrics[] }
  /** Finish what is under way, and end. */
  | { readonly kind: 'stop' };

/** Whoever listens to the channel hears of others' messages too. */
export const isMessage = (value: unknown): value is { readonly kind: string } =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
