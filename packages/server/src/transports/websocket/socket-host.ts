/**
 * Where sockets come in: looks at each request for one before it is granted (address, origin, how many there are),
 * and hands it, with who calls, to the endpoint that serves the path. Frames are bounded here; what is in them is the
 * endpoint's business. `close` tells all sockets that the server goes away, and waits for them.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '@ackord/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticate, Authentication } from '../../auth/ports.ts';
import { addressKey } from '../../limits/address-key.ts';
import { CLOSE } from './close-codes.ts';
import { authorizationOf, chosenProtocol } from './credentials.ts';
import { type LiveSocket, liveSocket } from './live-socket.ts';
import { isOwnName, mayOpen, type OriginRules } from './origins.ts';

/** What came with the request for a socket. */
export interface Knock {
  /** Path without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The subprotocol that was chosen; empty: none. */
  readonly protocol: string;
  readonly authentication: Authentication;
  /** The token that came along, as the header has it. */
  readonly authorization: string | undefined;
  /** Asks once more, for a token that came as a message. */
  readonly authenticate: Authenticate;
}

/** What an endpoint does with a socket. `text` is null for a binary frame. */
export interface SocketHandler {
  message(text: string | null): void;
  closed(): void;
}

export interface SocketEndpoint {
  readonly name: string;
  matches(path: string): boolean;
  readonly origins: OriginRules;
  /** Compresses what goes to one socket alone: a processor's work for each of them. What many get is compressed once. */
  readonly compresses: boolean;
  open(socket: LiveSocket, knock: Knock): SocketHandler;
}

export interface SocketHost {
  add(endpoint: SocketEndpoint): void;
  readonly size: number;
  /** Tells every socket that the server goes away; resolves when they are closed, or were cut. */
  close(): Promise<void>;
}

export interface SocketHostParts {
  readonly server: Server;
  readonly authenticate: Authenticate;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly onDefect: (cause: unknown) => void;
}

export function createSocketHost({ server, authenticate, addressOf, onDefect }: SocketHostParts): SocketHost {
  const endpoints: SocketEndpoint[] = [];
  const perAddress = new Map<string, number>();
  let closing = false;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.socketFrameBytesMax,
    handleProtocols: chosenProtocol,
    perMessageDeflate: {
      // A context per socket would cost some 300 KB each.
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: LIMITS.compressBytesMin,
      concurrencyLimit: LIMITS.compressionsAtOnceMax,
    },
  });

  const grant = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const endpoint = endpoints.find((one) => one.matches(path));
    if (!endpoint) return refuse(stream, 404, 'Not Found');
    if (closing) return refuse(stream, 503, 'Service Unavailable');
    const { origin, host } = request.headers;
    if (!mayOpen(origin, endpoint.origins) || !isOwnName(host, endpoint.origins))
      return refuse(stream, 403, 'Forbidden');
    const address = addressOf(request);
    const key = addressKey(address);
    if (
      (perAddress.get(key) ?? 0) >= LIMITS.socketsPerAddressMax ||
      sockets.clients.size >= LIMITS.socketsMax
    )
      return refuse(stream, 429, 'Too Many Requests');
    countWhileOpen(perAddress, key, stream);
    // A link that is gone without a word is found out by the system; no app has to answer anything for that.
    request.socket.setKeepAlive(true, LIMITS.socketKeepAliveMs);
    const authorization = authorizationOf(request);
    const authentication = await authenticate(authorization);
    if (stream.destroyed) return;
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const live = liveSocket(socket, address, endpoint.compresses);
      const { headers } = request;
      const { protocol } = socket;
      const knock = { path, headers, protocol, authentication, authorization, authenticate };
      attach(socket, endpoint.open(live, knock));
    });
  };

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', destroyed);
    grant(request, stream, head).catch((cause: unknown) => {
      onDefect(cause);
      refuse(stream, 500, 'Internal Server Error');
    });
  };
  server.on('upgrade', onUpgrade);

  return {
    add: (endpoint) => endpoints.push(endpoint),
    get size() {
      return sockets.clients.size;
    },
    async close() {
      closing = true;
      const open = [...sockets.clients];
      const ended = open.map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of open) {
        socket.resume();
        socket.close(CLOSE.goingAway, 'the server stops');
      }
      const cut = setTimeout(() => {
        for (const socket of open) socket.terminate();
      }, LIMITS.socketCloseMsMax);
      await Promise.all(ended);
      clearTimeout(cut);
    },
  };
}

// Functions of their own, for what a listener can see lives as long as its socket: no request is to be among that.

function attach(socket: WebSocket, handler: SocketHandler): void {
  socket.on('message', (data, isBinary) => handler.message(isBinary ? null : data.toString()));
  socket.on('close', () => handler.closed());
  // ws answers a broken frame itself, with the code that the standard has for it.
  socket.on('error', ignore);
}

function ignore(): void {}

function countWhileOpen(counts: Map<string, number>, key: string, stream: Duplex): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  stream.once('close', () => {
    const left = (counts.get(key) ?? 1) - 1;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
  });
}

/** Whoever hangs up while being looked at is no defect. */
function destroyed(this: Duplex): void {
  this.destroy();
}

/** Before there is a socket: an answer of HTTP. */
function refuse(stream: Duplex, status: number, text: string): void {
  if (stream.destroyed) return;
  stream.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
