/**
 * One socket of a client: who it is, until when, and what it is being told. Ends it when the token ends or is accepted no
 * more, when the client reads too slowly or is gone without a word.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import type { Authentication } from '../../../auth/ports.ts';
import { CLOSE, type CloseCode } from '../../websocket/close-codes.ts';
import type { LiveSocket } from '../../websocket/live-socket.ts';
import type { Knock } from '../../websocket/socket-host.ts';
import { SocketPace } from '../../websocket/socket-pace.ts';
import { readDevice } from '../read-device.ts';

type SignedIn = Extract<Authentication, { outcome: 'actor' }>;

export interface SubscriberLimits {
  readonly socketsPerUserMax: number;
  readonly perSocketMax: number;
  /** How long a client may read nothing of what waits for it. */
  readonly slowMsMax: number;
  /** Between two looks whether the client is there, and its token still good. */
  readonly lookMs: number;
}

export interface SubscriberParts {
  readonly socket: LiveSocket;
  readonly knock: Knock;
  readonly limits: SubscriberLimits;
  /** Counts the user's sockets; false: there are too many. What it counted is to be given back. */
  readonly enter: (userId: string) => boolean;
  readonly leave: (userId: string) => void;
}

export class Subscriber {
  readonly #parts: SubscriberParts;
  readonly pace: SocketPace;
  /** Its subscriptions, as what ends them. */
  readonly running = new Set<AbortController>();
  caller: SignedIn | null = null;
  device: string | null = null;
  #authorization: string | undefined;
  #tokenTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #missedSigns = 0;

  constructor(parts: SubscriberParts) {
    this.#parts = parts;
    this.pace = new SocketPace(parts.socket);
  }

  get socket(): LiveSocket {
    return this.#parts.socket;
  }

  /** false: it was not let in, and the socket is being closed. */
  async signIn(params: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { knock, enter } = this.#parts;
    const sent = memberOf(params, 'authorization');
    this.#authorization = typeof sent === 'string' ? sent : knock.authorization;
    const authentication =
      sent === undefined ? knock.authentication : await knock.authenticate(this.#authorization);
    const device = readDevice(memberOf(params, 'x-device-id') ?? knock.headers['x-device-id']);
    if (device === undefined) return this.end(CLOSE.wrongProtocol, 'X-Device-Id is not a name of a device');
    if (!this.socket.isOpen) return false;
    if (!this.#accept(authentication)) return false;
    const { userId } = authentication.actor;
    if (!enter(userId)) return this.end(CLOSE.tooManySockets, 'too many connections of this user');
    this.caller = authentication;
    this.device = device;
    this.#endWithToken(authentication.expiresAt);
    this.#lookTimer = setInterval(() => void this.#look(), this.#parts.limits.lookMs).unref();
    return true;
  }

  end(code: CloseCode, reason: string): false {
    this.socket.close(code, reason);
    return false;
  }

  /** The socket is closed. */
  closed(): void {
    clearTimeout(this.#tokenTimer);
    clearInterval(this.#lookTimer);
    this.pace.close();
    for (const one of this.running) one.abort();
    if (this.caller) this.#parts.leave(this.caller.actor.userId);
  }

  /** Resolves when the client has read enough for more to be sent. Ends the socket of one that does not read. */
  async drained(signal: AbortSignal): Promise<void> {
    const { socket, limits } = this.#parts;
    let least = Number.POSITIVE_INFINITY;
    let since = performance.now();
    while (!signal.aborted && socket.isOpen && socket.bufferedBytes > LIMITS.socketBehindBytesMax) {
      if (socket.bufferedBytes < least) {
        least = socket.bufferedBytes;
        since = performance.now();
      } else if (performance.now() - since > limits.slowMsMax) {
        this.end(CLOSE.tooSlow, 'too far behind: connect again and go on from your cursor');
        return;
      }
      await pause(DRAIN_LOOK_MS);
    }
  }

  #accept(authentication: Authentication): authentication is SignedIn {
    switch (authentication.outcome) {
      case 'actor':
        return true;
      case 'unavailable':
        return this.end(CLOSE.goingAway, 'try again');
      case 'anonymous': {
        const isSilent = authentication.reason === 'no-token';
        return this.end(CLOSE.unauthenticated, isSilent ? 'no token came' : 'the token is not accepted');
      }
    }
  }

  #endWithToken(expiresAt: number): void {
    const left = expiresAt - Date.now();
    // Timers count in 32 bits.
    const wait = Math.min(left, 2 ** 31 - 1);
    if (left <= 0) this.end(CLOSE.unauthenticated, 'the token has ended');
    else this.#tokenTimer = setTimeout(() => this.#endWithToken(expiresAt), wait).unref();
  }

  /** Is it there, and is its user still one? That the database is away is no reason to think otherwise. */
  async #look(): Promise<void> {
    const { socket, knock } = this.#parts;
    // A sign would come behind all that waits to be read.
    if (socket.bufferedBytes === 0) {
      if (this.#missedSigns++ > MISSED_SIGNS_MAX) {
        this.end(CLOSE.goingAway, 'no sign of life');
        return;
      }
      socket.probe(() => {
        this.#missedSigns = 0;
      });
    }
    const { outcome } = await knock
      .authenticate(this.#authorization)
      .catch(() => ({ outcome: 'unavailable' as const }));
    if (outcome === 'anonymous') this.end(CLOSE.unauthenticated, 'the token is not accepted any more');
  }
}

const DRAIN_LOOK_MS = 20;
const MISSED_SIGNS_MAX = 1;

/** Names of headers are written in any case. */
function memberOf(params: Readonly<Record<string, unknown>>, name: string): unknown {
  const found = Object.entries(params).find(([key]) => key.toLowerCase() === name)?.[1];
  return found === null ? undefined : found;
}
