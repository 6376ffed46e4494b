// Time between clocks that are wrong: when an edit counts as made, and which of two edits is the later one.
// Inputs are ms since 1970 that validation has let through; "now" is passed in. Edit times decide LAST_WRITE_WINS and
// nothing else: order, cursors and versions never depend on a clock.

import { LIMITS } from '../protocol/limits.ts';

/**
 * The time an edit counts as made. A device that runs ahead gains at most five minutes over honest ones;
 * a change without a time counts as made now.
 */
export function clampEditTime(sent: number | null, now: number): { time: number; clamped: boolean } {
  if (sent === null) return { time: now, clamped: false };
  const latest = now + LIMITS.clockSkewMsMax;
  return sent > latest ? { time: latest, clamped: true } : { time: sent, clamped: false };
}

/** One side of a comparison, as the field clock keeps it. A change without a device has `device: null`. */
export type Edit = { readonly time: number; readonly device: string | null; readonly changeId: string };

/**
 * Negative when `a` is the earlier edit, positive when the later one: by time, then change id, then device.
 * A total order that every server and client computes alike; texts compare by UTF-16 code units, never by locale.
 */
export function compareEdits(a: Edit, b: Edit): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return compareText(a.changeId, b.changeId) || compareText(a.device ?? '', b.device ?? '');
}

export type EditRace = {
  readonly serverTime: number;
  readonly clientTime: number;
  /** The client sent no base version. */
  readonly blind: boolean;
  /** The client's change is a CREATE: it can't have been made after what is there. */
  readonly creates: boolean;
  /** What is there is as it was created: a change of it can't have been made before. */
  readonly isNew: boolean;
  readonly serverChangeId: string;
  readonly clientChangeId: string;
};

/**
 * LAST_WRITE_WINS: the later edit time wins. At a tie the server's value stays, except that among blind changes the
 * greater change id wins: they may reach servers in any order, and all must end with the same value. An edit and the
 * CREATE before it may carry the same millisecond: there the edit stands, whichever came first.
 */
export function laterEditWins(race: EditRace): 'server' | 'client' {
  if (race.clientTime !== race.serverTime) return race.clientTime > race.serverTime ? 'client' : 'server';
  if (!race.blind || race.creates) return 'server';
  return race.isNew || compareText(race.clientChangeId, race.serverChangeId) > 0 ? 'client' : 'server';
}

/**
 * The next value of a stamp that receivers take only when it is strictly newer: the sent time, but at least 1 ms after
 * the previous stamp, if there is one.
 */
export function nextStamp(sentMs: number, previousMs: number | null): number {
  return previousMs === null ? sentMs : Math.max(sentMs, previousMs + 1);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
