/**
 * The door (rungs 1 and 2): before a body is read, every request learns who calls, and is turned away when this
 * caller comes too often or the bodies under way would need too much memory.
 */
import { LIMITS } from '@ackord/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate, Authentication } from '../auth/ports.ts';
import { addressKey } from '../limits/address-key.ts';
import { createTokenBuckets } from '../limits/token-buckets.ts';
import type { Metrics } from '../observe/metrics.ts';
import { type Refusal, sendRefusal } from './error-reply.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before any handler runs. */
    authentication: Authentication;
  }
  interface FastifyContextConfig {
    /** Answered for everybody at any time: health checks and the like. */
    readonly open?: boolean;
    /**
     * The route finds out by itself, before a body is read, who may do this, and takes the body as a stream that needs no
     * memory. Only how often an address comes is looked at here.
     */
    readonly streamed?: boolean;
    /** How much somebody without a token may send here; left out: LIMITS.anonymousBodyBytesMax. */
    readonly anonymousBodyBytesMax?: number;
  }
}

export interface AdmissionSettings {
  readonly authenticate: Authenticate;
  readonly metrics: Metrics;
  readonly requestsPerMinuteMax: number;
  readonly bodyBytesMax: number;
  readonly bodyBytesInFlightMax?: number;
}

const RETRY_MS = 1_000;
const NOBODY: Authentication = { outcome: 'anonymous', reason: 'no-token' };

export function addAdmission(app: FastifyInstance, settings: AdmissionSettings): void {
  const { authenticate, metrics, requestsPerMinuteMax, bodyBytesMax } = settings;
  const bodyBytesInFlightMax = Math.max(
    settings.bodyBytesInFlightMax ?? LIMITS.bodyBytesInFlightMax,
    bodyBytesMax,
  );
  const requests = createTokenBuckets({
    perMinuteMax: requestsPerMinuteMax,
    keysMax: LIMITS.trackedCallersMax,
  });
  let bytesInFlight = 0;

  const reserve = (request: FastifyRequest, reply: FastifyReply): Refusal | null => {
    const { config, bodyLimit: bytesMax = bodyBytesMax } = request.routeOptions;
    const bytes = bodyBytes(request, bytesMax);
    if (bytes > bytesMax)
      return { status: 413, code: 'TOO_LARGE', detail: `At most ${bytesMax} bytes are accepted.` };
    const anonymousMax = config.anonymousBodyBytesMax ?? LIMITS.anonymousBodyBytesMax;
    if (bytes > anonymousMax && request.authentication.outcome !== 'actor')
      return largeForNobody(anonymousMax);
    if (bytesInFlight + bytes > bodyBytesInFlightMax)
      return { status: 503, code: 'BUSY', retryAfterMs: RETRY_MS };
    bytesInFlight += bytes;
    // 'close' comes in every case, also when the caller hangs up half-way.
    reply.raw.once('close', () => {
      bytesInFlight -= bytes;
    });
    return null;
  };

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<Refusal | null> => {
    const who = await authenticate(request.headers.authorization);
    request.authentication = who;
    const caller = who.outcome === 'actor' ? `user ${who.actor.userId}` : `address ${addressKey(request.ip)}`;
    const allowed = requests.take(caller);
    if (!allowed.ok) {
      metrics.rateLimited('request');
      return { status: 429, code: 'RATE_LIMITED', retryAfterMs: allowed.retryAfterMs };
    }
    if (who.outcome === 'unavailable') {
      request.log.warn({ cause: who.cause }, 'caller not known just now');
      return { status: 503, code: 'UNAVAILABLE', retryAfterMs: RETRY_MS };
    }
    const refusal = reserve(request, reply);
    if (refusal) metrics.rateLimited('body');
    return refusal;
  };

  const admitStream = (request: FastifyRequest): Refusal | null => {
    const allowed = requests.take(`address ${addressKey(request.ip)}`);
    if (allowed.ok) return null;
    metrics.rateLimited('request');
    return { status: 429, code: 'RATE_LIMITED', retryAfterMs: allowed.retryAfterMs };
  };

  // Declared here and set per request: fastify shares no objects between requests.
  app.decorateRequest('authentication');
  app.addHook('onRequest', async (request, reply) => {
    request.authentication = NOBODY;
    const { open, streamed } = request.routeOptions.config;
    if (open) return;
    const refusal = streamed ? admitStream(request) : await admit(request, reply);
    if (refusal) return sendRefusal(reply, refusal);
  });
}

// Usually a batch whose token has expired: the code tells the client to sign in, and to send it again.
const largeForNobody = (bytesMax: number): Refusal => ({
  status: 413,
  code: 'UNAUTHENTICATED',
  detail: `Without it a request may have ${bytesMax} bytes at most.`,
});

/** What the body will take: as declared; of an undeclared length, as much as it may. */
function bodyBytes({ headers }: FastifyRequest, bodyBytesMax: number): number {
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  return headers['transfer-encoding'] === undefined ? 0 : bodyBytesMax;
}
