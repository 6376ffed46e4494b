/**
 * What a socket has been given, and when it arrived there. Two questions are answered from it: had the app seen a record
 * when it made an edit (then replacing it is no conflict), and may a state that was sent have overwritten the edit on
 * the device (then the app has to be told what stands). Both err to the safe side: what is not known to have arrived
 * had not been seen, and what is not known to have arrived before the edit may have come after it.
 *
 * The app says nothing of what it received, but its end of the socket answers a ping behind everything sent before.
 */
import { LIMITS } from '@ackord/core';
import type { LiveSocket } from '@ackord/server';
import type { ToldLog } from './told-log.ts';

export interface GivenLog {
  /** All of the tenant up to `head` was sent. */
  sentAll(head: number): void;
  /** The room has told the session of everything up to there, but for what it wrote itself. */
  told(to: number): void;
  /** Beside that, the state of a record at `seq` was sent. */
  sentRecord(key: string, seq: number): void;
  /** Up to where everything is known to have arrived. */
  readonly arrivedTo: number;
  /** How far the app had been given the tenant, as far as this record goes, at that moment; 0: nothing. */
  seenAt(key: string, at: number | null): number;
  /** May a state of the record have reached the app after that moment? */
  mayHaveComeAfter(key: string, at: number | null): boolean;
}

interface Arrival {
  readonly seq: number;
  readonly at: number;
}

export interface GivenLogParts {
  readonly socket: Pick<LiveSocket, 'probe'>;
  readonly sessionId: string;
  readonly roomTold: ToldLog;
  /** Where the session came in: it was told of nothing before. */
  readonly joinedAt: () => number;
  /** How many sockets the room has. */
  readonly sockets: () => number;
  readonly clock: () => number;
}

export function createGivenLog({
  socket,
  sessionId,
  roomTold,
  joinedAt,
  sockets,
  clock,
}: GivenLogParts): GivenLog {
  const beside = new Map<string, number>();
  let loadedTo: number | null = null;
  let sentTo = 0;
  let isProbing = false;
  let probedAt = Number.NEGATIVE_INFINITY;
  const arrivals: Arrival[] = [];

  const probe = (): void => {
    if (isProbing) return;
    isProbing = true;
    const rest = Math.max(LIMITS.socketProbeMs, sockets() * LIMITS.socketProbeMsPerSocket);
    const wait = probedAt + rest - clock();
    if (wait > 0) setTimeout(ask, wait).unref();
    else ask();
  };
  const ask = (): void => {
    const seq = sentTo;
    probedAt = clock();
    socket.probe(() => {
      isProbing = false;
      arrivals.push({ seq, at: clock() });
      if (arrivals.length > LIMITS.socketArrivalsRememberedMax) arrivals.shift();
      if (sentTo > seq) probe();
    });
  };
  const noteSent = (seq: number): void => {
    sentTo = Math.max(sentTo, seq);
    probe();
  };
  const arrivedBy = (at: number | null): number =>
    at === null ? 0 : (arrivals.findLast((arrival) => arrival.at <= at)?.seq ?? 0);
  const lastSent = (key: string): number => {
    const told = roomTold.lastFor(key, sessionId);
    return Math.max(beside.get(key) ?? 0, told > joinedAt() ? told : 0);
  };

  return {
    get arrivedTo() {
      return arrivals.at(-1)?.seq ?? 0;
    },
    sentAll(head) {
      loadedTo = Math.max(loadedTo ?? 0, head);
      noteSent(head);
    },
    told: noteSent,
    sentRecord(key, seq) {
      beside.delete(key);
      beside.set(key, seq);
      if (beside.size > BESIDE_MAX) beside.delete([...beside.keys()][0] ?? '');
      noteSent(seq);
    },
    seenAt(key, at) {
      const arrived = arrivedBy(at);
      if (arrived === 0) return 0;
      // Of a whole tenant everything is known up to there, of single records only those that were sent.
      if (loadedTo !== null && loadedTo <= arrived) return arrived;
      const sent = lastSent(key);
      return sent > 0 && sent <= arrived ? arrived : 0;
    },
    mayHaveComeAfter(key, at) {
      const arrived = arrivedBy(at);
      return lastSent(key) > arrived || (loadedTo !== null && loadedTo > arrived);
    },
  };
}

/** What goes beside the room's news are answers to own changes: few, and soon over. */
const BESIDE_MAX = 500;
