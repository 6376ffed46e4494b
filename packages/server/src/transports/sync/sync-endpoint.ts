/**
 * `/sync`: the native protocol over WebSocket. Greets, finds out who it is, keeps each session to the limits, and closes
 * it when its token ends or it has fallen silent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Hello, LIMITS, SYNC_PROTOCOL_VERSION } from '@ackord/core';
import type { Authenticate, Authentication } from '../../auth/ports.ts';
import { CLOSE } from '../websocket/close-codes.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import type { OriginRules } from '../websocket/origins.ts';
import type { Knock, SocketEndpoint, SocketHandler } from '../websocket/socket-host.ts';
import { SocketPace } from '../websocket/socket-pace.ts';
import type { Turn } from './push-gate.ts';
import { readMessage } from './read-message.ts';
import { Silence } from './silence.ts';
import { syncErrorMessage } from './sync-error.ts';
import { resumeAfterMs, SyncSession } from './sync-session.ts';
import type { SyncTools } from './sync-tools.ts';

export interface SyncEndpoint extends SocketEndpoint {
  /** Tells all sessions that the server goes away; resolves when what was under way is answered, or takes too long. */
  sayBye(): Promise<void>;
  close(): void;
}

export function syncEndpoint(tools: SyncTools, origins: OriginRules): SyncEndpoint {
  const connections = new Set<SyncConnection>();
  const silence = new Silence(connections);
  return {
    name: 'sync',
    origins,
    // Pages are large and many are read at a time; over HTTP they are to be had compressed.
    compresses: false,
    matches: (path) => path === '/sync' || path === '/sync/',
    open(socket, knock) {
      const connection = new SyncConnection(tools, socket, knock, () => connections.delete(connection));
      connections.add(connection);
      return connection;
    },
    async sayBye() {
      const answered = Promise.all([...connections].map((connection) => connection.sayBye()));
      await Promise.race([answered, sleep(LIMITS.syncFarewellMsMax, null, { ref: false })]);
    },
    close: () => silence.stop(),
  };
}

/** As most clients write it; others are found out when they are read. */
const LOOKS_LIKE_PUSH = /^\s*\{\s*"type"\s*:\s*"push"/;

class SyncConnection implements SocketHandler {
  readonly #tools: SyncTools;
  readonly socket: LiveSocket;
  readonly #authenticate: Authenticate;
  /** Of the token that came with the request for the socket. */
  readonly #authentication: Authentication;
  readonly #onClosed: () => void;
  readonly #pace: SocketPace;
  #session: SyncSession | null = null;
  #isGreeting = false;
  #tokenTimer: NodeJS.Timeout | undefined;
  #underWay = 0;
  /** Called when the last answer is given; null: no end was announced. */
  #onAnswered: (() => void) | null = null;
  /** When the other side was last heard of. */
  heardAt = performance.now();

  constructor(tools: SyncTools, socket: LiveSocket, knock: Knock, onClosed: () => void) {
    this.#tools = tools;
    this.socket = socket;
    this.#authenticate = knock.authenticate;
    this.#authentication = knock.authentication;
    this.#onClosed = onClosed;
    this.#pace = new SocketPace(socket);
    this.#tokenTimer = setTimeout(() => {
      if (this.#session === null) socket.close(CLOSE.unauthenticated, 'no hello came');
    }, LIMITS.socketCredentialsMsMax).unref();
  }

  message(text: string | null): void {
    this.heardAt = performance.now();
    // After 'bye' nothing is begun that may be cut off: it is sent again, elsewhere.
    if (this.#onAnswered !== null) return;
    this.#pace.begin(text?.length ?? 0);
    this.#underWay++;
    this.#take(text)
      .catch((cause: unknown) => this.#failed(cause))
      .finally(() => {
        this.#underWay--;
        this.#pace.end();
        if (this.#underWay === 0) this.#onAnswered?.();
      });
  }

  closed(): void {
    clearTimeout(this.#tokenTimer);
    this.#pace.close();
    this.#onAnswered?.();
    this.#session?.end();
    this.#onClosed();
  }

  /** Resolves when what was under way is answered, and the socket is told to close. */
  async sayBye(): Promise<void> {
    this.#send({ type: 'bye', resumeAfterMs: resumeAfterMs() });
    await new Promise<void>((resolve) => {
      this.#onAnswered = resolve;
      if (this.#underWay === 0) resolve();
    });
    this.socket.close(CLOSE.goingAway, 'the server stops');
  }

  /** Thousands may push in the same moment: until it is their turn they wait as text, a tenth of what is made of it. */
  async #take(text: string | null): Promise<void> {
    const session = this.#session;
    if (session === null || text === null || !LOOKS_LIKE_PUSH.test(text)) return this.#read(text, null);
    return session.inTurn(text.length, async (turn) => {
      // Whoever hung up meanwhile sends it again.
      if (this.socket.isOpen) await this.#read(text, turn);
    });
  }

  /** `turn`: of a push; null: it was not known that it is one. */
  async #read(text: string | null, turn: Turn | null): Promise<void> {
    const read = readMessage(text);
    if (!read.ok) {
      this.#pace.spend(LIMITS.badMessageCost);
      return this.#send(read.answer);
    }
    const { message } = read;
    if (this.#session !== null) return this.#session.take(message, turn);
    if (message.type === 'ping') return this.#send({ ...message, type: 'pong', time: Date.now() });
    if (message.type !== 'hello' || this.#isGreeting)
      return this.#send(
        syncErrorMessage('UNAUTHENTICATED', 'Say hello first, and wait for welcome.', message),
      );
    this.#isGreeting = true;
    await this.#greet(message as Hello).finally(() => {
      this.#isGreeting = false;
    });
  }

  async #greet(hello: Hello): Promise<void> {
    const { socket } = this;
    const schema = this.#tools.schemaOf(hello.domain);
    if (hello.protocol !== SYNC_PROTOCOL_VERSION) {
      const spoken = `protocol: this server speaks version ${SYNC_PROTOCOL_VERSION}.`;
      this.#send(syncErrorMessage('BAD_USER_INPUT', spoken, hello));
      return socket.close(CLOSE.wrongProtocol, 'another version of the protocol');
    }
    if (schema === null) {
      this.#send(syncErrorMessage('BAD_USER_INPUT', 'domain: there is no such domain here.', hello));
      return socket.close(CLOSE.forbidden, 'no such domain');
    }
    const authentication =
      hello.token === undefined ? this.#authentication : await this.#authenticate(`Bearer ${hello.token}`);
    if (authentication.outcome === 'unavailable') return socket.close(CLOSE.goingAway, 'try again');
    if (authentication.outcome !== 'actor')
      return socket.close(CLOSE.unauthenticated, 'the token is missing or not accepted');
    if (socket.isOpen) this.#welcome(hello, schema, authentication);
  }

  #welcome(
    { domain, device, tenant }: Hello,
    schema: string,
    { actor, session, expiresAt }: Extract<Authentication, { outcome: 'actor' }>,
  ): void {
    const { socket } = this;
    this.#session = new SyncSession({
      tools: this.#tools,
      socket,
      actor,
      domain,
      device: device ?? session,
      tenant: tenant ?? null,
      renew: (token) => this.#renew(actor.userId, token),
    });
    this.#endWithToken(expiresAt);
    this.#send({
      type: 'welcome',
      protocol: SYNC_PROTOCOL_VERSION,
      domain,
      schema,
      session: this.#session.id,
      user: actor.userId,
      epoch: this.#tools.epoch(),
      time: Date.now(),
      tokenEnds: expiresAt,
      silenceMsMax: LIMITS.syncSilenceMsMax,
      changesPerPushMax: LIMITS.changesPerSubmissionMax,
      frameBytesMax: LIMITS.socketFrameBytesMax,
    });
  }

  async #renew(userId: string, token: string): Promise<number | null> {
    const authentication = await this.#authenticate(`Bearer ${token}`);
    if (authentication.outcome !== 'actor' || authentication.actor.userId !== userId) return null;
    this.#endWithToken(authentication.expiresAt);
    return authentication.expiresAt;
  }

  #endWithToken(expiresAt: number): void {
    clearTimeout(this.#tokenTimer);
    const left = expiresAt - Date.now();
    if (left <= 0) this.socket.close(CLOSE.unauthenticated, 'the token has ended');
    // Timers count in 32 bits.
    else
      this.#tokenTimer = setTimeout(() => this.#endWithToken(expiresAt), Math.min(left, 2 ** 31 - 1)).unref();
  }

  #send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  #failed(cause: unknown): void {
    const isAway = cause instanceof Error && 'outcome' in cause && cause.outcome === 'unavailable';
    this.#tools.logger.warn({ err: cause }, 'a message could not be handled');
    this.#send(syncErrorMessage(isAway ? 'UNAVAILABLE' : 'INTERNAL'));
  }
}
