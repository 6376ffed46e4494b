/**
 * The HTTP shell: listens, admits, limits, answers errors as JSON, and closes in order. What is served is added by
 * the transports as fastify plugins; they find the caller in `request.authentication`.
 */
import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { LIMITS } from '@ackord/core';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { Authenticate } from './auth/ports.ts';
import type { Config } from './config.ts';
import { addAdmission } from './http/admission.ts';
import { answerBrokenRequest } from './http/broken-request.ts';
import { handleError, sendRefusal } from './http/error-reply.ts';
import { addJsonBody } from './http/json-body.ts';
import { addOperatorRoutes, type ReadinessCheck } from './http/operator-routes.ts';
import { addReceiveLimit } from './http/receive-limit.ts';
import { type Leaving, leave } from './http/shutdown.ts';
import type { Logger } from './observe/logger.ts';
import type { Metrics } from './observe/metrics.ts';

export interface HttpParts {
  readonly config: Config['http'];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly authenticate: Authenticate;
  /** What must be in order before a load balancer may send requests here, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

export interface HttpServer {
  readonly app: FastifyInstance;
  /** Resolves with the address people can open: `http://127.0.0.1:4000`. Rejects when the port is taken. */
  listen(): Promise<{ readonly url: string }>;
  /** No longer ready, then no new connections; what is connected is still served. May be called again. */
  leave(): Promise<void>;
  /** The same, and waits for running requests up to the deadline. May be called again. */
  close(): Promise<void>;
}

export async function createHttpServer(parts: HttpParts): Promise<HttpServer> {
  const { config, logger, metrics } = parts;
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line per request of our own (below): fastify's would hold the URL, and that may hold contents.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: config.bodyBytesMax,
    // Of uploads; everything else has less (receive-limit.ts).
    requestTimeout: LIMITS.uploadMsMax,
    keepAliveTimeout: LIMITS.keepAliveMs,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    // What arrives on open connections while closing is still served, with `Connection: close`: nobody sees an error.
    return503OnClosing: false,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void handleError(error, request as never, reply as never),
  });
  app.server.maxConnections = config.connectionsMax;
  app.server.headersTimeout = LIMITS.headerReceiveMsMax;

  let closing = false;
  let leaving: Promise<Leaving> | undefined;
  const leaveOnce = (): Promise<Leaving> => {
    closing = true;
    leaving ??= leave(app, config);
    return leaving;
  };
  addJsonBody(app);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, { status: 404, code: 'ROUTE_UNKNOWN' }));
  // First, so that a page of an allowed origin can also read refusals.
  await app.register(cors, {
    origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    // The headers that a page asks for are allowed: what they say is checked here anyway.
    exposedHeaders: ['x-request-id', 'retry-after', 'etag', 'accept-ranges', 'content-range'],
    maxAge: 600,
  });
  // Only for routes that ask for it; bodies that come compressed stay refused.
  await app.register(compress, { global: false, encodings: ['br', 'gzip'] });
  const { authenticate, checks } = parts;
  const { bodyBytesMax, requestsPerMinuteMax } = config;
  addReceiveLimit(app);
  addAdmission(app, { authenticate, metrics, bodyBytesMax, requestsPerMinuteMax });
  addHeaders(app);
  addRequestLog(app, metrics);
  addOperatorRoutes(app, { metrics, checks, access: config.metrics, isClosing: () => closing });

  return {
    app,
    async listen() {
      // One address: for `localhost` fastify would open a second server, which goes on listening while the first is closing.
      const { address } = await lookup(config.host);
      await app.listen({ port: config.port, host: address, backlog: LIMITS.connectionsKnockingMax });
      return { url: urlOf(app, config.host) };
    },
    leave: async () => void (await leaveOnce()),
    close: async () => (await leaveOnce()).ended,
  };
}

/** The caller's id if it is a plain short one, so that logs of several systems can be joined. */
const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();

function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
    const html = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    // A page brings scripts of its own and says itself what it may do; an answer must never act as a page.
    if (html) return;
    if (!reply.hasHeader('content-security-policy'))
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

function addRequestLog(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    // The pattern, never the URL: what nobody has declared is one single route.
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    const facts = { method, route, status: reply.statusCode, milliseconds: reply.elapsedTime };
    metrics.request(facts);
    request.log[reply.statusCode >= 500 ? 'warn' : 'debug'](facts, 'request answered');
  });
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  // What means 'every address' can't be opened; this machine's own one always can.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
