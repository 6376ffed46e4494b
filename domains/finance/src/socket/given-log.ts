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
import type { Room } from './room.ts';

export interface GivenLog {
  /** All of the tenant up to `head` was sent. */
  sentAll(head: number): void;
  /** The room has told the session of everything up to there, but for what it wrote itself. */
  told(to: number): void;
  /** Beside that, the state of a record at `seq` was sent. */
  sentRecord(key: string, seq: number): void;
  /** The app has deleted a record, at that moment or later: what a load brings of it while that is in its queue, it drops. */
  deletedThere(key: string, at: number | null): void;
  /** Something else was sent. Asking then, too, keeps `askedAt` young for as long as the app is heard of. */
  sentAnswer(): void;
  /** Up to where everything is known to have arrived. */
  readonly arrivedTo: number;
  /** When the newest question was asked that has been answered: whatever comes now was sent after that. */
  readonly askedAt: number;
  /** How far the app had been given the tenant, as far as this record goes, at that moment; 0: nothing. */
  seenAt(key: string, at: number | null): number;
  /** May a state of the record have reached the app after that moment? */
  mayHaveComeAfter(key: string, at: number | null): boolean;
}

interface Arrival {
  readonly seq: number;
  /** How many sendings had arrived. */
  readonly sent: number;
  readonly at: number;
}

/** The state of a record that was sent beside the room's news, maybe for the second time. */
interface Beside {
  readonly seq: number;
  /** Counts the sendings. */
  readonly sent: number;
}

export interface GivenLogParts {
  readonly socket: Pick<LiveSocket, 'probe'>;
  readonly sessionId: string;
  readonly room: Pick<Room, 'told' | 'size'>;
  /** Where the session came in: it was told of nothing before. */
  readonly joinedAt: () => number;
  readonly clock: () => number;
}

export const createGivenLog = (parts: GivenLogParts): GivenLog => new ProbedLog(parts);

class ProbedLog implements GivenLog {
  readonly #parts: GivenLogParts;
  readonly #beside = new Map<string, Beside>();
  readonly #arrivals: Arrival[] = [];
  /** Records that the load may not have brought, though it was sent. */
  readonly #passedOver = new Set<string>();
  #loadedTo: number | null = null;
  #sentTo = 0;
  #sent = 0;
  #isAsking = false;
  #lastAskedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: GivenLogParts) {
    this.#parts = parts;
  }

  get arrivedTo(): number {
    return this.#arrivals.at(-1)?.seq ?? 0;
  }

  get askedAt(): number {
    return this.#askedAt;
  }

  sentAll(head: number): void {
    this.#loadedTo = Math.max(this.#loadedTo ?? 0, head);
    this.told(head);
  }

  told(to: number): void {
    this.#sentTo = Math.max(this.#sentTo, to);
    this.#sent += 1;
    this.#askSoon();
  }

  sentRecord(key: string, seq: number): void {
    this.#beside.delete(key);
    this.#beside.set(key, { seq, sent: this.#sent + 1 });
    if (this.#beside.size > BESIDE_MAX) this.#beside.delete([...this.#beside.keys()][0] ?? '');
    this.told(seq);
  }

  deletedThere(key: string, at: number | null): void {
    if (this.#hasLoadedBy(this.#arrivedBy(at)?.seq ?? 0)) return;
    if (this.#passedOver.size < LIMITS.socketRecordsRememberedMax) this.#passedOver.add(key);
  }

  sentAnswer(): void {
    this.#askSoon();
  }

  seenAt(key: string, at: number | null): number {
    const arrived = this.#arrivedBy(at)?.seq ?? 0;
    if (arrived === 0) return 0;
    // Of a whole tenant everything is known up to there, of single records only those that were sent.
    if (this.#hasLoadedBy(arrived) && !this.#isPassedOver(key)) return arrived;
    const sent = Math.max(this.#beside.get(key)?.seq ?? 0, this.#lastTold(key));
    return sent > 0 && sent <= arrived ? arrived : 0;
  }

  mayHaveComeAfter(key: string, at: number | null): boolean {
    const { seq, sent } = this.#arrivedBy(at) ?? NOTHING;
    // Told again, an old state may overwrite what was edited since it had come first.
    if ((this.#beside.get(key)?.sent ?? 0) > sent) return true;
    return this.#lastTold(key) > seq || (this.#loadedTo !== null && this.#loadedTo > seq);
  }

  #hasLoadedBy(arrived: number): boolean {
    return this.#loadedTo !== null && this.#loadedTo <= arrived;
  }

  /** Of so many that not all can be remembered, any. */
  #isPassedOver(key: string): boolean {
    return this.#passedOver.has(key) || this.#passedOver.size >= LIMITS.socketRecordsRememberedMax;
  }

  #arrivedBy(at: number | null): Arrival | undefined {
    return at === null ? undefined : this.#arrivals.findLast((arrival) => arrival.at <= at);
  }

  #lastTold(key: string): number {
    const { room, sessionId, joinedAt } = this.#parts;
    const told = room.told.lastFor(key, sessionId);
    return told > joinedAt() ? told : 0;
  }

  #askSoon(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { room, clock } = this.#parts;
    const rest = Math.max(LIMITS.socketProbeMs, room.size * LIMITS.socketProbeMsPerSocket);
    const wait = this.#lastAskedAt + rest - clock();
    if (wait > 0) setTimeout(() => this.#ask(), wait).unref();
    else this.#ask();
  }

  #ask(): void {
    const { socket, clock } = this.#parts;
    const seq = this.#sentTo;
    const sent = this.#sent;
    const askedAt = clock();
    this.#lastAskedAt = askedAt;
    socket.probe(() => {
      this.#isAsking = false;
      this.#askedAt = askedAt;
      if (sent > (this.#arrivals.at(-1)?.sent ?? 0)) this.#arrivals.push({ seq, sent, at: clock() });
      if (this.#arrivals.length > LIMITS.socketArrivalsRememberedMax) this.#arrivals.shift();
      if (this.#sent > sent) this.#askSoon();
    });
  }
}

/** What goes beside the room's news are answers to own changes: few, and soon over. */
const BESIDE_MAX = 500;

const NOTHING = { seq: 0, sent: 0 };
