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
  matches: (path) => PATH.test(path),
  open: (socket, knock) => openSocket(parts, socket, knock),
});

const authenticateMessage = z.object({ type: z.literal('authenticate'), token: z.string().min(1) });

function openSocket(parts: EndpointTools, socket: LiveSocket, knock: Knock): SocketHandler {
  const { tools } = parts;
  const tenantId = decodeTenant(PATH.exec(knock.path)?.[1] ?? '');
  const openedAt = Date.now();
  const pace = new SocketPace(socket);
  const timers = new Set<NodeJS.Timeout>();
  let session: Session | null = null;
  let authentication = knock.authentication;
  /** What is sent from here on is told to it. */
  let isAdmitted = false;

  const later = (work: () => void, ms: number): void => {
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
  };
  const admit = async (): Promise<void> => {
    if (tenantId === null) return socket.close(CLOSE.forbidden, 'no such tenant');
    const caller = callerOf({ authentication, openAccess: parts.openAccess });
    if (authentication.outcome === 'unavailable') return socket.close(CLOSE.goingAway, 'try again');
    if (caller.kind === 'refused') {
      if (isSilent(authentication)) return later(() => giveUpWaiting(), LIMITS.socketCredentialsMsMax);
      return socket.close(CLOSE.unauthenticated, 'the token is not accepted');
    }
    const access = await accessToTenant(tools.engine, caller, tenantId, 'EDITOR');
    if (!access.ok) return socket.close(CLOSE.forbidden, 'no access to this tenant');
    if (!socket.isOpen) return;
    const room = parts.enter(tenantId);
    if (room.size >= LIMITS.socketsPerTenantMax)
      return socket.close(CLOSE.tooManySockets, 'too many connections of this tenant');
    session = openSession(socket, room, access.actor, tools, () => void lookAtAccess(access.actor));
    parts.onOpened(session);
    if (authentication.outcome === 'actor') {
      endWithToken(authentication.expiresAt);
      lookNowAndThen(access.actor);
    }
    await room.ready;
    isAdmitted = true;
    send(parts.greeting(tenantId));
  };

  const endWithToken = (expiresAt: number): void => {
    const left = expiresAt - Date.now();
    if (left <= 0) socket.close(CLOSE.unauthenticated, 'the token has ended');
    else later(() => endWithToken(expiresAt), left);
  };

  const giveUpWaiting = (): void => {
    if (session === null) socket.close(CLOSE.unauthenticated, 'no token came');
  };

  const lookNowAndThen = (actor: Actor): void =>
    later(() => {
      void lookAtAccess(actor);
      lookNowAndThen(actor);
    }, LIMITS.socketAccessLookMs);

  /** Somebody may have taken the role away. That the database is away is no reason to think so. */
  const lookAtAccess = async (actor: Actor): Promise<void> => {
    if (authentication.outcome !== 'actor' || tenantId === null) return;
    const caller = { kind: 'user', userId: actor.userId, actor } as const;
    const access = await accessToTenant(tools.engine, caller, tenantId, 'EDITOR').catch(() => null);
    if (access?.ok === false) socket.close(CLOSE.forbidden, 'access has ended');
  };

  const handle = async (text: string | null): Promise<void> => {
    const found = readMessage(text);
    if (!found.ok) {
      pace.spend(found.cost);
      return send(found.answer);
    }
    if (session === null) return;
    await found.kind.handle(session, found.message as never);
  };

  /** Before it is let in, an app may only ping, and say who it is. */
  const beforeAdmission = async (text: string | null): Promise<void> => {
    const message: unknown = text === null ? null : safeParse(text);
    const asked = authenticateMessage.safeParse(message);
    if (asked.success && session === null && isSilent(authentication)) {
      authentication = await knock.authenticate(`Bearer ${asked.data.token}`);
      entering = enter();
      return entering;
    }
    const { type, timestamp } = (message ?? {}) as { type?: unknown; timestamp?: unknown };
    if (type === 'ping') return send(pongTo(timestamp));
    send(errorMessage('UNAUTHENTICATED', 'Wait for the status, or send authenticate first.', type));
  };

  const send = (message: object): void => socket.send(JSON.stringify(message));

  const failed = (cause: unknown): void => {
    tools.logger.warn({ err: cause }, 'a message could not be handled');
    const isAway = cause instanceof Error && 'outcome' in cause && cause.outcome === 'unavailable';
    send({
      type: 'error',
      code: isAway ? 'UNAVAILABLE' : 'INTERNAL',
      message: errorText(isAway ? 'UNAVAILABLE' : 'INTERNAL'),
    });
  };

  const enter = (): Promise<void> =>
    admit().catch((cause: unknown) => {
      tools.logger.warn({ err: cause }, 'a socket could not be let in');
      socket.close(CLOSE.goingAway, 'try again');
    });
  let entering = enter();

  /** What comes while it is being found out who it is waits for that; where a token is needed and none came, nothing is found out. */
  const take = async (text: string | null): Promise<void> => {
    if (session !== null || parts.openAccess || !isSilent(authentication)) await entering;
    return isAdmitted ? handle(text) : beforeAdmission(text);
  };

  return {
    message(text) {
      pace.begin(text?.length ?? 0);
      (isAdmitted ? handle(text) : take(text)).catch(failed).finally(() => pace.end());
    },
    closed() {
      pace.close();
      for (const timer of timers) clearTimeout(timer);
      if (session === null) return;
      session
        .close()
        .catch((cause: unknown) => tools.logger.warn({ err: cause }, 'others were not told again'));
      parts.onClosed(session, openedAt);
    },
  };
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
