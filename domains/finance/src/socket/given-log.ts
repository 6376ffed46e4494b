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

export interface GivenLog {
  /** All of the tenant up to `head` was sent. */
  sentAll(head: number): void;
  /** The state of a record at `seq` was sent. */
  sentRecord(key: string, seq: number): void;
  /** How far the app had been given the tenant, as far as this record goes, at that moment; 0: nothing. */
  seenAt(key: string, at: number | null): number;
  /** May a state of the record have reached the app after that moment? */
  mayHaveComeAfter(key: string, at: number | null): boolean;
}

interface Arrival {
  readonly seq: number;
  readonly at: number;
}

export function createGivenLog(socket: Pick<LiveSocket, 'probe'>, clock: () => number): GivenLog {
  const records = new Map<string, number>();
  /** The newest state of those that had to be forgotten. */
  let forgotten = 0;
  let loadedTo: number | null = null;
  let sentTo = 0;
  let isProbing = false;
  const arrivals: Arrival[] = [];

  const probe = (): void => {
    if (isProbing) return;
    isProbing = true;
    const seq = sentTo;
    socket.probe(() => {
      isProbing = false;
      arrivals.push({ seq, at: clock() });
      if (arrivals.length > LIMITS.socketArrivalsRememberedMax) arrivals.shift();
      if (sentTo > seq) setTimeout(probe, LIMITS.socketProbeMs).unref();
    });
  };
  const noteSent = (seq: number): void => {
    sentTo = Math.max(sentTo, seq);
    probe();
  };
  const arrivedBy = (at: number | null): number =>
    at === null ? 0 : (arrivals.findLast((arrival) => arrival.at <= at)?.seq ?? 0);

  return {
    sentAll(head) {
      loadedTo = Math.max(loadedTo ?? 0, head);
      noteSent(head);
    },
    sentRecord(key, seq) {
      records.delete(key);
      records.set(key, seq);
      if (records.size > LIMITS.socketRecordsRememberedMax) {
        const [oldest] = records;
        if (oldest) {
          records.delete(oldest[0]);
          forgotten = Math.max(forgotten, oldest[1]);
        }
      }
      noteSent(seq);
    },
    seenAt(key, at) {
      const arrived = arrivedBy(at);
      if (arrived === 0) return 0;
      // Of a whole tenant everything is known up to there, of single records only those that were sent.
      if (loadedTo !== null && loadedTo <= arrived) return arrived;
      const sent = records.get(key);
      return sent !== undefined && sent <= arrived ? arrived : 0;
    },
    mayHaveComeAfter(key, at) {
      const arrived = arrivedBy(at);
      return (records.get(key) ?? forgotten) > arrived || (loadedTo !== null && loadedTo > arrived);
    },
  };
}
