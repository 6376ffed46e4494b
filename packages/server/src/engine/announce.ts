/** Rung 12: 'scope S is at n', to whoever follows it. Messages may be lost; followers also look for themselves. */
import type { Bus } from './ports.ts';

export function announce(
  bus: Bus,
  heads: readonly { readonly scope: string; readonly head: number }[],
): void {
  for (const { scope, head } of heads) bus.publish({ scope, head });
}
