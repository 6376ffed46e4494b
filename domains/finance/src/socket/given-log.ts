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
import { Arrivals } from './arrivals.ts';
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
  /** The newest sending beside that is remembered no more. */
  #forgotten = 0;
  readonly #arrivals = new Arrivals();
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
    return this.#arrivals.last.seq;
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
    if (this.#beside.size > LIMITS.socketBesideRememberedMax) this.#forgetBeside(this.#forgotten);
    this.told(seq);
  }

  deletedThere(key: string, at: number | null): void {
    if (this.#hasLoadedBy(this.#arrivals.by(at).seq)) return;
    if (this.#passedOver.size < LIMITS.socketRecordsRememberedMax) this.#passedOver.add(key);
  }

  sentAnswer(): void {
    this.#askSoon();
  }

  seenAt(key: string, at: number | null): number {
    const arrival = this.#arrivals.by(at);
    // Of a whole tenant everything is known up to there, of single records only those that were sent.
    if (this.#hasLoadedBy(arrival.seq) && !this.#isPassedOver(key)) return arrival.seq;
    const told = this.#sinceJoined(this.#parts.room.told.surelyFor(key, this.#parts.sessionId));
    const beside = this.#beside.get(key);
    if (!beside || beside.seq < told) return told > 0 && told <= arrival.seq ? arrival.seq : 0;
    // Told again, an old state is of a seq that had long arrived.
    return beside.sent <= arrival.sent ? arrival.seq : 0;
  }

  mayHaveComeAfter(key: string, at: number | null): boolean {
    const { seq, sent } = this.#arrivals.by(at);
    // Told again, an old state may overwrite what was edited since it had come first.
    if ((this.#beside.get(key)?.sent ?? this.#forgotten) > sent) return true;
    return this.#lastTold(key) > seq || (this.#loadedTo !== null && this.#loadedTo > seq);
  }

  /** What was sent up to there, and what is too much. Of what is forgotten the safe side is taken. */
  #forgetBeside(upTo: number): void {
    for (const [key, { sent }] of this.#beside) {
      const isTooMany = this.#beside.size > LIMITS.socketBesideRememberedMax;
      if (sent > upTo && !isTooMany) return;
      this.#beside.delete(key);
      this.#forgotten = sent;
    }
  }

  #hasLoadedBy(arrived: number): boolean {
    return this.#loadedTo !== null && this.#loadedTo <= arrived;
  }

  /** Of so many that not all can be remembered, any. */
  #isPassedOver(key: string): boolean {
    return this.#passedOver.has(key) || this.#passedOver.size >= LIMITS.socketRecordsRememberedMax;
  }

  #lastTold(key: string): number {
    const { room, sessionId } = this.#parts;
    return this.#sinceJoined(room.told.lastFor(key, sessionId));
  }

  #sinceJoined(seq: number): number {
    return seq > this.#parts.joinedAt() ? seq : 0;
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
      const before = this.#arrivals.last.sent;
      if (sent > before) this.#arrivals.add({ seq, sent }, clock());
      // Edits that are on their way now were mostly made after that.
      this.#forgetBeside(before);
      if (this.#sent > sent) this.#askSoon();
    });
  }
}
