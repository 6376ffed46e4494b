/**
 * Where apps knock: `/ws/{tenantId}`, also under the prefix that the app in the field uses. Finds out who it is (token,
 * first message, or the open mode), lets it into the room of its tenant, keeps it to the limits, and closes it when its
 * access ends.
 */
import { errorText, isTenantId, LIMITS } from '@ackord/core';
import {
  type Actor,
  type Authentication,
  CLOSE,
  type Knock,
  type LiveSocket,
  type OriginRules,
  type SocketEndpoint,
  type SocketHandler,
  SocketPace,
} from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, callerOf } from '../access.ts';
import { errorMessage } from '../messages/errors.ts';
import { pongTo } from '../messages/ping.ts';
import { readMessage } from './read-message.ts';
import type { Room } from './room.ts';
import { openSession, type Session } from './session.ts';
import type { SocketTools } from './socket-tools.ts';

export interface EndpointTools {
  readonly tools: SocketTools;
  readonly openAccess: boolean;
  readonly origins: OriginRules;
  /** The room of a tenant, opened if there is none. */
  readonly enter: (tenantId: string) => Room;
  /** The first message: whether the app may sync. */
  readonly greeting: (tenantId: string) => object;
  readonly onOpened: (session: Session) => void;
  readonly onClosed: (session: Session, openedAt: number) => void;
}

const PATH = /^(?:\/ws_finwise)?\/ws\/([^/]+)\/?$/;

export const financeEndpoint = (parts: EndpointTools): SocketEndpoint => ({
  name: 'finance',
  origins: parts.origins,
  compresses: true,
  matches: (path) => PATH.test(path),
  open: (socket, knock) => new Door(parts, socket, knock),
});

const authenticateMessage = z.object({ type: z.literal('authenticate'), token: z.string().min(1) });

/** Between a socket and its session. Thousands exist at once, so what belongs to one is methods, not closures. */
class Door implements SocketHandler {
  readonly #parts: EndpointTools;
  readonly #socket: LiveSocket;
  readonly #authenticate: Knock['authenticate'];
  readonly #tenantId: string | null;
  readonly #pace: SocketPace;
  readonly #openedAt = Date.now();
  readonly #timers = new Set<NodeJS.Timeout>();
  #session: Session | null = null;
  #authentication: Authentication;
  /** What is sent from here on is told to it. */
  #isAdmitted = false;
  #entering: Promise<void>;

  constructor(parts: EndpointTools, socket: LiveSocket, knock: Knock) {
    this.#parts = parts;
    this.#socket = socket;
    this.#authenticate = knock.authenticate;
    this.#authentication = knock.authentication;
    this.#tenantId = decodeTenant(PATH.exec(knock.path)?.[1] ?? '');
    this.#pace = new SocketPace(socket);
    this.#entering = this.#enter();
  }

  message(text: string | null): void {
    this.#pace.begin(text?.length ?? 0);
    (this.#isAdmitted ? this.#handle(text) : this.#take(text))
      .catch((cause: unknown) => this.#failed(cause))
      .finally(() => this.#pace.end());
  }

  closed(): void {
    const { tools, onClosed } = this.#parts;
    this.#pace.close();
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#session === null) return;
    this.#session
      .close()
      .catch((cause: unknown) => tools.logger.warn({ err: cause }, 'others were not told again'));
    onClosed(this.#session, this.#openedAt);
  }

  async #enter(): Promise<void> {
    try {
      await this.#admit();
    } catch (cause) {
      this.#parts.tools.logger.warn({ err: cause }, 'a socket could not be let in');
      this.#socket.close(CLOSE.goingAway, 'try again');
    }
  }

  async #admit(): Promise<void> {
    const { tools, openAccess, enter, greeting, onOpened } = this.#parts;
    const socket = this.#socket;
    const tenantId = this.#tenantId;
    const authentication = this.#authentication;
    if (tenantId === null) return socket.close(CLOSE.forbidden, 'no such tenant');
    const caller = callerOf({ authentication, openAccess });
    if (authentication.outcome === 'unavailable') return socket.close(CLOSE.goingAway, 'try again');
    if (caller.kind === 'refused') {
      if (isSilent(authentication))
        return this.#later(() => this.#giveUpWaiting(), LIMITS.socketCredentialsMsMax);
      return socket.close(CLOSE.unauthenticated, 'the token is not accepted');
    }
    const access = await accessToTenant(tools.engine, caller, tenantId, 'EDITOR');
    if (!access.ok) return socket.close(CLOSE.forbidden, 'no access to this tenant');
    if (!socket.isOpen) return;
    const room = enter(tenantId);
    if (room.size >= LIMITS.socketsPerTenantMax)
      return socket.close(CLOSE.tooManySockets, 'too many connections of this tenant');
    const { actor } = access;
    this.#session = openSession(socket, room, actor, tools, () => void this.#lookAtAccess(actor));
    onOpened(this.#session);
    if (authentication.outcome === 'actor') {
      this.#endWithToken(authentication.expiresAt);
      this.#lookNowAndThen(actor);
    }
    await room.ready;
    this.#isAdmitted = true;
    this.#send(greeting(tenantId));
  }

  /** What comes while it is being found out who it is waits for that; where a token is needed and none came, nothing is found out. */
  async #take(text: string | null): Promise<void> {
    if (this.#session !== null || this.#parts.openAccess || !isSilent(this.#authentication))
      await this.#entering;
    return this.#isAdmitted ? this.#handle(text) : this.#beforeAdmission(text);
  }

  async #handle(text: string | null): Promise<void> {
    const found = readMessage(text);
    if (!found.ok) {
      this.#pace.spend(found.cost);
      return this.#send(found.answer);
    }
    if (this.#session === null) return;
    await found.kind.handle(this.#session, found.message as never);
  }

  /** Before it is let in, an app may only ping, and say who it is. */
  async #beforeAdmission(text: string | null): Promise<void> {
    const message: unknown = text === null ? null : safeParse(text);
    const asked = authenticateMessage.safeParse(message);
    if (asked.success && this.#session === null && isSilent(this.#authentication)) {
      this.#authentication = await this.#authenticate(`Bearer ${asked.data.token}`);
      this.#entering = this.#enter();
      return this.#entering;
    }
    const { type, timestamp } = (message ?? {}) as { type?: unknown; timestamp?: unknown };
    if (type === 'ping') return this.#send(pongTo(timestamp));
    this.#send(errorMessage('UNAUTHENTICATED', 'Wait for the status, or send authenticate first.', type));
  }

  #endWithToken(expiresAt: number): void {
    const left = expiresAt - Date.now();
    if (left <= 0) this.#socket.close(CLOSE.unauthenticated, 'the token has ended');
    else this.#later(() => this.#endWithToken(expiresAt), left);
  }

  #giveUpWaiting(): void {
    if (this.#session === null) this.#socket.close(CLOSE.unauthenticated, 'no token came');
  }

  #lookNowAndThen(actor: Actor): void {
    this.#later(() => {
      void this.#lookAtAccess(actor);
      this.#lookNowAndThen(actor);
    }, LIMITS.socketAccessLookMs);
  }

  /** Somebody may have taken the role away. That the database is away is no reason to think so. */
  async #lookAtAccess(actor: Actor): Promise<void> {
    if (this.#authentication.outcome !== 'actor' || this.#tenantId === null) return;
    const caller = { kind: 'user', userId: actor.userId, actor } as const;
    const { engine } = this.#parts.tools;
    const access = await accessToTenant(engine, caller, this.#tenantId, 'EDITOR').catch(() => null);
    if (access?.ok === false) this.#socket.close(CLOSE.forbidden, 'access has ended');
  }

  #later(work: () => void, ms: number): void {
    const timers = this.#timers;
    // Timers count in 32 bits.
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        work();
      },
      Math.min(ms, 2 ** 31 - 1),
    );
    timer.unref();
    timers.add(timer);
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #failed(cause: unknown): void {
    this.#parts.tools.logger.warn({ err: cause }, 'a message could not be handled');
    const isAway = cause instanceof Error && 'outcome' in cause && cause.outcome === 'unavailable';
    const code = isAway ? 'UNAVAILABLE' : 'INTERNAL';
    this.#send({ type: 'error', code, message: errorText(code) });
  }
}

/** It has shown nothing that could be refused. */
const isSilent = (authentication: Authentication): boolean =>
  authentication.outcome === 'anonymous' && authentication.reason === 'no-token';

function decodeTenant(segment: string): string | null {
  try {
    const id = decodeURIComponent(segment);
    return isTenantId(id) ? id : null;
  } catch {
    return null;
  }
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
