/**
 * How large a proof runs: convincing in seconds with every `npm test`, and as large as promised with
 * `npm run torture` (TORTURE=full).
 */
export const isFull = process.env.TORTURE === 'full';

export const size = <T>(small: T, full: T): T => (isFull ? full : small);

/** Milliseconds that a test may take: the full sizes hold transactions open for a long time. */
export const TEST_MS_MAX = size(180_000, 5_400_000);

/** Figures of a run, for whoever reads its output. */
export function tell(title: string, figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${title}: ${JSON.stringify(figures)}\n`);
}
