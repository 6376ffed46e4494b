/** A page of one scope alone: what the cursor says of all others is left as it is. */
import type { Position } from './positions.ts';

type Stand = Pick<Position, 'positions' | 'dropping'>;

const NOWHERE: Stand = { positions: {}, dropping: {} };

/** What the page goes on from, and what it does not touch. `scope` null or left out: all of it is asked for. */
export function splitByScope(
  stand: Stand,
  scope: string | null = null,
): { readonly asked: Stand; readonly left: Stand } {
  if (scope === null) return { asked: stand, left: NOWHERE };
  const part = (isAsked: boolean): Stand => ({
    positions: only(stand.positions, (one) => (one === scope) === isAsked),
    dropping: only(stand.dropping, (one) => (one === scope) === isAsked),
  });
  return { asked: part(true), left: part(false) };
}

const only = <T>(all: Readonly<Record<string, T>>, isWanted: (key: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => isWanted(key)));
